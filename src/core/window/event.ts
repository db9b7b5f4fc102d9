import type { BaselineLookup, WindowStatus } from '../../contracts.ts';
import { severityClassName } from '../severity.ts';
import { coverageOf, timeOf } from './coverage.ts';
import { type Detail, eventFinding, type FindingContext } from './event-finding.ts';
import type { EventExemplar, EventFinding, EventService, WindowData, WindowEvent } from './event-schema.ts';
import { byCount, compareText, rfc3339, significant, sum } from './format.ts';
import { headlineOf } from './headline.ts';
import { isOfService } from './members.ts';
import type { Similar } from './past.ts';
import { byFirstEvidence, byPriority, isAbsence, rankedServices } from './rank.ts';
import { type OpenWindow, severityOf, type TrackedFinding, type WindowService } from './state.ts';

/** About the size of an event told in full: the room it is asked for before it is written. */
export const FULL_EVENT_BYTES = 12_000;

export interface EventContext {
  readonly pipeline: string;
  readonly kafkaSources: readonly string[];
  readonly baselines: BaselineLookup;
  readonly watermarkMs: number;
  /** End of the last bucket. */
  readonly endMs: number;
  /** Windows that are open and began about the same time, nearest first. */
  readonly alsoOpen: readonly OpenWindow[];
  readonly similar: readonly Similar[];
  /** Services of the tenant seen lately that are in no open window. */
  readonly quietServices: number;
  /** False: the output budget is spent, so that the event is told compactly. */
  readonly hasRoom: boolean;
}

const STATUS_EVENT = {
  open: 'opened',
  updated: 'updated',
  closed: 'closed',
  suppressed: 'suppressed',
} as const;

/** OTLP severity numbers per class. */
const SEVERITY_NUMBERS = [5, 9, 13, 17, 21] as const;

/** A traffic index in this range is "as usual". */
const UNCHANGED_MIN = 0.8;
const UNCHANGED_MAX = 1.25;

const ALSO_OPEN_SERVICES = 3;
const FINDINGS_COMPACT = 8;
const FINDINGS_FULL_DETAIL = 8;

/** UTF-16 units of exemplar bodies for the first findings; the rest shows short ones. */
const BODY_CHARS = 1_200;

const UNTRUSTED = [
  'body',
  'params.name',
  'params.values',
  'attributes.key',
  'attributes.value',
  'exception',
  'log.record.template',
  'event_name',
  'template_upstream',
  'call_site',
];
const NOT_OBSERVED = [
  'metrics',
  'traces beyond ids',
  'config or feature-flag changes',
  'logs outside the configured sources',
];

/** One revision of a window as it is stored and fed. */
export function buildEvent(window: OpenWindow, status: WindowStatus, context: EventContext): WindowEvent {
  const severity = severityOf(window);
  const name = severityClassName(severity);
  return {
    specversion: '1.0',
    type: `dev.winnow.window.${STATUS_EVENT[status]}.v1`,
    source: `winnow://${context.pipeline}`,
    id: `${window.windowId}.r${window.revision}`,
    subject: window.subject,
    time: rfc3339(context.watermarkMs),
    datacontenttype: 'application/json',
    dataschema: 'https://winnow.dev/schema/window/v1.json',
    partitionkey: `${window.tenant}|${window.subject}`,
    correlationid: window.episodeId,
    severitytext: name.toUpperCase() as WindowEvent['severitytext'],
    severitynumber: SEVERITY_NUMBERS[severity],
    data: buildData(window, status, context),
  };
}

function buildData(window: OpenWindow, status: WindowStatus, context: EventContext): WindowData {
  const ranked = rankedServices(window);
  const { shown, findings } = shownFindings(window, context);
  const storm = stormOf(window);
  const main = findings[shown.indexOf([...shown].sort(bySeverityThenOnset)[0]!)]!;
  const total = window.findings.length + window.findingsOver;
  const shared = sharedTraces(shown);
  return {
    window_id: window.windowId,
    revision: window.revision,
    status,
    episode_id: window.episodeId,
    fingerprint: window.fingerprint,
    tenant: window.tenant,
    headline: headlineOf(findings, main, storm, total),
    ...(storm === undefined ? {} : { storm }),
    time: timeOf(window, context.watermarkMs),
    scope: {
      'deployment.environment.name': window.environment,
      services: ranked.map((entry) => eventService(window, entry, context)),
    },
    coverage: coverageOf(window, context.baselines),
    findings,
    ...(Object.keys(shared).length === 0 ? {} : { shared_traces: shared }),
    changes: window.changes.map(({ ref, change }) => ({
      ref,
      kind: change.kind,
      'service.name': change.service.name,
      ...(change.from === '' ? {} : { from: change.from }),
      ...(change.to === '' ? {} : { to: change.to }),
      at: rfc3339(change.atMs),
      before_onset_s: Math.round((window.firstOnsetMs - change.atMs) / 1000),
    })),
    ...(context.alsoOpen.length === 0 ? {} : { also_open: context.alsoOpen.map(eventAlsoOpen) }),
    unchanged: unchangedOf(ranked, context),
    ...(context.similar.length === 0 ? {} : { similar: context.similar.map(eventSimilar) }),
    omitted: omittedOf(window, findings),
    redaction: redactionOf(window),
    untrusted: UNTRUSTED,
    not_observed: NOT_OBSERVED,
  };
}

