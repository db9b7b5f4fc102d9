import type { Finding, MinedService, SeverityClass, TemplateCount } from '../../contracts.ts';
import type { Budget } from './budget.ts';
import { lexicalBits } from './lexical.ts';
import type { ThresholdState } from './novelty-threshold.ts';
import {
  bookCandidate,
  bookError,
  bookErrorBirth,
  bookSpoken,
  errorThresholds,
  mayReturn,
  noveltyThreshold,
} from './novelty-threshold.ts';
import type { DetectSettings } from './options.ts';
import { admit, collectOverflow } from './overflow.ts';
import { rarityFinding } from './rarity-finding.ts';
import { ACTIVE_MINUTES_MIN } from './series.ts';
import type { ClassNovelty, ServiceState } from './service-state.ts';
import type { TemplateState } from './template-state.ts';
import { decayFactor, MINUTE_MS, MINUTES_PER_DAY, minuteOf } from './time.ts';

const HALF_LIFE_MINUTES = 7 * MINUTES_PER_DAY;

/** Pseudo-counts that stand for a service's unseen minutes: thin history gives 7 bits to a first ERROR, not 20. */
const PRIOR_MINUTES = 60;

/** Pseudo-arrivals of a severity class (Good–Turing with thin history). */
const PRIOR_ARRIVALS = 4;

/** Without an ERROR for this long, the next one is news again if ERRORs are rare there. */
const CLASS_QUIET_MS = 10 * MINUTE_MS;
/** The same for one template whose service logs other ERRORs. */
const TEMPLATE_QUIET_MS = 30 * MINUTE_MS;

/** Minutes after an announcement teach nothing: an incident does not become the norm at once. */
const EPISODE_MS = 30 * MINUTE_MS;
/** A service younger than this learns from its incidents, too: they may be its way of life. */
const EPISODE_AGE_MINUTES = 60;

/** After a version change new templates below ERROR are what a deploy brings. */
export const DEPLOY_MS = 30 * MINUTE_MS;
const DEBUG_BITS = -3;

/** A WARN within this time after an announced ERROR of another service is taken for a symptom of that incident. */
const INCIDENT_MS = 2 * MINUTE_MS;
/** A WARN that was only ever such a symptom, in at most this many minutes, is news when it comes by itself. */
const INCIDENT_ARRIVALS_MAX = 6;

/** A known template is rare again when its discounted count and its age since the last record pass both. */
const DORMANT_COUNT = 0.05;
const DORMANT_MS = 14 * MINUTES_PER_DAY * MINUTE_MS;

/** A service is chaotic when this share of what it logs was never seen twice. */
const CHAOTIC_SHARE = 0.5;
const CHAOTIC_ARRIVALS_MIN = 200;

/** A known ERROR is news again when one bucket holds so many, and so many times the most before. */
const BURST_RECORDS_MIN = 5;
const BURST_FACTOR = 4;

const ERROR: SeverityClass = 3;

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

/** One template's records of this bucket beside its state before them. */
export interface Arrival {
  readonly count: TemplateCount;
  readonly state: TemplateState;
  readonly severity: SeverityClass;
  /** Never seen before (and no tombstone). */
  readonly isNew: boolean;
  /** First bucket of its minute with a record. */
  readonly newMinute: boolean;
}

export interface RarityContext {
  readonly budget: Budget;
  readonly options: DetectSettings;
  readonly thresholds: ThresholdState;
  readonly startMs: number;
}

/** Judges one service's bucket for novelty, then learns from it. Findings come out at once, not at the minute's end. */
export function judgeRarity(
  service: ServiceState,
  mined: MinedService,
  arrivals: readonly Arrival[],
  context: RarityContext,
): Finding[] {
  age(service, minuteOf(context.startMs));
  const candidates: Candidate[] = [];
  for (const arrival of arrivals) {
    const candidate =
      arrival.severity >= ERROR
        ? errorCandidate(service, arrival, context)
        : newCandidate(service, arrival, context);
    if (candidate !== null) candidates.push(candidate);
  }
  candidates.sort(
    (x, y) =>
      y.severity - x.severity || y.bits - x.bits || (x.count.templateId < y.count.templateId ? -1 : 1),
  );
  const findings = speak(service, candidates, context).map((finding) =>
    mined.censored[finding.severity] > 0 ? { ...finding, censored: true } : finding,
  );
  learn(service, mined, arrivals, context);
  return findings;
}

