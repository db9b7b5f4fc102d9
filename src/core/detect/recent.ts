import {
  CUSUM_NUMBERS,
  FALL,
  type Level,
  mergeCusum,
  recentRise,
  resetCusum,
  skipZeros,
  stepCusum,
} from './cusum.ts';
import { DISPERSION_NUMBERS, learnDispersion, learnZeroDispersion, mergeDispersion } from './dispersion.ts';
import { type Numbers, newNumbers } from './numbers.ts';
import { decayFactor } from './time.ts';

/**
 * How long the recent level remembers. The long baseline is the mean over days and nights, and its dispersion at two hours
 * holds their swing: against it a line that stops takes five times as long as against what it did in the last hour.
 * Longer than the slowest fall worth telling, shorter than the flank of a day.
 */
const HALF_LIFE_MINUTES = 60;
const MINUTE_KEPT = decayFactor(1, HALF_LIFE_MINUTES);

/** How long the spread around the recent level is remembered. */
const SPREAD_HALF_LIFE_MINUTES = 360;

/** Minutes of usual traffic, discounted, that must have been seen before the recent level says anything. */
const EXPOSURE_MIN = 30;

/** The same for rises: half an hour of quiet before the first burst is no level. 87 are reached in the end. */
const RISE_EXPOSURE_MIN = 70;

/**
 * The level of a series in the last hour or so, and its spread around it: what falls, silences and rises are judged by
 * beside the long baseline. Discounted lines in discounted minutes of usual traffic, their dispersion, and two sums.
 */
export const RECENT_LINES = 0;
const EXPOSURE = 1;
/** The numbers of the level itself. */
export const RECENT_LEVEL_NUMBERS = 2;
export const RECENT_SPREAD = RECENT_LEVEL_NUMBERS;
export const FALL_SUM = RECENT_SPREAD + DISPERSION_NUMBERS;
export const RISE_SUM = FALL_SUM + CUSUM_NUMBERS;
export const RECENT_NUMBERS = RISE_SUM + CUSUM_NUMBERS;

/** A level by itself, that of a series whose first record came in `minute`. */
export function newRecent(minute: number): Numbers {
  const n = newNumbers(RECENT_NUMBERS);
  beginRecent(n, 0, minute);
  return n;
}

export function beginRecent(n: Numbers, at: number, minute: number): void {
  resetCusum(n, at + FALL_SUM, minute);
  resetCusum(n, at + RISE_SUM, minute);
}

/** The level at which a fall begins: never above the long baseline, or a storm's end would be a fall. */
export function fallLevel(n: Numbers, at: number, longRate: number, dispersion: number): Level {
  const perMinute = Math.min(longRate, recentRate(n, at, longRate));
  return { perMinute, shape: n[at + RECENT_LINES]! / dispersion, dispersion };
}

/** The level at which a rise begins: never below the long baseline, or what comes after a gap would be a rise. */
export function riseLevel(n: Numbers, at: number, longRate: number, dispersion: number): Level {
  const perMinute = Math.max(longRate, recentRate(n, at, longRate));
  return { perMinute, shape: n[at + RECENT_LINES]! / dispersion, dispersion };
}

function recentRate(n: Numbers, at: number, longRate: number): number {
  const exposure = n[at + EXPOSURE]!;
  return exposure <= 0 ? longRate : n[at + RECENT_LINES]! / exposure;
}

export function isRecentUsable(n: Numbers, at: number): boolean {
  return n[at + EXPOSURE]! >= EXPOSURE_MIN && n[at + RECENT_LINES]! > 0;
}

export function isRiseUsable(n: Numbers, at: number): boolean {
  return n[at + EXPOSURE]! >= RISE_EXPOSURE_MIN && n[at + RECENT_LINES]! > 0;
}

