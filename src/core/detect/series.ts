import { halfLifeMinutes, learnMinute, learnZeros, teachingCap } from './baseline.ts';
import { FALL, RISE, resetCusum, SUM, skipZeros } from './cusum.ts';
import { dispersionMax, dispersionUpTo, learnDispersion, learnZeroDispersion } from './dispersion.ts';
import { fallVerdict } from './falls.ts';
import { learnGap } from './gaps.ts';
import type { Numbers } from './numbers.ts';
import { BASELINE, DISPERSION, DOWN, GAPS, OCCUPANCY, RECENT, SPARSE, SURGE, UP } from './rate-places.ts';
import type { RateState } from './rate-state.ts';
import { FALL_SUM, learnRecentMinute, learnRecentZeros, RISE_SUM, skipRecentZeros } from './recent.ts';
import { riseVerdict, spikeVerdict } from './rises.ts';
import { arrivalRate, isSparseRate, SPARSE_RISE, SPARSE_SURGE, skipSparseZeros } from './sparse.ts';
import { spreadOf } from './spread.ts';
import { decayFactor, MINUTE_MS, MINUTES_PER_DAY } from './time.ts';
import type { Verdict } from './verdict.ts';

/** After an alarm the series stays quiet this long: what follows belongs to the same episode. */
export const REFRACTORY_MS = 30 * MINUTE_MS;

/** Weight of the newest minute in the smoothed ratio that feeds the traffic index. */
const RATIO_WEIGHT = 0.2;

/** Minutes with records before deviations are believed to say something about dispersion rather than about the baseline. */
const BURN_IN_MINUTES = 5;

/** Half-life, in minutes with records, of the longest gap: an unannounced pause is not held against a series for ever. */
const GAP_KEPT = decayFactor(1, 7 * MINUTES_PER_DAY);

/** Where a service's clocks stand for one severity class (see `Exposure`), and what its templates lend each other. */
export interface SeriesClock {
  readonly exposure: number;
  readonly observed: number;
  /** Dispersion per block length, as lent by the other series of the service. */
  readonly prior: readonly number[];
  /** The same for minutes with a record instead of lines. */
  readonly occupancyPrior: readonly number[];
}

/** One minute of one series. */
export interface SeriesMinute {
  readonly minute: number;
  readonly lines: number;
  readonly slots: readonly number[];
  /** Minutes of usual traffic that this minute is worth (the traffic index), at the least: for falls and for learning. */
  readonly exposure: number;
  /** The same at the most: for rises. Apart only while traffic changes. */
  readonly exposureMax: number;
  /** The count is a lower bound: falls are not judged, nothing is learnt. */
  readonly censored: boolean;
  /** Of a service's lines: those that are too many of one template, whose own series judges them. */
  readonly elsewhere?: number;
}

/**
 * What of a series may be judged: a rare line has no rate for hours, yet forty of them in a minute are a spike; and what
 * has begun an hour ago may be a burst that ends as it should.
 */
export type Eligibility = 'all' | 'rises' | 'spikes' | 'none';

/** Adds the minutes without a record since the series was last touched, up to the clock. */
export function bringForward(rate: RateState, clock: SeriesClock, beforeMinute: number): void {
  let minutes = clock.observed - rate.observedAt;
  let exposure = clock.exposure - rate.exposureAt;
  rate.observedAt = clock.observed;
  rate.exposureAt = clock.exposure;
  if (minutes <= 0) return;
  if (rate.silentAfter !== null && exposure > rate.silentAfter) {
    // Of an announced silence only what led to the alarm teaches: an incident does not become the norm.
    minutes = Math.max(1, Math.round((minutes * rate.silentAfter) / exposure));
    exposure = rate.silentAfter;
  }
  const { numbers, perMinute, a, b } = rate;
  const expected = (perMinute * exposure) / minutes;
  const halfLife = halfLifeMinutes(perMinute);
  const zeros = { minutes, expected, nextMinute: beforeMinute };
  if (rate.isSparse) {
    const lambda = arrivalRate(rate.occupied, b, exposure / minutes);
    const spread = dispersionMax(numbers, OCCUPANCY, clock.occupancyPrior);
    skipSparseZeros(numbers, SPARSE, SPARSE_RISE, zeros, lambda, spread);
    skipSparseZeros(numbers, SURGE, SPARSE_SURGE, zeros, lambda, spread);
    const share = (rate.occupied / b) * (exposure / minutes);
    learnZeroDispersion(numbers, OCCUPANCY, minutes, share, rate.occupied, halfLife);
  } else {
    const spread = spreadOf(rate, clock);
    skipZeros(numbers, UP, RISE, zeros, { perMinute, shape: a, dispersion: spread.long });
    const gaps = Math.max(spread.long, spread.gaps);
    skipZeros(numbers, DOWN, FALL, zeros, { perMinute, shape: a, dispersion: gaps });
    skipRecentZeros(numbers, RECENT, zeros, exposure, perMinute, spread);
  }
  learnRecentZeros(numbers, RECENT, minutes, exposure);
  learnZeroDispersion(numbers, DISPERSION, minutes, expected, a, halfLife);
  learnZeros(numbers, BASELINE, minutes, exposure);
  rate.occupied *= decayFactor(minutes, halfLife);
  rate.ratio *= (1 - RATIO_WEIGHT) ** minutes;
}