/** At ERROR and above: any ERROR where there (nearly) never is one; else a new or rare one among the routine. */
function errorCandidate(service: ServiceState, arrival: Arrival, context: RarityContext): Candidate | null {
  const { count, state, severity, isNew } = arrival;
  if (!isNew && !isBurst(arrival) && !isLongLost(service, arrival, context)) return null;
  const novelty = service.novelty[ERROR]!;
  const first = Math.log2((service.activeMinutes + PRIOR_MINUTES) / (novelty.minutes + 0.5));
  const bars = errorThresholds(context.thresholds, context.budget, context.startMs);
  const classQuiet = novelty.lastMs === null || count.firstMs - novelty.lastMs > CLASS_QUIET_MS;
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
  if (!isNew && count.firstMs - state.lastMs <= TEMPLATE_QUIET_MS) return null;
  const within = isNew ? birthBits(novelty) : knownBits(novelty, state, minuteOf(context.startMs));
  const bits = first + within;
  if (bits < bars.joint || within <= 0) return null;
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

/** A known ERROR in a number never seen before, while its rate is not judged yet. */
function isBurst({ count, state }: Arrival): boolean {
  const isJudged = state.rate !== null && state.rate.activeMinutes >= ACTIVE_MINUTES_MIN;
  return !isJudged && count.records >= BURST_RECORDS_MIN && count.records >= BURST_FACTOR * state.peak;
}

/** A known ERROR that comes back so seldom that the budget has room for all of its kind. */
function isLongLost(service: ServiceState, { state }: Arrival, context: RarityContext): boolean {
  const minute = minuteOf(context.startMs);
  const minutes = minute - minuteOf(service.firstMs);
  const observedDays =
    (HALF_LIFE_MINUTES / Math.LN2 / MINUTES_PER_DAY) * (1 - decayFactor(minutes, HALF_LIFE_MINUTES));
  const arrivals = state.arrivals * decayFactor(minute - state.arrivalsMinute, HALF_LIFE_MINUTES);
  return mayReturn(context.thresholds, context.budget, (arrivals + 0.5) / observedDays);
}

/** Below ERROR: new templates (and dormant ones) whose surprise within their class passes the budget's bar. */
function newCandidate(service: ServiceState, arrival: Arrival, context: RarityContext): Candidate | null {
  const { count, state, severity, isNew } = arrival;
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
  const arrivals = state.arrivals * decayFactor(minute - state.arrivalsMinute, HALF_LIFE_MINUTES);
  return Math.log2((novelty.arrivals + PRIOR_ARRIVALS) / (arrivals + 0.5));
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
    state.arrivals * decayFactor(elapsed / MINUTE_MS, HALF_LIFE_MINUTES) < DORMANT_COUNT
  );
}

/** Applies bars, the deploy rule and admission; what is not admitted is collected, never dropped. */
function speak(service: ServiceState, candidates: readonly Candidate[], context: RarityContext): Finding[] {
  const findings: Finding[] = [];
  const ms = context.startMs;
  const deploying = service.versionChangedMs !== null && ms - service.versionChangedMs < DEPLOY_MS;
  // The last two thirds of the silent time tell what is usual, the first is nothing but new.
  const learning = ms - service.firstMs < context.options.learnMs;
  let booked = false;
  for (const candidate of candidates) {
    const { severity, count } = candidate;
    if (severity < ERROR) {
      if (deploying) {
        if (!learning) collectOverflow(service, candidate, ms);
        continue;
      }
      if (!booked && candidate.threshold > 0) bookCandidate(context.thresholds, severity, candidate.bits);
      booked = true;
      if (learning || candidate.bits < candidate.threshold) continue;
      bookSpoken(context.thresholds, severity);
    }
    candidate.state.announcedMs = count.firstMs;
    service.novelty[severity]!.announcedMs = count.firstMs;
    if (severity >= ERROR) {
      service.novelty[ERROR]!.announcedMs = count.firstMs;
      bookError(context.thresholds, ms);
    }
    if (admit(service, ms)) findings.push(rarityFinding(service, candidate));
    else collectOverflow(service, candidate, ms);
  }
  return findings;
}

