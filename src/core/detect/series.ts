import { halfLifeMinutes, learnMinute, learnZeros, teachingCap } from './baseline.ts';
import { type Cusum, cusumThreshold, resetCusum, skipZeros, stepCusum } from './cusum.ts';
import {
  dispersionAt,
  dispersionGuess,
  dispersionMax,
  learnDispersion,
  learnZeroDispersion,
} from './dispersion.ts';
import {
  isRecentUsable,
  learnRecentMinute,
  learnRecentZeros,
  type Recent,
  recentDispersion,
  recentRate,
  stepRecentFall,
} from './recent.ts';
import { arrivalRate, isSparseRate, skipSparseZeros, stepSparse } from './sparse.ts';
import { firstSlotAbove, judgeTail } from './tail.ts';
import type { RateState } from './template-state.ts';
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

/** What of a series may be judged: a rare line has no rate for hours, yet forty of them in a minute are a spike. */
export type Eligibility = 'all' | 'spikes' | 'none';

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
  /** Judged against the last hour, not against days and nights. */
  readonly isRecent?: true;
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
    const { recent } = rate;
    if (isRecentUsable(recent)) {
      const level = (recentRate(recent, perMinute) * exposure) / minutes;
      const spread = recentDispersion(recent, clock.prior);
      skipZeros(recent.fall, 'down', { ...zeros, expected: level }, recent.lines / spread, spread);
    }
  }
  learnRecentZeros(rate.recent, minutes, exposure);
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
  eligible: Eligibility,
): Verdict | null {
  const { baseline } = rate;
  const perMinute = baseline.a / baseline.b;
  const expected = m.exposure * perMinute;
  const spread = dispersionAt(rate.dispersion, 0, clock.prior);
  let verdict: Verdict | null = null;
  if (eligible === 'all') {
    const rise = riseVerdict(rate, m, clock, m.exposureMax * perMinute, alpha);
    const fall = fallVerdict(rate, m, clock, expected, alpha);
    verdict = rise ?? fall;
  } else {
    if (eligible === 'spikes') verdict = spikeVerdict(rate, m, clock, m.exposureMax * perMinute, alpha, true);
    // Sums grow over minutes without a record too; before a series is judged they would remember only those.
    resetCusum(rate.up, m.minute + 1);
    resetCusum(rate.down, m.minute + 1);
    resetCusum(rate.sparse, m.minute + 1);
    resetCusum(rate.recent.fall, m.minute + 1);
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
  resetCusum(rate.recent.fall, minute + 1);
}

function riseVerdict(
  rate: RateState,
  m: SeriesMinute,
  clock: SeriesClock,
  expected: number,
  alpha: number,
): Verdict | null {
  const rising = stepRise(rate, m, clock, expected, alpha);
  const spike = spikeVerdict(rate, m, clock, expected, alpha, false);
  if (spike !== null || !rising) return spike;
  const cusum = rate.isSparse ? rate.sparse : rate.up;
  return cusumVerdict(cusum, rate.isSparse ? 'sparse' : 'up', m.minute, alpha, rate, clock);
}

/** `isGuess`: too few minutes with records have shown how the series bursts; the dispersion is taken higher. */
function spikeVerdict(
  rate: RateState,
  m: SeriesMinute,
  clock: SeriesClock,
  expected: number,
  alpha: number,
  isGuess: boolean,
): Verdict | null {
  const dispersion = (isGuess ? dispersionGuess : dispersionAt)(rate.dispersion, 0, clock.prior);
  const tail = judgeTail({ lines: m.lines, expected, shape: rate.baseline.a, dispersion }, alpha);
  if (tail === null) return null;
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
    dispersion,
    minutes: 1,
    onsetMs: m.minute * MINUTE_MS + slot * slotMs,
    onsetUncertaintyMs: slotMs,
  };
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
  const threshold = cusumThreshold(alpha);
  const minute = { minute: m.minute, lines: m.lines, expected };
  const isLong = stepCusum(rate.down, 'down', minute, rate.baseline.a, dispersion, threshold);
  const isRecent = stepRecentFall(rate.recent, m, rate.baseline.a / rate.baseline.b, clock.prior, threshold);
  if (isRecent) return recentFallVerdict(rate.recent, m.minute, threshold);
  return isLong ? cusumVerdict(rate.down, 'down', m.minute, alpha, rate, clock) : null;
}

/** The sum of falls against the last hour has alarmed. */
export function recentFallVerdict({ fall }: Recent, minute: number, threshold: number): Verdict {
  const minutes = Math.max(1, minute - fall.sinceMinute + 1);
  return {
    arm: 'down',
    observed: fall.lines,
    expected: fall.expected,
    p99: null,
    lnP: null,
    statistic: fall.sum,
    threshold,
    dispersion: fall.dispersion,
    minutes,
    onsetMs: fall.sinceMinute * MINUTE_MS,
    onsetUncertaintyMs: Math.max(MINUTE_MS, (minutes * MINUTE_MS) / 4),
    isRecent: true,
  };
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
  learnRecentMinute(
    rate.recent,
    Math.min(m.lines, teachingCap(rate.baseline, m.exposure, spread)),
    m.exposure,
  );
  learnMinute(rate.baseline, m.lines, m.exposure, spread);
  rate.activeMinutes += 1;
  rate.longestGap *= decayFactor(1, GAP_HALF_LIFE_MINUTES);
  if (rate.silentAfter === null) rate.longestGap = Math.max(rate.longestGap, rate.exposureAt - rate.seenAt);
  rate.lastMinute = m.minute;
  const expectedRate = (m.exposureMax * rate.baseline.a) / rate.baseline.b;
  rate.isSparse = isSparseRate(expectedRate, rate.isSparse, rate.sparse.sum > 0);
}
