// What may speak, and by how many bits: the scores of the rarity path. `rarity.ts` decides and learns.
import type { SeverityClass, TemplateCount } from '../../contracts.ts';
import type { Arrival } from './arrivals.ts';
import type { Budget } from './budget.ts';
import { lexicalBits } from './lexical.ts';
import { errorThresholds, mayReturn, noveltyThreshold, type ThresholdState } from './novelty-threshold.ts';
import type { DetectSettings } from './options.ts';
import type { ClassNovelty, ServiceState } from './service-state.ts';
import { ACTIVE_MINUTES_MIN, NOVELTY_HALF_LIFE_MINUTES, type TemplateState } from './template-state.ts';
import { decayFactor, MINUTE_MS, MINUTES_PER_DAY, minuteOf } from './time.ts';

/** Pseudo-counts that stand for a service's unseen minutes: thin history gives 7 bits to a first ERROR, not 20. */
const PRIOR_MINUTES = 60;

/** Pseudo-arrivals of a severity class (Good–Turing with thin history). */
const PRIOR_ARRIVALS = 4;

/** Without an ERROR for this long, the next one is news again if ERRORs are rare there. */
const CLASS_QUIET_MS = 10 * MINUTE_MS;

/** The same for one template whose service logs other ERRORs. */
const TEMPLATE_QUIET_MS = 30 * MINUTE_MS;

const DEBUG_BITS = -3;

/** A WARN that was only ever such a symptom, in at most this many minutes, is news when it comes by itself. */
const INCIDENT_ARRIVALS_MAX = 6;

/** A known template is rare again when its discounted count and its age since the last record pass both. */
const DORMANT_COUNT = 0.05;

const DORMANT_MS = 14 * MINUTES_PER_DAY * MINUTE_MS;

/** A known ERROR is news again when one bucket holds so many, and so many times the most before. */
const BURST_RECORDS_MIN = 5;

const BURST_FACTOR = 4;

/** A new template may earn its finding by going on for this long. */
export const YOUNG_MS = 30 * MINUTE_MS;

/** FATAL counts this much more than ERROR (+8 and +5 bits in the first design). */
const FATAL_BITS = 3;

export const ERROR: SeverityClass = 3;

/** A first line of a new template that may speak, before admission. */
export interface Candidate {
  readonly count: TemplateCount;
  readonly state: TemplateState;
  readonly severity: SeverityClass;
  readonly bits: number;
  readonly threshold: number;
  readonly method: 'first_error' | 'good_turing_novelty' | 'dormant';
  readonly isNew: boolean;
  /** What people are told of where it was seen before. */
  readonly past: 'never' | 'rarely' | 'long ago' | 'in incidents only';
}

export interface RarityContext {
  readonly budget: Budget;
  readonly options: DetectSettings;
  readonly thresholds: ThresholdState;
  readonly startMs: number;
  /** Called for each template whose state changed although it had no record. */
  touched(template: TemplateState): void;
}

/** At ERROR and above: any ERROR where there (nearly) never is one; else a new or rare one among the routine. */
export function errorCandidate(
  service: ServiceState,
  arrival: Arrival,
  context: RarityContext,
): Candidate | null {
  const { count, state, isNew } = arrival;
  const { severity, firstMs } = count;
  const novelty = service.novelty[ERROR]!;
  const classQuiet = novelty.lastMs === null || firstMs - novelty.lastMs > CLASS_QUIET_MS;
  const goesOn = !isNew && firstMs - state.lastMs <= TEMPLATE_QUIET_MS;
  if (goesOn && !classQuiet) return null;
  if (!isNew && !isBurst(arrival) && !isLongLost(service, arrival, context)) return null;
  const fatal = severity > ERROR ? FATAL_BITS : 0;
  const first = Math.log2((service.activeMinutes + PRIOR_MINUTES) / (novelty.minutes + 0.5)) + fatal;
  const bars = errorThresholds(context.thresholds, context.budget, context.startMs);
  if (classQuiet && first >= bars.first) {
    return {
      count,
      state,
      severity,
      bits: first,
      threshold: bars.first,
      method: 'first_error',
      isNew,
      past: isNew ? 'never' : 'rarely',
    };
  }
  if (goesOn) return null;
  const within = isNew ? birthBits(novelty) : knownBits(novelty, state, minuteOf(context.startMs));
  const bits = first + within + (isNew ? Math.log2(count.records) : 0);
  if ((bits < bars.joint && !isNew) || within <= 0) return null;
  return {
    count,
    state,
    severity,
    bits,
    threshold: bars.joint,
    method: 'good_turing_novelty',
    isNew,
    past: isNew ? 'never' : 'rarely',
  };
}