function inIncident(context: RarityContext): boolean {
  const { errorLastMs } = context.thresholds;
  return errorLastMs !== null && context.startMs - errorLastMs < INCIDENT_MS;
}

/** Discounts the service's counts of novelty. */
function age(service: ServiceState, minute: number): void {
  const kept = decayFactor(minute - service.noveltyMinute, HALF_LIFE_MINUTES);
  if (kept === 1) return;
  for (const novelty of service.novelty) {
    novelty.arrivals *= kept;
    novelty.births *= kept;
    novelty.minutes *= kept;
  }
  service.activeMinutes *= kept;
  service.noveltyMinute = minute;
}

function learn(
  service: ServiceState,
  mined: MinedService,
  arrivals: readonly Arrival[],
  context: RarityContext,
): void {
  const { startMs } = context;
  const minute = minuteOf(startMs);
  const ownErrorMs = service.novelty[ERROR]!.announcedMs;
  // Beside an ERROR of its own service a WARN is an accompaniment; beside one of another service it is the symptom.
  const ordinary = !inIncident(context) || (ownErrorMs !== null && startMs - ownErrorMs < INCIDENT_MS);
  if (service.openMinute !== minute) service.activeMinutes += 1;
  for (const arrival of arrivals) {
    learnArrival(service, arrival, context);
    const spoke = !arrival.isNew && arrival.state.announcedMs === arrival.count.firstMs;
    if (ordinary && !spoke) arrival.state.ordinary = true;
  }
  learnClass(service, 2, mined.severity[2] > 0, startMs);
  learnClass(service, ERROR, mined.severity[3] + mined.severity[4] > 0, startMs);
  judgeChaos(service);
}

function learnArrival(service: ServiceState, arrival: Arrival, context: RarityContext): void {
  const minute = minuteOf(context.startMs);
  arrival.state.peak = Math.max(arrival.state.peak, arrival.count.records);
  if (arrival.isNew && arrival.severity >= ERROR) bookErrorBirth(context.thresholds);
  if (!arrival.newMinute) return;
  const { state, isNew } = arrival;
  const novelty = service.novelty[Math.min(arrival.severity, ERROR)]!;
  const kept = decayFactor(minute - state.arrivalsMinute, HALF_LIFE_MINUTES);
  // A second arrival: the template is no longer one of those seen once.
  if (isNew) novelty.births += 1;
  else if (state.arrivals === 1) novelty.births = Math.max(0, novelty.births - kept);
  novelty.arrivals += 1;
  state.arrivals = state.arrivals * kept + 1;
  state.arrivalsMinute = minute;
}

/** Counts the minutes in which a class speaks, except those that an announced finding explains. */
function learnClass(service: ServiceState, severity: SeverityClass, present: boolean, startMs: number): void {
  if (!present) return;
  const novelty = service.novelty[severity]!;
  const newMinute = novelty.lastMs === null || minuteOf(novelty.lastMs) !== minuteOf(startMs);
  const explained =
    novelty.announcedMs !== null &&
    startMs - novelty.announcedMs > 0 &&
    startMs - novelty.announcedMs < EPISODE_MS &&
    service.activeMinutes >= EPISODE_AGE_MINUTES;
  if (newMinute && !explained) novelty.minutes += 1;
  novelty.lastMs = startMs;
}

function judgeChaos(service: ServiceState): void {
  let arrivals = 0;
  let births = 0;
  for (const novelty of service.novelty) {
    arrivals += novelty.arrivals;
    births += novelty.births;
  }
  service.quarantined = arrivals >= CHAOTIC_ARRIVALS_MIN && births > CHAOTIC_SHARE * arrivals;
}