/** Judges one minute with records against what is known, then learns from it. The series must have been brought forward. */
export function judgeMinute(
  rate: RateState,
  m: SeriesMinute,
  clock: SeriesClock,
  alpha: number,
  eligible: Eligibility,
): Verdict | null {
  let verdict: Verdict | null = null;
  if (eligible === 'all' || eligible === 'rises') {
    const spread = spreadOf(rate, clock);
    verdict = riseVerdict(rate, m, clock, spread, alpha);
    const fall = eligible === 'all' ? fallVerdict(rate, m, spread, alpha) : null;
    verdict ??= fall;
    if (eligible === 'rises') resetFalls(rate.numbers, m.minute + 1);
  } else {
    if (eligible === 'spikes') verdict = spikeVerdict(rate, m, clock, alpha);
    // Sums grow over minutes without a record too; before a series is judged they would remember only those.
    resetSums(rate, m.minute + 1);
  }
  if (!m.censored) learn(rate, m, clock);
  rate.silentAfter = null;
  if (verdict === null || m.minute * MINUTE_MS < rate.refractoryUntilMs) return null;
  const goesOn = continues(rate, verdict);
  markAlarm(rate, m.minute, verdict.arm !== 'down');
  return goesOn ? null : verdict;
}

/** Minutes between an alarm and the onset of the next one in the same direction within which it is still the same episode. */
const EPISODE_SLACK_MINUTES = 5;

/** The sum alarms again because the shift that was told still lasts: nothing new. */
function continues(rate: RateState, verdict: Verdict): boolean {
  if (rate.alarmMinute === null || verdict.arm === 'tail' || rate.alarmUp !== (verdict.arm !== 'down'))
    return false;
  return verdict.onsetMs / MINUTE_MS - rate.alarmMinute <= EPISODE_SLACK_MINUTES;
}

/** Notes the alarm, sets the refractory time and begins all sums anew. */
export function markAlarm(rate: RateState, minute: number, up: boolean): void {
  rate.alarmMinute = minute;
  rate.alarmUp = up;
  rate.refractoryUntilMs = minute * MINUTE_MS + REFRACTORY_MS;
  resetSums(rate, minute + 1);
}

function resetSums({ numbers }: RateState, nextMinute: number): void {
  resetCusum(numbers, UP, nextMinute);
  resetCusum(numbers, SPARSE, nextMinute);
  resetCusum(numbers, SURGE, nextMinute);
  resetCusum(numbers, RECENT + RISE_SUM, nextMinute);
  resetFalls(numbers, nextMinute);
}

function resetFalls(numbers: Numbers, nextMinute: number): void {
  resetCusum(numbers, DOWN, nextMinute);
  resetCusum(numbers, RECENT + FALL_SUM, nextMinute);
}

function learn(rate: RateState, m: SeriesMinute, clock: SeriesClock): void {
  const { numbers, a, b } = rate;
  const expected = (m.exposure * a) / b;
  const spread = dispersionUpTo(numbers, DISPERSION, 0, clock.prior);
  const halfLife = halfLifeMinutes(a / b);
  rate.ratio += RATIO_WEIGHT * ((b * m.lines) / a - rate.ratio);
  if (rate.activeMinutes >= BURN_IN_MINUTES)
    learnDispersion(numbers, DISPERSION, m.lines, expected, a, halfLife);
  if (rate.isSparse) {
    const share = (rate.occupied / b) * m.exposure;
    learnDispersion(numbers, OCCUPANCY, 1, Math.min(share, 1), rate.occupied, halfLife);
  }
  rate.occupied = rate.occupied * decayFactor(1, halfLife) + 1;
  const lines = Math.min(m.lines, teachingCap(numbers, BASELINE, m.exposure, spread));
  learnRecentMinute(numbers, RECENT, lines, m.exposure);
  learnMinute(numbers, BASELINE, lines, m.exposure);
  rate.activeMinutes += 1;
  rate.longestGap *= GAP_KEPT;
  const gap = rate.exposureAt - rate.seenAt;
  if (rate.silentAfter === null) rate.longestGap = Math.max(rate.longestGap, gap);
  if (gap > 0) learnGap(numbers, GAPS, Math.min(gap, rate.silentAfter ?? gap));
  rate.lastMinute = m.minute;
  const expectedRate = (m.exposureMax * rate.a) / rate.b;
  rate.isSparse = isSparseRate(expectedRate, rate.isSparse, numbers[SPARSE + SUM]! > 0);
}