/**
 * A new template that was not surprising enough at birth, and goes on: each doubling of the buckets it was seen in adds a
 * bit, as long as it is young. One line of its kind is chance, a line every minute is a change.
 */
export function grownCandidate(
  service: ServiceState,
  arrival: Arrival,
  context: RarityContext,
): Candidate | null {
  const { count, state } = arrival;
  const { severity } = count;
  const { young } = state;
  if (young === null) return null;
  if (count.firstMs - state.firstMs > YOUNG_MS) {
    state.young = null;
    return null;
  }
  young.buckets += 1;
  if (service.quarantined && severity < ERROR) return null;
  const threshold =
    severity >= ERROR
      ? errorThresholds(context.thresholds, context.budget, context.startMs).joint
      : noveltyThreshold(context.thresholds, context.budget, severity);
  const bits = young.bits + Math.log2(young.buckets);
  if (bits < threshold) return null;
  return {
    count,
    state,
    severity,
    bits,
    threshold,
    method: 'good_turing_novelty',
    isNew: true,
    past: 'never',
  };
}

/** A known ERROR in a number never seen before, while its rate is not judged yet. */
function isBurst({ count, state }: Arrival): boolean {
  if (count.records < BURST_RECORDS_MIN || count.records < BURST_FACTOR * state.peak) return false;
  return state.rate === null || state.rate.activeMinutes < ACTIVE_MINUTES_MIN;
}

/** A known ERROR that comes back so seldom that the budget has room for all of its kind. */
function isLongLost(service: ServiceState, { state }: Arrival, context: RarityContext): boolean {
  const minute = minuteOf(context.startMs);
  const minutes = minute - minuteOf(service.firstMs);
  const observedDays =
    (NOVELTY_HALF_LIFE_MINUTES / Math.LN2 / MINUTES_PER_DAY) *
    (1 - decayFactor(minutes, NOVELTY_HALF_LIFE_MINUTES));
  return mayReturn(context.thresholds, context.budget, (state.arrivalsUpTo(minute) + 0.5) / observedDays);
}

/** Below ERROR: new templates (and dormant ones) whose surprise within their class passes the budget's bar. */
export function newCandidate(
  service: ServiceState,
  arrival: Arrival,
  context: RarityContext,
): Candidate | null {
  const { count, state, isNew } = arrival;
  const { severity } = count;
  const past = isNew ? 'never' : pastOf(state, severity, count.firstMs);
  if (past === null || count.candidate) return null;
  if (service.quarantined || context.startMs - service.firstMs < context.options.learnMs / 3) return null;
  const novelty = service.novelty[severity]!;
  const classBits =
    severity === 2 ? Math.log2((service.activeMinutes + PRIOR_MINUTES) / (novelty.minutes + 0.5)) : 0;
  const bits =
    Math.max(0, classBits) +
    (isNew ? birthBits(novelty) : knownBits(novelty, state, minuteOf(context.startMs))) +
    lexicalBits(count.exemplar.wire) +
    (severity === 0 ? DEBUG_BITS : 0);
  const bar =
    past === 'in incidents only' ? 0 : noveltyThreshold(context.thresholds, context.budget, severity);
  const method = past === 'long ago' ? 'dormant' : 'good_turing_novelty';
  return { count, state, severity, bits, threshold: bar, method, isNew, past };
}

/** Good–Turing: the chance that the next arrival of this class is a template never seen. */
function birthBits(novelty: ClassNovelty): number {
  return Math.log2((novelty.arrivals + PRIOR_ARRIVALS) / (Math.max(0, novelty.births) + 0.5));
}

/** The chance that the next arrival of this class is this known template. */
function knownBits(novelty: ClassNovelty, state: TemplateState, minute: number): number {
  return Math.log2((novelty.arrivals + PRIOR_ARRIVALS) / (state.arrivalsUpTo(minute) + 0.5));
}

/** Why a known template below ERROR may speak; null = it may not. */
function pastOf(
  state: TemplateState,
  severity: SeverityClass,
  ms: number,
): 'long ago' | 'in incidents only' | null {
  if (isDormant(state, ms)) return 'long ago';
  const quiet = ms - state.lastMs > CLASS_QUIET_MS;
  if (severity !== 2 || state.ordinary || !quiet || state.arrivals > INCIDENT_ARRIVALS_MAX) return null;
  return 'in incidents only';
}

function isDormant(state: TemplateState, ms: number): boolean {
  const elapsed = ms - state.lastMs;
  return (
    elapsed > DORMANT_MS &&
    state.arrivals * decayFactor(elapsed / MINUTE_MS, NOVELTY_HALF_LIFE_MINUTES) < DORMANT_COUNT
  );
}