function eventSimilar(similar: Similar, i: number): NonNullable<WindowData['similar']>[number] {
  const { windowId, onsetMs, similarity, same, different } = similar;
  return {
    ref: `S${i + 1}`,
    window_id: windowId,
    at: rfc3339(onsetMs),
    similarity,
    same: [...same],
    different: [...different],
  };
}

/** Findings in the order of their references; when told compactly, those of the highest priority. */
function shownFindings(
  window: OpenWindow,
  context: EventContext,
): { shown: TrackedFinding[]; findings: EventFinding[] } {
  const isCompact = !context.hasRoom || window.storm !== null;
  const order = [...window.findings].sort(byPriority);
  const chosen = order.slice(0, isCompact ? FINDINGS_COMPACT : order.length);
  const first = [...window.findings].sort((a, b) => byFirstEvidence(a.finding, b.finding))[0]!;
  // The first evidence is what the services are ranked by, the first sign what a reader looks for: both are always told.
  const told = [first, firstSignOf(window)];
  for (const tracked of told) {
    if (!chosen.includes(tracked)) chosen[chosen.findLastIndex((one) => !told.includes(one))] = tracked;
  }
  const shown = window.findings.filter((tracked) => chosen.includes(tracked));
  const findings = shown.map((tracked) => {
    const isHigh =
      told.includes(tracked) ||
      (order.indexOf(tracked) < FINDINGS_FULL_DETAIL && !isRepetition(tracked, order));
    const detail: Detail = isCompact || !isHigh ? 'compact' : 'full';
    const findingContext: FindingContext = {
      endMs: context.endMs,
      detail,
      kafkaSources: context.kafkaSources,
      bodyChars: BODY_CHARS,
    };
    return eventFinding(window, tracked, findingContext);
  });
  return { shown, findings };
}

/** What `firstSign` of the text needs: the earliest at WARN and above, without any the earliest at all. */
function firstSignOf(window: OpenWindow): TrackedFinding {
  const telling = window.findings.filter(({ finding }) => finding.severity >= 2);
  const among = telling.length > 0 ? telling : window.findings;
  return among.reduce((best, one) => (one.finding.onsetMs < best.finding.onsetMs ? one : best));
}

/** Told twice in full already: a block of lines that one fault writes at once needs no third example in full. */
function isRepetition(tracked: TrackedFinding, order: readonly TrackedFinding[]): boolean {
  const { service, kind } = tracked.finding;
  const before = order.slice(0, order.indexOf(tracked));
  return (
    before.filter(({ finding }) => finding.service.key === service.key && finding.kind === kind).length >= 2
  );
}

/** What the headline speaks of: the worst, and of equals the first. */
function bySeverityThenOnset(a: TrackedFinding, b: TrackedFinding): number {
  const isMany = (tracked: TrackedFinding): number => (tracked.finding.members === undefined ? 0 : 1);
  return (
    b.finding.severity - a.finding.severity || isMany(a) - isMany(b) || byFirstEvidence(a.finding, b.finding)
  );
}

function stormOf(window: OpenWindow): WindowData['storm'] {
  if (window.storm === null) return undefined;
  return {
    reason: window.storm,
    windows_merged: window.mergedGroups,
    services_merged: window.services.length + window.overServices.size,
    findings_merged: window.findings.length + window.findingsOver,
  };
}

