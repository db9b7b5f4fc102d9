import { halfLifeMinutes, learnMinute, learnZeros } from './baseline.ts';
import { cusumThreshold, skipZeros, stepCusum, zeroStep } from './cusum.ts';
import { dispersionAt, dispersionMax, learnDispersion, learnZeroDispersion } from './dispersion.ts';
import { expectedAtAlarm, GAP_FACTOR, lnZeroRun } from './silence.ts';
import { arrivalRate, isSparseRate, skipSparseZeros, stepSparse } from './sparse.ts';
import { firstSlotAbove, judgeTail } from './tail.ts';
import type { Cusum, RateState } from './template-state.ts';
import { resetCusum } from './template-state.ts';
import { decayFactor, MINUTE_MS } from './time.ts';

/** Minutes with records before a rate is judged; until then only the rarity path speaks. */
export const ACTIVE_MINUTES_MIN = 30;

/** After an alarm the series stays quiet this long: what follows belongs to the same episode. */
export const REFRACTORY_MS = 30 * MINUTE_MS;

/** Weight of the newest minute in the smoothed ratio that feeds the traffic index. */
const RATIO_WEIGHT = 0.2;

/** Minutes with records before deviations are believed to say something about dispersion rather than about the baseline. */
const BURN_IN_MINUTES = 5;

/** Half-life, in minutes with records, of the longest gap: an unannounced pause is not held against a series for ever. */
const GAP_HALF_LIFE_MINUTES = 7 * 1440;

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
}

export type Arm = 'tail' | 'up' | 'down' | 'sparse' | 'zero_run';

/** What one arm says about one series. */
export interface Verdict {
  readonly arm: Arm;
  readonly observed: number;
  readonly expected: number;
  readonly p99: number | null;
  readonly lnP: number | null;
  readonly statistic: number | null;
  readonly threshold: number | null;
  readonly dispersion: number;
  /** Minutes that `observed` and `expected` cover. */
  readonly minutes: number;
  readonly onsetMs: number;
  readonly onsetUncertaintyMs: number;
}

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
  const { baseline } = rate;
  const perMinute = baseline.a / baseline.b;
  const expected = (perMinute * exposure) / minutes;
  const halfLife = halfLifeMinutes(perMinute);
  const zeros = { minutes, expected, nextMinute: beforeMinute };
  if (rate.isSparse) {
    const lambda = arrivalRate(rate.occupied, baseline.b, exposure / minutes);
    skipSparseZeros(rate.sparse, zeros, lambda, dispersionMax(rate.occupancy, clock.occupancyPrior));
    const share = (rate.occupied / baseline.b) * (exposure / minutes);
    learnZeroDispersion(rate.occupancy, minutes, share, rate.occupied, halfLife);
  } else {
    const dispersion = dispersionMax(rate.dispersion, clock.prior);
    skipZeros(rate.up, 'up', zeros, baseline.a, dispersion);
    skipZeros(rate.down, 'down', zeros, baseline.a, dispersion);
  }
  learnZeroDispersion(rate.dispersion, minutes, expected, baseline.a, halfLife);
  learnZeros(baseline, minutes, exposure);
  rate.occupied *= decayFactor(minutes, halfLife);
  rate.ratio *= (1 - RATIO_WEIGHT) ** minutes;
}

/** Judges one minute with records against what is known, then learns from it. The series must have been brought forward. */
export function judgeMinute(
  rate: RateState,
  m: SeriesMinute,
  clock: SeriesClock,
  alpha: number,
  eligible: boolean,
): Verdict | null {
  const { baseline } = rate;
  const perMinute = baseline.a / baseline.b;
  const expected = m.exposure * perMinute;
  const spread = dispersionAt(rate.dispersion, 0, clock.prior);
  let verdict: Verdict | null = null;
  if (eligible) {
    const rise = riseVerdict(rate, m, clock, m.exposureMax * perMinute, alpha);
    const fall = fallVerdict(rate, m, clock, expected, alpha);
    verdict = rise ?? fall;
  } else {
    // Sums grow over minutes without a record too; before a series is judged they would remember only those.
    resetCusum(rate.up, m.minute + 1);
    resetCusum(rate.down, m.minute + 1);
    resetCusum(rate.sparse, m.minute + 1);
  }
  if (!m.censored) learn(rate, m, expected, spread);
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
  resetCusum(rate.up, minute + 1);
  resetCusum(rate.down, minute + 1);
  resetCusum(rate.sparse, minute + 1);
}

