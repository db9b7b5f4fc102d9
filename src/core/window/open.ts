import type { Finding } from '../../contracts.ts';
import type { BucketView } from './bucket-view.ts';
import type { Candidate } from './candidate.ts';
import { episodeIdOf, fingerprintOf, windowIdOf } from './identity.ts';
import { FINDINGS_PER_WINDOW, LEAD_MS, OVER_SERVICES_MAX, SERVICES_PER_WINDOW } from './limits.ts';
import { byFirstEvidence } from './rank.ts';
import { MINUTE_MS, type MinuteRing } from './ring.ts';
import { type OpenWindow, type StormReason, severityOf, type WindowService } from './state.ts';
import { trackFinding, trackService } from './track.ts';

export interface Opening {
  /** What revision 1 consists of, in canonical order. */
  readonly group: readonly Candidate[];
  readonly storm: { readonly reason: StormReason; readonly groups: number } | null;
  readonly view: BucketView;
  readonly ring: MinuteRing;
  readonly scannerVersion: string;
  readonly taken: (windowId: string) => boolean;
  /** The running episode this window belongs to, or null. */
  readonly episode: (fingerprint: string) => string | null;
}

/** A window without findings yet; ids and subject are final. */
export function openWindow({
  group,
  storm,
  view,
  ring,
  scannerVersion,
  taken,
  episode,
}: Opening): OpenWindow {
  const findings = group.map((candidate) => candidate.finding);
  const first = findings.reduce((a, b) => (byFirstEvidence(a, b) <= 0 ? a : b));
  const { tenant, environment } = first.service;
  const step = view.bucket.stepMs;
  const onsetBucketMs = Math.floor(first.onsetMs / step) * step;
  const fingerprint = fingerprintOf(tenant, environment, findings);
  let windowId = windowIdOf(fingerprint, onsetBucketMs, scannerVersion);
  for (let n = 1; taken(windowId); n++)
    windowId = windowIdOf(`${fingerprint}+${n}`, onsetBucketMs, scannerVersion);
  const startMs = Math.floor((first.onsetMs - LEAD_MS) / MINUTE_MS) * MINUTE_MS;
  return {
    windowId,
    fingerprint,
    episodeId: episode(fingerprint) ?? episodeIdOf(fingerprint, onsetBucketMs),
    tenant,
    environment,
    subject: subjectOf(findings).service.name,
    startMs,
    storm: storm?.reason ?? null,
    revision: 0,
    baseline: null,
    firstOnsetMs: first.onsetMs,
    latestOnsetMs: first.onsetMs,
    aliveMs: view.bucket.watermarkMs,
    emittedMs: 0,
    pending: 'none',
    countsMoved: false,
    nextFinding: 1,
    nextExemplar: 1,
    nextChange: 1,
    findings: [],
    findingsOver: 0,
    mergedGroups: storm?.groups ?? 0,
    services: [],
    overServices: new Map(),
    changes: [],
    dropped: ring.dropped(startMs),
    frames: 0,
    severityInferred: 0,
    timeInferred: 0,
    redactions: new Map(),
  };
}

/** Adds findings as far as there is room, the most telling first; returns the services that came with them. */
export function addFindings(
  window: OpenWindow,
  group: readonly Candidate[],
  view: BucketView,
  ring: MinuteRing,
  textOf: (serviceKey: string, templateId: string) => string | null,
): WindowService[] {
  const worstBefore = severityOf(window);
  const chosen = choose(group, FINDINGS_PER_WINDOW - window.findings.length);
  const joined: WindowService[] = [];
  for (const candidate of group) {
    const { finding } = candidate;
    const isKnown = window.services.some((entry) => entry.service.key === finding.service.key);
    if (!chosen.has(candidate) || (!isKnown && window.services.length >= SERVICES_PER_WINDOW)) {
      countOver(window, finding);
      continue;
    }
    if (!isKnown) {
      const entry = trackService(window, finding, view, ring);
      window.services.push(entry);
      joined.push(entry);
    }
    const text = finding.templateId === null ? null : textOf(finding.service.key, finding.templateId);
    window.findings.push(trackFinding(window, candidate, view, ring, text ?? ''));
    addCounts(window.redactions, candidate.redactions);
    window.firstOnsetMs = Math.min(window.firstOnsetMs, finding.onsetMs);
    window.latestOnsetMs = Math.max(window.latestOnsetMs, finding.onsetMs);
  }
  if (window.revision > 0) {
    const isUrgent = severityOf(window) > worstBefore || joined.length > 0;
    if (isUrgent) window.pending = 'urgent';
    else if (window.pending === 'none') window.pending = 'ordinary';
  }
  return joined;
}

/** The same statement again, or a mere consequence of it: a new line that goes on being logged also spikes. */
export function isRenewal(known: Finding, again: Finding): boolean {
  if (known.service.key !== again.service.key || known.templateId !== again.templateId) return false;
  if (known.kind === again.kind) return true;
  if (known.templateId === null) return false;
  return isNovel(known) && (isNovel(again) || again.kind === 'spike' || again.kind === 'shift');
}

export function addCounts(counts: Map<string, number>, added: ReadonlyMap<string, number>): void {
  for (const [key, n] of added) counts.set(key, (counts.get(key) ?? 0) + n);
}

function isNovel(finding: Finding): boolean {
  return finding.kind === 'new' || finding.kind === 'rare';
}

/** Worst severity, then first evidence. */
function subjectOf(findings: readonly Finding[]): Finding {
  return findings.reduce((a, b) => ((b.severity - a.severity || byFirstEvidence(a, b)) <= 0 ? a : b));
}

/** One finding per service first (its strongest), then the strongest of the rest. */
function choose(group: readonly Candidate[], room: number): Set<Candidate> {
  const order = [...group].sort(
    (a, b) =>
      b.finding.severity - a.finding.severity ||
      b.finding.score - a.finding.score ||
      byFirstEvidence(a.finding, b.finding),
  );
  const services = new Set<string>();
  const firsts = order.filter(({ finding }) => {
    const isFirst = !services.has(finding.service.key);
    services.add(finding.service.key);
    return isFirst;
  });
  const rest = order.filter((candidate) => !firsts.includes(candidate));
  return new Set([...firsts, ...rest].slice(0, Math.max(0, room)));
}

function countOver(window: OpenWindow, finding: Finding): void {
  window.findingsOver++;
  window.countsMoved = true;
  const { key } = finding.service;
  if (window.services.some((entry) => entry.service.key === key)) return;
  const before = window.overServices.get(key);
  if (before !== undefined || window.overServices.size < OVER_SERVICES_MAX) {
    window.overServices.set(key, (before ?? 0) + 1);
  }
}
