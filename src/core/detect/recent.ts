import { type Cusum, FALL, type Level, newCusum, recentRise, skipZeros, stepCusum } from './cusum.ts';
import { type Dispersion, learnDispersion, learnZeroDispersion, newDispersion } from './dispersion.ts';
import { decayFactor } from './time.ts';

/**
 * How long the recent level remembers. The long baseline is the mean over days and nights, and its dispersion at two hours
 * holds their swing: against it a line that stops takes five times as long as against what it did in the last hour.
 * Longer than the slowest fall worth telling, shorter than the flank of a day.
 */
const HALF_LIFE_MINUTES = 60;

/** How long the spread around the recent level is remembered. */
const SPREAD_HALF_LIFE_MINUTES = 360;

/** Minutes of usual traffic, discounted, that must have been seen before the recent level says anything. */
const EXPOSURE_MIN = 30;

/** The same for rises: half an hour of quiet before the first burst is no level. 87 are reached in the end. */
const RISE_EXPOSURE_MIN = 70;

/**
 * The level of a series in the last hour or so, and its spread around it: what falls, silences and rises are judged by
 * beside the long baseline.
 */
export interface Recent {
  /** Discounted lines in discounted minutes of usual traffic. */
  lines: number;
  exposure: number;
  readonly dispersion: Dispersion;
  readonly fall: Cusum;
  readonly rise: Cusum;
}

export function newRecent(minute: number): Recent {
  return {
    lines: 0,
    exposure: 0,
    dispersion: newDispersion(),
    fall: newCusum(minute),
    rise: newCusum(minute),
  };
}

/** The level at which a fall begins: never above the long baseline, or a storm's end would be a fall. */
export function fallLevel(recent: Recent, longRate: number, dispersion: number): Level {
  const perMinute = Math.min(longRate, recentRate(recent, longRate));
  return { perMinute, shape: recent.lines / dispersion, dispersion };
}

/** The level at which a rise begins: never below the long baseline, or what comes after a gap would be a rise. */
export function riseLevel(recent: Recent, longRate: number, dispersion: number): Level {
  const perMinute = Math.max(longRate, recentRate(recent, longRate));
  return { perMinute, shape: recent.lines / dispersion, dispersion };
}

function recentRate(recent: Recent, longRate: number): number {
  return recent.exposure <= 0 ? longRate : recent.lines / recent.exposure;
}

export function isRecentUsable(recent: Recent): boolean {
  return recent.exposure >= EXPOSURE_MIN && recent.lines > 0;
}

export function isRiseUsable(recent: Recent): boolean {
  return recent.exposure >= RISE_EXPOSURE_MIN && recent.lines > 0;
}

/** Adds `minutes` minutes without a line, worth `exposure` minutes of usual traffic. */
export function learnRecentZeros(recent: Recent, minutes: number, exposure: number): void {
  if (minutes <= 0) return;
  if (isRecentUsable(recent)) {
    const expected = ((recent.lines / recent.exposure) * exposure) / minutes;
    learnZeroDispersion(recent.dispersion, minutes, expected, recent.lines, SPREAD_HALF_LIFE_MINUTES);
  }
  const kept = decayFactor(minutes, HALF_LIFE_MINUTES);
  const perMinute = decayFactor(1, HALF_LIFE_MINUTES);
  recent.lines *= kept;
  recent.exposure = recent.exposure * kept + (exposure / minutes) * ((1 - kept) / (1 - perMinute));
}

/** Adds one minute with `lines` lines and `exposure` minutes' worth of usual traffic. */
export function learnRecentMinute(recent: Recent, lines: number, exposure: number): void {
  if (isRecentUsable(recent)) {
    const expected = (recent.lines / recent.exposure) * exposure;
    learnDispersion(recent.dispersion, lines, expected, recent.lines, SPREAD_HALF_LIFE_MINUTES);
  }
  const kept = decayFactor(1, HALF_LIFE_MINUTES);
  recent.lines = recent.lines * kept + lines;
  recent.exposure = recent.exposure * kept + exposure;
}

/** Adds minutes without a line to the two sums, `exposure` minutes' worth of usual traffic in all. */
export function skipRecentZeros(
  recent: Recent,
  zeros: { readonly minutes: number; readonly nextMinute: number },
  exposure: number,
  longRate: number,
  spread: { readonly recent: number; readonly gaps: number },
): void {
  if (!isRecentUsable(recent)) return;
  const share = exposure / zeros.minutes;
  const fall = fallLevel(recent, longRate, Math.max(spread.recent, spread.gaps));
  skipZeros(recent.fall, FALL, { ...zeros, expected: fall.perMinute * share }, fall);
  const rise = riseLevel(recent, longRate, spread.recent);
  skipZeros(recent.rise, recentRise(longRate), { ...zeros, expected: rise.perMinute * share }, rise);
}

interface RecentMinute {
  readonly minute: number;
  readonly lines: number;
  readonly exposure: number;
}

/** Adds one minute to the sum of falls; true when it alarms. `longRate` is the long baseline's. */
export function stepRecentFall(
  recent: Recent,
  { minute, lines, exposure }: RecentMinute,
  longRate: number,
  dispersion: number,
  alpha: number,
): boolean {
  if (!isRecentUsable(recent)) return false;
  const level = fallLevel(recent, longRate, dispersion);
  return stepCusum(recent.fall, FALL, { minute, lines, expected: exposure * level.perMinute }, level, alpha);
}

/** Adds one minute to the sum of rises; true when it alarms. */
export function stepRecentRise(
  recent: Recent,
  { minute, lines, exposure }: RecentMinute,
  longRate: number,
  dispersion: number,
  alpha: number,
): boolean {
  if (!isRiseUsable(recent)) return false;
  const level = riseLevel(recent, longRate, dispersion);
  const expected = exposure * level.perMinute;
  return stepCusum(recent.rise, recentRise(longRate), { minute, lines, expected }, level, alpha);
}
