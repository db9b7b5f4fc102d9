import { type Cusum, stepCusum } from './cusum.ts';
import {
  type BlockIndex,
  type Dispersion,
  dispersionGuess,
  learnDispersion,
  learnZeroDispersion,
  newDispersion,
} from './dispersion.ts';
import { decayFactor } from './time.ts';

/**
 * How long the recent level remembers. The long baseline is the mean over days and nights, and its dispersion at two hours
 * holds their swing: against it a line that stops takes five times as long as against what it did in the last hour.
 * Longer than the slowest fall worth telling, shorter than the flank of a day.
 */
const HALF_LIFE_MINUTES = 60;

/** How long the spread around the recent level is remembered. */
const SPREAD_HALF_LIFE_MINUTES = 360;

/** Minutes of usual traffic that must have been seen before the recent level says anything. */
const EXPOSURE_MIN = 30;

/** Bursts show at 1 and 15 minutes; what is slower moves the level itself. */
const BLOCKS: readonly BlockIndex[] = [0, 1];

/**
 * The level of a series in the last hour or so, and its spread around it: what falls and silences are judged by beside the
 * long baseline. Rises are not: after a storm its level would be the storm's.
 */
export interface Recent {
  /** Discounted lines in discounted minutes of usual traffic. */
  lines: number;
  exposure: number;
  readonly dispersion: Dispersion;
  readonly fall: Cusum;
}

export function newRecent(fall: Cusum): Recent {
  return { lines: 0, exposure: 0, dispersion: newDispersion(), fall };
}

/** Lines in a minute of usual traffic at which a fall begins: never above the long baseline, or a storm's end would be a fall. */
export function recentRate(recent: Recent, longRate: number): number {
  return recent.exposure <= 0 ? longRate : Math.min(longRate, recent.lines / recent.exposure);
}

export function isRecentUsable(recent: Recent): boolean {
  return recent.exposure >= EXPOSURE_MIN && recent.lines > 0;
}

/** Dispersion of sums of minutes around the recent level. */
export function recentDispersion(recent: Recent, servicePrior: readonly number[]): number {
  let largest = 1;
  for (const block of BLOCKS)
    largest = Math.max(largest, dispersionGuess(recent.dispersion, block, servicePrior));
  return largest;
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

/** Adds one minute to the sum of falls; true when it alarms. `longRate` is the long baseline's. */
export function stepRecentFall(
  recent: Recent,
  m: { readonly minute: number; readonly lines: number; readonly exposure: number },
  longRate: number,
  servicePrior: readonly number[],
  threshold: number,
): boolean {
  if (!isRecentUsable(recent)) return false;
  const spread = recentDispersion(recent, servicePrior);
  const expected = m.exposure * recentRate(recent, longRate);
  const minute = { minute: m.minute, lines: m.lines, expected };
  return stepCusum(recent.fall, 'down', minute, recent.lines / spread, spread, threshold);
}
