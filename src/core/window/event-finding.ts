import type { FindingTest } from '../../contracts.ts';
import { severityClassName } from '../severity.ts';
import type { EventExemplar, EventFinding } from './event-schema.ts';
import { byCount, capText, compareText, rfc3339, significant } from './format.ts';
import type { CallSite } from './hints.ts';
import { type Lift, lifts, type PairCounts, pairCounts } from './lift.ts';
import { SERIES_MINUTES, TEMPLATE_CHARS } from './limits.ts';
import { summariseParameters } from './parameters.ts';
import { isAbsence } from './rank.ts';
import { MINUTE_MS } from './ring.ts';
import type { Exemplar, FindingSamples, OpenWindow, TrackedFinding, WindowService } from './state.ts';

/** How much of a finding is told. `compact` serves storms and a spent output budget. */
export type Detail = 'full' | 'compact';

export interface FindingContext {
  readonly endMs: number;
  readonly detail: Detail;
  readonly kafkaSources: readonly string[];
  /** UTF-16 units of this finding's further exemplars; the first is always told. */
  readonly bodyChars: number;
}

/** Smaller p-values are told as this one: further digits are about the model's tail, not about the data. */
const LOG10_P_MIN = -15;

const COMPACT_BODY_CHARS = 200;
const COMPACT_TEMPLATE_CHARS = 160;
const COMPACT_ATTRIBUTES = 2;
const ATTRIBUTES_SHOWN = 5;
const NAMES_SHOWN = 5;

export function eventFinding(
  window: OpenWindow,
  tracked: TrackedFinding,
  context: FindingContext,
): EventFinding {
  const { finding, samples } = tracked;
  const isFull = context.detail === 'full';
  const attributes = attributeLifts(window, tracked).slice(0, isFull ? ATTRIBUTES_SHOWN : COMPACT_ATTRIBUTES);
  const params = isFull ? summariseParameters(samples) : [];
  const templateChars = isFull ? TEMPLATE_CHARS : COMPACT_TEMPLATE_CHARS;
  const exemplars = eventExemplars(samples.exemplars, context);
  return {
    ref: tracked.ref,
    kind: finding.kind,
    'service.name': finding.service.name,
    severity: severityClassName(finding.severity),
    ...(finding.templateId === null ? {} : { template_id: finding.templateId }),
    ...(tracked.templateText === ''
      ? {}
      : { 'log.record.template': capText(tracked.templateText, templateChars) }),
    ...(tracked.memberTexts.length === 0
      ? {}
      : { member_templates: tracked.memberTexts.map((text) => capText(text, templateChars)) }),
    ...eventHints(samples.hints),
    onset: rfc3339(finding.onsetMs),
    ...(finding.onsetUncertaintyMs > 0
      ? { onset_uncertainty_s: Math.round(finding.onsetUncertaintyMs / 1000) }
      : {}),
    last_seen: rfc3339(tracked.lastRecordMs),
    count: eventCount(window, tracked, context),
    test: eventTest(finding.test, isFull),
    ...(samples.records.length > 0 ? { sampled: { n: samples.records.length, of: samples.recordsOf } } : {}),
    ...(params.length > 0 ? { params } : {}),
    ...(attributes.length > 0 ? { attributes: attributes.map(eventLift) } : {}),
    ...(samples.exception === null ? {} : { exception: eventException(samples.exception) }),
    ...(samples.names.length > 0 ? { names_services: samples.names.slice(0, NAMES_SHOWN) } : {}),
    ...(exemplars.length > 0 ? { exemplars } : {}),
  };
}

