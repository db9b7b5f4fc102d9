import type { Finding, MinedService, SeverityClass } from '../../contracts.ts';
import type { Arrival } from './arrivals.ts';
import { bookCandidate, bookError, bookErrorBirth, bookSpoken } from './novelty-threshold.ts';
import { admit, collectOverflow } from './overflow.ts';
import {
  type Candidate,
  ERROR,
  errorCandidate,
  grownCandidate,
  newCandidate,
  type RarityContext,
  YOUNG_MS,
} from './rarity-candidates.ts';
import { rarityFinding, youngFinding } from './rarity-finding.ts';
import type { ServiceState } from './service-state.ts';
import { NOVELTY_HALF_LIFE_MINUTES } from './template-state.ts';
import { decayFactor, MINUTE_MS, minuteOf } from './time.ts';

/** Minutes after an announcement teach nothing: an incident does not become the norm at once. */
const EPISODE_MS = 30 * MINUTE_MS;
/** A service younger than this learns from its incidents, too: they may be its way of life. */
const EPISODE_AGE_MINUTES = 60;

/** After a version change new templates below ERROR are what a deploy brings. */
export const DEPLOY_MS = 30 * MINUTE_MS;

/** A WARN within this time after an announced ERROR of another service is taken for a symptom of that incident. */
const INCIDENT_MS = 2 * MINUTE_MS;

/** A service is chaotic when this share of what it logs was never seen twice. */
const CHAOTIC_SHARE = 0.5;
const CHAOTIC_ARRIVALS_MIN = 200;

/** Buckets in which a new warning was seen before the end that it is told with, and how many are told. */
const LAST_WORDS_BUCKETS_MIN = 3;
const LAST_WORDS_MAX = 3;

const WARN: SeverityClass = 2;

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
      grownCandidate(service, arrival, context) ??
      (arrival.count.severity >= ERROR
        ? errorCandidate(service, arrival, context)
        : newCandidate(service, arrival, context));
    if (candidate !== null) candidates.push(candidate);
  }
  candidates.sort(
    (x, y) =>
      y.severity - x.severity || y.bits - x.bits || (x.count.templateId < y.count.templateId ? -1 : 1),
  );
  const findings = speak(service, candidates, context).map((finding) =>
    mined.censored[finding.severity] > 0 ? { ...finding, censored: true } : finding,
  );
  if (findings.some(({ severity }) => severity > ERROR)) findings.push(...lastWords(service, context));
  learn(service, mined, arrivals, context);
  return findings;
}

/**
 * A process that dies tells what was new in it shortly before, though it was not surprising enough then: warnings first
 * seen in the last half hour, in some buckets. Their records are not all known here, so the number is a lower bound.
 */
function lastWords(service: ServiceState, { startMs, touched }: RarityContext): Finding[] {
  const findings: Finding[] = [];
  for (const template of service.templates.all()) {
    const { young, severity } = template;
    if (young === null || severity < WARN || young.buckets < LAST_WORDS_BUCKETS_MIN) continue;
    if (startMs - template.firstMs > YOUNG_MS) continue;
    findings.push(youngFinding(service, template, young));
    template.young = null;
    template.announcedMs = startMs;
    touched(template);
  }
  findings.sort((a, b) => a.onsetMs - b.onsetMs || ((a.templateId ?? '') < (b.templateId ?? '') ? -1 : 1));
  return findings.slice(0, LAST_WORDS_MAX);
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
      if (learning) continue;
    }
    if (
      severity >= ERROR &&
      candidate.isNew &&
      candidate.method === 'good_turing_novelty' &&
      candidate.state.young === null
    )
      bookCandidate(context.thresholds, ERROR, candidate.bits);
    if (candidate.bits < candidate.threshold) {
      if (candidate.isNew) candidate.state.young ??= { bits: candidate.bits, buckets: 1 };
      continue;
    }
    if (severity < ERROR) bookSpoken(context.thresholds, severity);
    candidate.state.young = null;
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
  const kept = decayFactor(minute - service.noveltyMinute, NOVELTY_HALF_LIFE_MINUTES);
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
  if (arrival.isNew && arrival.count.severity >= ERROR) bookErrorBirth(context.thresholds);
  if (!arrival.newMinute) return;
  const { state, isNew } = arrival;
  const novelty = service.novelty[Math.min(arrival.count.severity, ERROR)]!;
  const arrivals = state.arrivalsUpTo(minute);
  // A second arrival: the template is no longer one of those seen once.
  if (isNew) novelty.births += 1;
  else if (state.arrivals === 1) novelty.births = Math.max(0, novelty.births - arrivals);
  novelty.arrivals += 1;
  state.arrivals = arrivals + 1;
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