function riseVerdict(
  rate: RateState,
  m: SeriesMinute,
  clock: SeriesClock,
  expected: number,
  alpha: number,
): Verdict | null {
  const shape = rate.baseline.a;
  const spread = dispersionAt(rate.dispersion, 0, clock.prior);
  const tail = judgeTail({ lines: m.lines, expected, shape, dispersion: spread }, alpha);
  const rising = stepRise(rate, m, clock, expected, alpha);
  if (tail !== null) {
    const slot = firstSlotAbove(m.slots, expected);
    const slotMs = MINUTE_MS / m.slots.length;
    return {
      arm: 'tail',
      observed: m.lines,
      expected,
      p99: tail.p99,
      lnP: tail.lnP,
      statistic: null,
      threshold: null,
      dispersion: spread,
      minutes: 1,
      onsetMs: m.minute * MINUTE_MS + slot * slotMs,
      onsetUncertaintyMs: slotMs,
    };
  }
  if (!rising) return null;
  const cusum = rate.isSparse ? rate.sparse : rate.up;
  return cusumVerdict(cusum, rate.isSparse ? 'sparse' : 'up', m.minute, alpha, rate, clock);
}

function stepRise(
  rate: RateState,
  m: SeriesMinute,
  clock: SeriesClock,
  expected: number,
  alpha: number,
): boolean {
  const threshold = cusumThreshold(alpha);
  const minute = { minute: m.minute, lines: m.lines, expected };
  if (rate.isSparse) {
    const lambda = arrivalRate(rate.occupied, rate.baseline.b, m.exposureMax);
    return stepSparse(
      rate.sparse,
      minute,
      lambda,
      dispersionMax(rate.occupancy, clock.occupancyPrior),
      threshold,
    );
  }
  const dispersion = dispersionMax(rate.dispersion, clock.prior);
  return stepCusum(rate.up, 'up', minute, rate.baseline.a, dispersion, threshold);
}

function fallVerdict(
  rate: RateState,
  m: SeriesMinute,
  clock: SeriesClock,
  expected: number,
  alpha: number,
): Verdict | null {
  if (m.censored || rate.isSparse) return null;
  const dispersion = dispersionMax(rate.dispersion, clock.prior);
  const minute = { minute: m.minute, lines: m.lines, expected };
  if (!stepCusum(rate.down, 'down', minute, rate.baseline.a, dispersion, cusumThreshold(alpha))) return null;
  return cusumVerdict(rate.down, 'down', m.minute, alpha, rate, clock);
}

function cusumVerdict(
  cusum: Cusum,
  arm: 'up' | 'down' | 'sparse',
  minute: number,
  alpha: number,
  rate: RateState,
  clock: SeriesClock,
): Verdict {
  const minutes = Math.max(1, minute - cusum.sinceMinute + 1);
  return {
    arm,
    observed: cusum.lines,
    expected: cusum.expected,
    p99: null,
    lnP: null,
    statistic: cusum.sum,
    threshold: cusumThreshold(alpha),
    dispersion:
      cusum.dispersion > 0
        ? cusum.dispersion
        : arm === 'sparse'
          ? dispersionMax(rate.occupancy, clock.occupancyPrior)
          : dispersionMax(rate.dispersion, clock.prior),
    minutes,
    onsetMs: cusum.sinceMinute * MINUTE_MS,
    // Measured: the reset lies within a quarter of the run of the true change for most changes.
    onsetUncertaintyMs: Math.max(MINUTE_MS, (minutes * MINUTE_MS) / 4),
  };
}