function eventCount(
  window: OpenWindow,
  tracked: TrackedFinding,
  context: FindingContext,
): EventFinding['count'] {
  const { finding } = tracked;
  const { expected, expectedP99, baselinePerMin, observed } = finding;
  const entry = window.services.find((service) => service.service.key === finding.service.key);
  const perMinute =
    context.detail === 'full' && tracked.records > 1 && tracked.perMinute.size > 0
      ? series(tracked, context.endMs)
      : null;
  const versions = byCount(tracked.versions).filter(([version]) => version !== '');
  const isLate = tracked.trackedFromMs > tracked.countedFromMs;
  const instances = instanceCounts(tracked, entry);
  return {
    window: tracked.records,
    window_s: Math.round((context.endMs - tracked.countedFromMs) / 1000),
    ...(tracked.countedFromMs > window.startMs ? { from: rfc3339(tracked.countedFromMs) } : {}),
    ...known({ baseline_per_min: baselinePerMin }),
    observed: Math.round(observed),
    ...known({ expected, expected_p99: expectedP99, ratio: expected === null ? null : observed / expected }),
    // Some templates of an overflow finding may be rare, not new.
    ...(finding.kind === 'new' && finding.members === undefined ? { first_seen_ever: true } : {}),
    ...(tracked.baselineAgeMs === null ? {} : { baseline_s: Math.round(tracked.baselineAgeMs / 1000) }),
    ...(perMinute ?? {}),
    ...(versions.length > 0 ? { by_version: Object.fromEntries(versions) } : {}),
    ...(instances === null ? {} : { instances }),
    ...(isLate && (versions.length > 0 || instances !== null)
      ? { tracked_from: rfc3339(tracked.trackedFromMs) }
      : {}),
    ...(finding.censored ? { censored: true } : {}),
    ...(finding.members === undefined ? {} : { members: finding.members }),
  };
}

/** The figures that are known, rounded: nothing stands for an unknown one, nor for a ratio to nothing. */
function known<K extends string>(figures: Record<K, number | null>): { [P in K]?: number } {
  const entries = Object.entries<number | null>(figures).flatMap(([key, value]) =>
    value !== null && Number.isFinite(value) ? [[key, significant(value)] as const] : [],
  );
  return Object.fromEntries(entries) as { [P in K]?: number };
}

type Series = Pick<EventFinding['count'], 'per_min' | 'per_min_from' | 'per_min_last_s'>;

function series(tracked: TrackedFinding, endMs: number): Series {
  const last = Math.floor((endMs - 1) / MINUTE_MS);
  const first = Math.max(Math.floor(tracked.countedFromMs / MINUTE_MS), last - SERIES_MINUTES + 1);
  const counts: (number | null)[] = [];
  for (let minute = first; minute <= last; minute++) counts.push(tracked.perMinute.get(minute) ?? null);
  const lastSeconds = (endMs - last * MINUTE_MS) / 1000;
  return {
    per_min: counts,
    per_min_from: rfc3339(first * MINUTE_MS),
    ...(lastSeconds < 60 ? { per_min_last_s: Math.round(lastSeconds) } : {}),
  };
}

/** How many of the service's known instances the finding touches; null where instances have no names. */
function instanceCounts(
  tracked: TrackedFinding,
  entry: WindowService | undefined,
): { affected: number; known: number; censored?: boolean } | null {
  const affected = [...tracked.instances.keys()].filter((instance) => instance !== '').length;
  if (affected === 0 || entry === undefined || isAbsence(tracked.finding.kind)) return null;
  const known = Math.max(affected, [...entry.instances.keys()].filter((instance) => instance !== '').length);
  return {
    affected,
    known,
    ...(tracked.instancesCensored || entry.instancesCensored ? { censored: true } : {}),
  };
}

/** The sentence of the test only where it says more than its numbers do. */
function eventTest(test: FindingTest, isFull: boolean): EventFinding['test'] {
  const rounded = (value: number | undefined): number | undefined =>
    value === undefined || !Number.isFinite(value) ? undefined : significant(value);
  const log10P = test.log10P === undefined || Number.isNaN(test.log10P) ? undefined : test.log10P;
  const hasFigure = test.bits !== undefined || log10P !== undefined;
  return dropUndefined({
    method: test.method,
    bits: rounded(test.bits),
    threshold_bits: rounded(test.thresholdBits),
    log10_p: log10P === undefined ? undefined : significant(Math.max(LOG10_P_MIN, log10P)),
    log10_p_capped: log10P !== undefined && log10P < LOG10_P_MIN ? true : undefined,
    log10_alpha: rounded(test.log10Alpha),
    dispersion: rounded(test.dispersion),
    statistic: rounded(test.statistic),
    threshold: rounded(test.threshold),
    explain: test.explain === '' || (!isFull && hasFigure) ? undefined : capText(test.explain, 200),
  });
}