function eventService(window: OpenWindow, entry: WindowService, context: EventContext): EventService {
  const { service } = entry;
  const change = window.changes.findLast(
    (shown) => shown.change.kind === 'service.version' && shown.change.service.key === service.key,
  )?.change;
  const version = change?.to || byCount(entry.versions).find(([name]) => name !== '')?.[0];
  const known = [...entry.instances.keys()].filter((instance) => instance !== '').length;
  const affected = new Set(
    window.findings
      .filter(({ finding }) => finding.service.key === service.key && !isAbsence(finding.kind))
      .flatMap((tracked) => [...tracked.instances.keys()].filter((instance) => instance !== '')),
  ).size;
  const index = entry.traffic;
  return {
    'service.name': service.name,
    ...(service.namespace === '' ? {} : { 'service.namespace': service.namespace }),
    ...(version === undefined ? {} : { 'service.version': version }),
    ...(change === undefined || change.from === '' ? {} : { previous_version: change.from }),
    ...(change === undefined ? {} : { version_changed_at: rfc3339(change.atMs) }),
    ...(known === 0 ? {} : { instances: Math.max(known, affected) }),
    ...(affected === 0 ? {} : { instances_affected: affected }),
    ...(known > 0 && entry.instancesCensored ? { instances_censored: true } : {}),
    ...(index === null ? {} : { traffic_index: significant(index) }),
    records: entry.records,
    ...(entry.countedFromMs > window.startMs ? { records_from: rfc3339(entry.countedFromMs) } : {}),
    ...(context.baselines.isQuarantined(service.key) ? { quarantined: true } : {}),
  };
}

/** Distinct traces in both samples; samples prefer the same traces (smallest hash), so that the share means something. */
function sharedTraces(shown: readonly TrackedFinding[]): Record<string, number> {
  const traced = shown
    .map((tracked) => ({
      ref: tracked.ref,
      ids: new Set(tracked.samples.records.map((r) => r.traceId).filter((id) => id !== '')),
    }))
    .filter(({ ids }) => ids.size > 0);
  const out: Record<string, number> = {};
  let pairs = 0;
  for (const [i, later] of traced.entries()) {
    for (const earlier of traced.slice(0, i)) {
      const shared = [...later.ids].filter((id) => earlier.ids.has(id)).length;
      if (shared === 0 || pairs >= SHARED_PAIRS_MAX) continue;
      pairs++;
      out[`${earlier.ref}_${later.ref}`] = shared;
      out[`of_${later.ref}_traced`] = later.ids.size;
    }
  }
  return out;
}

const SHARED_PAIRS_MAX = 6;

function unchangedOf(ranked: readonly WindowService[], context: EventContext): string[] {
  const out: string[] = [];
  for (const { service, traffic: index } of ranked) {
    if (index === null || index < UNCHANGED_MIN || index > UNCHANGED_MAX) continue;
    out.push(`${service.name} traffic (index ${significant(index)})`);
  }
  const others = context.quietServices;
  if (others > 0) out.push(`${others} other ${others === 1 ? 'service' : 'services'}: no open window`);
  return out;
}

function omittedOf(window: OpenWindow, findings: readonly EventFinding[]): WindowData['omitted'] {
  const isOwn = (exemplar: EventExemplar): boolean =>
    exemplar.near_template_id === undefined && exemplar['service.name'] === undefined;
  const shown = sum(findings.map((finding) => finding.exemplars?.filter(isOwn).length ?? 0));
  const told = window.findings.filter(({ finding }) => !isOfService(finding) && !isAbsence(finding.kind));
  const records = sum(told.map((tracked) => tracked.records));
  return {
    findings: window.findings.length + window.findingsOver - findings.length,
    services: window.overServices.size,
    templates_in_overflow: sum(window.findings.map(({ finding }) => finding.members ?? 0)),
    exemplars: Math.max(0, records - shown),
    details: `/v1/windows/${window.windowId}?full=1`,
  };
}

function eventAlsoOpen(window: OpenWindow): NonNullable<WindowData['also_open']>[number] {
  return {
    window_id: window.windowId,
    onset: rfc3339(window.firstOnsetMs),
    severity: severityClassName(severityOf(window)),
    services: rankedServices(window)
      .slice(0, ALSO_OPEN_SERVICES)
      .map((entry) => entry.service.name),
  };
}

function redactionOf(window: OpenWindow): WindowData['redaction'] {
  const rules = [...window.redactions].sort((a, b) => compareText(a[0], b[0]));
  return {
    total: sum(rules.map(([, n]) => n)),
    ...(rules.length === 0 ? {} : { by_rule: Object.fromEntries(rules) }),
    ips_kept: 'all',
  };
}