function learn(rate: RateState, m: SeriesMinute, expected: number, spread: number): void {
  const halfLife = halfLifeMinutes(rate.baseline.a / rate.baseline.b);
  rate.ratio += RATIO_WEIGHT * ((rate.baseline.b * m.lines) / rate.baseline.a - rate.ratio);
  if (rate.activeMinutes >= BURN_IN_MINUTES) {
    learnDispersion(rate.dispersion, m.lines, expected, rate.baseline.a, halfLife);
  }
  if (rate.isSparse) {
    const share = (rate.occupied / rate.baseline.b) * m.exposure;
    learnDispersion(rate.occupancy, 1, Math.min(share, 1), rate.occupied, halfLife);
  }
  rate.occupied = rate.occupied * decayFactor(1, halfLife) + 1;
  learnMinute(rate.baseline, m.lines, m.exposure, spread);
  rate.activeMinutes += 1;
  rate.longestGap *= decayFactor(1, GAP_HALF_LIFE_MINUTES);
  if (rate.silentAfter === null) rate.longestGap = Math.max(rate.longestGap, rate.exposureAt - rate.seenAt);
  rate.lastMinute = m.minute;
  const expectedRate = (m.exposureMax * rate.baseline.a) / rate.baseline.b;
  rate.isSparse = isSparseRate(expectedRate, rate.isSparse, rate.sparse.sum > 0);
}

/**
 * Judges the absence of records at a deadline: silence (no line where many were expected) or fall (the sum alarms).
 * Reads the state as it was at the last record: a silence must not teach what it is judged by.
 */
export function judgeAbsence(
  rate: RateState,
  clock: SeriesClock,
  minute: number,
  lastSeenMs: number,
  alpha: number,
): Verdict | null {
  const { baseline } = rate;
  const dispersion = dispersionMax(rate.dispersion, clock.prior);
  const gap = clock.exposure - rate.seenAt;
  if (gap < GAP_FACTOR * rate.longestGap) return null;
  const perMinute = baseline.a / baseline.b;
  const expected = gap * perMinute;
  const lnP = lnZeroRun(expected, baseline.a, dispersion);
  const minutes = Math.max(1, minute - Math.floor(lastSeenMs / MINUTE_MS));
  if (lnP <= Math.log(alpha)) {
    return {
      arm: 'zero_run',
      observed: 0,
      expected,
      p99: null,
      lnP,
      statistic: null,
      threshold: null,
      dispersion,
      minutes,
      onsetMs: lastSeenMs,
      // The line was due within one mean interval of the last one.
      onsetUncertaintyMs: Math.max(1000, Math.round(MINUTE_MS / perMinute)),
    };
  }
  if (rate.isSparse) return null;
  const threshold = cusumThreshold(alpha);
  const sum = rate.down.sum + gap * zeroStep('down', perMinute, baseline.a, dispersion);
  if (sum <= threshold) return null;
  const sinceMinute = rate.down.sum > 0 ? rate.down.sinceMinute : Math.floor(lastSeenMs / MINUTE_MS) + 1;
  const lines = rate.down.sum > 0 ? rate.down.lines : 0;
  return {
    arm: 'down',
    observed: lines,
    expected: expected + (rate.down.sum > 0 ? rate.down.expected : 0),
    p99: null,
    lnP: null,
    statistic: sum,
    threshold,
    dispersion,
    minutes: Math.max(1, minute - sinceMinute + 1),
    onsetMs: lines === 0 ? lastSeenMs : sinceMinute * MINUTE_MS,
    onsetUncertaintyMs: Math.max(MINUTE_MS, (minutes * MINUTE_MS) / 4),
  };
}

/** Exposure at which the continued absence of records must be judged; at least one minute from now. */
export function absenceDeadline(rate: RateState, clock: SeriesClock, alpha: number): number {
  const { baseline } = rate;
  const dispersion = dispersionMax(rate.dispersion, clock.prior);
  const perMinute = baseline.a / baseline.b;
  let run = expectedAtAlarm(alpha, baseline.a, dispersion) / perMinute + rate.seenAt;
  if (!rate.isSparse) {
    const step = zeroStep('down', perMinute, baseline.a, dispersion);
    if (step > 0) run = Math.min(run, rate.seenAt + (cusumThreshold(alpha) - rate.down.sum) / step);
  }
  const deadline = Math.max(run, rate.seenAt + GAP_FACTOR * rate.longestGap, clock.exposure + 0.5);
  return Math.min(deadline, Number.MAX_SAFE_INTEGER);
}