/** Sampled attributes, and exact counts by instance and version: one pod of ten shows here. */
function attributeLifts(window: OpenWindow, tracked: TrackedFinding): Lift[] {
  const entry = window.services.find((service) => service.service.key === tracked.finding.service.key);
  const { templateId, kind } = tracked.finding;
  if (entry === undefined || templateId === null || isAbsence(kind)) return [];
  return lifts(
    [
      ...pairCounts(tracked.samples.pairs, entry.samples.pairs),
      ...exactCounts('service.instance.id', tracked.instances, entry.instances),
      ...exactCounts('service.version', tracked.versions, entry.versions),
    ],
    ATTRIBUTES_SHOWN,
  );
}

function exactCounts(
  key: string,
  here: ReadonlyMap<string, number>,
  there: ReadonlyMap<string, number>,
): PairCounts[] {
  const total = (counts: ReadonlyMap<string, number>): number =>
    [...counts.values()].reduce((a, b) => a + b, 0);
  const [hereTotal, thereTotal] = [total(here), total(there)];
  if (there.size < 2) return [];
  return [...here]
    .filter(([value]) => value !== '')
    .sort((a, b) => compareText(a[0], b[0]))
    .map(([value, n]) => ({ key, value, here: n, hereTotal, there: there.get(value) ?? 0, thereTotal }));
}

function eventLift({
  key,
  value,
  share,
  serviceShare,
  logOdds,
  q,
}: Lift): NonNullable<EventFinding['attributes']>[number] {
  return {
    key,
    value,
    share: significant(share, 2),
    service_share: significant(serviceShare, 2),
    log_odds: significant(logOdds, 2),
    q: significant(Math.max(1e-15, q), 2),
  };
}

function eventException(
  exception: NonNullable<FindingSamples['exception']>,
): NonNullable<EventFinding['exception']> {
  const frame = exception.inAppFrame;
  return dropUndefined({
    type: exception.type,
    in_app_frame: frame === undefined ? undefined : codePlace(frame),
    library_frames_above: exception.libraryFramesAbove,
    library_frames: exception.libraryFrames,
    stack_fingerprint: exception.stackFingerprint,
  });
}

function eventHints(
  hints: FindingSamples['hints'],
): Pick<EventFinding, 'event_name' | 'template_upstream' | 'call_site'> {
  const site = hints?.callSite;
  return dropUndefined({
    event_name: hints?.eventName,
    template_upstream: hints?.upstreamTemplate,
    call_site: site === undefined ? undefined : codePlace(site),
  });
}

function codePlace(place: CallSite): NonNullable<EventFinding['call_site']> {
  return dropUndefined({
    'code.function.name': place.functionName,
    'code.file.path': place.filePath,
    'code.line.number': place.lineNumber,
  });
}

function eventExemplars(exemplars: readonly Exemplar[], context: FindingContext): EventExemplar[] {
  const isFull = context.detail === 'full';
  let left = context.bodyChars;
  const out: EventExemplar[] = [];
  for (const exemplar of isFull ? exemplars : exemplars.slice(0, 1)) {
    const body = capText(exemplar.body, isFull ? Math.max(COMPACT_BODY_CHARS, left) : COMPACT_BODY_CHARS);
    if (out.length > 0 && left < body.length) break;
    left -= body.length;
    out.push(eventExemplar(exemplar, body, context.kafkaSources));
  }
  return out;
}

function eventExemplar(exemplar: Exemplar, body: string, kafkaSources: readonly string[]): EventExemplar {
  const { source, topic, partition, offset, index } = exemplar;
  return {
    ref: exemplar.ref,
    ...(exemplar.serviceName === '' ? {} : { 'service.name': exemplar.serviceName }),
    ...(exemplar.nearTemplateId === '' ? {} : { near_template_id: exemplar.nearTemplateId }),
    time: rfc3339(exemplar.timeMs),
    body,
    ...(exemplar.truncated || body.length < exemplar.body.length ? { truncated: true } : {}),
    ...(exemplar.traceId === '' ? {} : { trace_id: exemplar.traceId }),
    ...(exemplar.spanId === '' ? {} : { span_id: exemplar.spanId }),
    ...(kafkaSources.includes(source)
      ? { kafka: { topic, partition, offset, index } }
      : { position: { source, topic, partition, offset, index } }),
  };
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function dropUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Defined<T>;
}
