import type { Finding } from '../../contracts.ts';
import type { Candidate } from './rarity-candidates.ts';
import type { ServiceState } from './service-state.ts';
import { TOKENS_MAX } from './service-state.ts';
import { HOUR_MS, MINUTE_MS } from './time.ts';

/** Findings of novelty that one service may raise an hour once its burst is spent. */
const TOKENS_PER_HOUR = 3;

/** An overflow is told this long after it began, so that one finding can stand for all of it: a deploy takes its time. */
const COLLECT_ERRORS_MS = MINUTE_MS;
const COLLECT_REST_MS = 10 * MINUTE_MS;

/** And at most this often: an incident goes on to be told, what a deploy brings is told once. */
const SPEAK_ERRORS_EVERY_MS = 5 * MINUTE_MS;
const SPEAK_REST_EVERY_MS = HOUR_MS;

/** Fewer stragglers below ERROR wait for company. */
const TELL_MIN = 5;

const MEMBERS_MAX = 50;

/** Takes a token from the service's bucket; false = none left. */
export function admit(service: ServiceState, ms: number): boolean {
  const refilled = service.tokens + (TOKENS_PER_HOUR * Math.max(0, ms - service.tokensMs)) / HOUR_MS;
  service.tokens = Math.min(TOKENS_MAX, refilled);
  service.tokensMs = ms;
  if (service.tokens < 1) return false;
  service.tokens -= 1;
  return true;
}

/** Adds a candidate to the service's one overflow finding. */
export function collectOverflow(service: ServiceState, candidate: Candidate, ms: number): void {
  const { count, severity, bits } = candidate;
  service.overflow ??= {
    sinceMs: count.firstMs,
    lastMs: count.lastMs,
    collectedMs: ms,
    templates: 0,
    records: 0,
    errors: 0,
    severity: 0,
    score: 0,
    templateIds: [],
  };
  const overflow = service.overflow;
  overflow.sinceMs = Math.min(overflow.sinceMs, count.firstMs);
  overflow.lastMs = Math.max(overflow.lastMs, count.lastMs);
  overflow.templates += 1;
  overflow.records += count.records;
  if (severity >= 3) overflow.errors += 1;
  if (severity > overflow.severity) overflow.severity = severity;
  overflow.score = Math.max(overflow.score, bits);
  if (overflow.templateIds.length < MEMBERS_MAX) overflow.templateIds.push(count.templateId);
}

/** The overflow finding, when it is time to tell it. `ms` is the event time up to which everything was seen. */
export function takeOverflow(service: ServiceState, ms: number): Finding | null {
  const { overflow } = service;
  if (overflow === null) return null;
  if (overflow.errors === 0 && overflow.templates < TELL_MIN) return null;
  if (ms - overflow.collectedMs < (overflow.errors > 0 ? COLLECT_ERRORS_MS : COLLECT_REST_MS)) return null;
  const every = overflow.errors > 0 ? SPEAK_ERRORS_EVERY_MS : SPEAK_REST_EVERY_MS;
  if (service.overflowSpokeMs !== null && ms - service.overflowSpokeMs < every) return null;
  service.overflow = null;
  service.overflowSpokeMs = ms;
  const version = service.versionChangedMs === null ? undefined : service.versions.at(-1)?.[0];
  const deploy = version === undefined || version === '' ? '' : ` (version ${version})`;
  return {
    kind: 'new',
    service: service.ref,
    templateId: null,
    severity: overflow.severity,
    onsetMs: overflow.sinceMs,
    onsetUncertaintyMs: 1000,
    lastSeenMs: overflow.lastMs,
    observed: overflow.records,
    expected: null,
    expectedP99: null,
    baselinePerMin: null,
    score: overflow.score,
    censored: false,
    test: {
      method: 'overflow',
      bits: overflow.score,
      explain: `+${overflow.templates} new or rare templates in ${service.ref.name}${deploy}, ${overflow.errors} of them ERROR, ${overflow.records} records`,
    },
    members: overflow.templates,
    memberTemplateIds: overflow.templateIds,
  };
}