/** Adds `minutes` minutes without a line, worth `exposure` minutes of usual traffic. */
export function learnRecentZeros(n: Numbers, at: number, minutes: number, exposure: number): void {
  if (minutes <= 0) return;
  const lines = n[at + RECENT_LINES]!;
  if (isRecentUsable(n, at)) {
    const expected = ((lines / n[at + EXPOSURE]!) * exposure) / minutes;
    learnZeroDispersion(n, at + RECENT_SPREAD, minutes, expected, lines, SPREAD_HALF_LIFE_MINUTES);
  }
  const kept = decayFactor(minutes, HALF_LIFE_MINUTES);
  n[at + RECENT_LINES] = lines * kept;
  n[at + EXPOSURE] = n[at + EXPOSURE]! * kept + (exposure / minutes) * ((1 - kept) / (1 - MINUTE_KEPT));
}

/** Adds one minute with `lines` lines and `exposure` minutes' worth of usual traffic. */
export function learnRecentMinute(n: Numbers, at: number, lines: number, exposure: number): void {
  const known = n[at + RECENT_LINES]!;
  if (isRecentUsable(n, at)) {
    const expected = (known / n[at + EXPOSURE]!) * exposure;
    learnDispersion(n, at + RECENT_SPREAD, lines, expected, known, SPREAD_HALF_LIFE_MINUTES);
  }
  n[at + RECENT_LINES] = known * MINUTE_KEPT + lines;
  n[at + EXPOSURE] = n[at + EXPOSURE]! * MINUTE_KEPT + exposure;
}

/** Adds minutes without a line to the two sums, `exposure` minutes' worth of usual traffic in all. */
export function skipRecentZeros(
  n: Numbers,
  at: number,
  zeros: { readonly minutes: number; readonly nextMinute: number },
  exposure: number,
  longRate: number,
  spread: { readonly recent: number; readonly gaps: number },
): void {
  if (!isRecentUsable(n, at)) return;
  const { minutes, nextMinute } = zeros;
  const share = exposure / minutes;
  const fall = fallLevel(n, at, longRate, Math.max(spread.recent, spread.gaps));
  skipZeros(n, at + FALL_SUM, FALL, { minutes, nextMinute, expected: fall.perMinute * share }, fall);
  const rise = riseLevel(n, at, longRate, spread.recent);
  const zerosOfRise = { minutes, nextMinute, expected: rise.perMinute * share };
  skipZeros(n, at + RISE_SUM, recentRise(longRate), zerosOfRise, rise);
}

interface RecentMinute {
  readonly minute: number;
  readonly lines: number;
  readonly exposure: number;
}

/** Adds one minute to the sum of falls; true when it alarms. `longRate` is the long baseline's. */
export function stepRecentFall(
  n: Numbers,
  at: number,
  { minute, lines, exposure }: RecentMinute,
  longRate: number,
  dispersion: number,
  alpha: number,
): boolean {
  if (!isRecentUsable(n, at)) return false;
  const level = fallLevel(n, at, longRate, dispersion);
  const expected = exposure * level.perMinute;
  return stepCusum(n, at + FALL_SUM, FALL, { minute, lines, expected }, level, alpha);
}

/** Adds one minute to the sum of rises; true when it alarms. */
export function stepRecentRise(
  n: Numbers,
  at: number,
  { minute, lines, exposure }: RecentMinute,
  longRate: number,
  dispersion: number,
  alpha: number,
): boolean {
  if (!isRiseUsable(n, at)) return false;
  const level = riseLevel(n, at, longRate, dispersion);
  const expected = exposure * level.perMinute;
  return stepCusum(n, at + RISE_SUM, recentRise(longRate), { minute, lines, expected }, level, alpha);
}

/** Two series became one. */
export function mergeRecent(into: Numbers, from: Numbers, at: number): void {
  into[at + RECENT_LINES]! += from[at + RECENT_LINES]!;
  into[at + EXPOSURE] = Math.max(into[at + EXPOSURE]!, from[at + EXPOSURE]!);
  mergeDispersion(into, from, at + RECENT_SPREAD);
  mergeCusum(into, from, at + FALL_SUM);
  mergeCusum(into, from, at + RISE_SUM);
}
