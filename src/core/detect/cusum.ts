import type { Numbers } from './numbers.ts';

/** Rates that sums are tuned to, times the expectation: doubled, trebled, halved. */
export const RISE = 2;
const STEEP_RISE = 3;
export const FALL = 0.5;

/** A line that comes so often (a minute) is news when it doubles, a rarer one when it trebles. */
const DENSE_RATE = 5;

/** The rise from the last hour's level that is looked for. */
export function recentRise(perMinute: number): number {
  return perMinute >= DENSE_RATE ? RISE : STEEP_RISE;
}

/** One minute may bring at most this share of the alarm threshold: one burst is the tail arm's, a shift lasts. */
const STEP_SHARE_MAX = 0.4;

/** A shift shows in at least this many minutes with records. */
const ACTIVE_MIN = 3;

/** Measured on bench/detection/null.ts: true shifts alarm sooner, most false ones later. */
const FROZEN_MINUTES = 45;

/** Evidence from which a sum counts as begun, in nats. */
const ONSET_NATS = 1;

/** φ − 1 at least this, so that the negative binomial's size stays finite (its Poisson limit). */
const EXCESS_DISPERSION_MIN = 1e-3;

/** What one cumulative sum remembers: its value and the minute after its last reset (the onset if it alarms). */
export const CUSUM_NUMBERS = 6;
export const SUM = 0;
export const SINCE_MINUTE = 1;
/** Minutes with records since the reset. */
export const ACTIVE = 2;
/** Lines and expected lines since the reset. */
export const LINES = 3;
export const EXPECTED = 4;
/** Dispersion at the reset: a shift in progress must not teach what it is judged by. 0 = take the present one. */
export const FROZEN_DISPERSION = 5;

export function resetCusum(n: Numbers, at: number, nextMinute: number): void {
  n[at + SUM] = 0;
  n[at + SINCE_MINUTE] = nextMinute;
  n[at + ACTIVE] = 0;
  n[at + LINES] = 0;
  n[at + EXPECTED] = 0;
  n[at + FROZEN_DISPERSION] = 0;
}

/**
 * Information that a minute brings is counted as at least this much, in nats: below it, what is not known of the baseline
 * governs the false alarms, not chance.
 */
const INFORMATION_MIN = 0.3;

/**
 * Alarm threshold: under the null a sum alarms about I·e^−H times a minute, I being the drift of the sum, the
 * Kullback–Leibler information of a minute (Wald 1947; Lorden 1971 for the bound; Siegmund 1985 §II.6 for the factor), at
 * most once. So of α a minute follows H = ln(min(I, 1)/α): where a minute says little, there are few chances to be wrong.
 */
export function cusumThreshold(alpha: number, ratio: number, perMinute: number, dispersion: number): number {
  const information = (perMinute * (ratio * Math.log(ratio) - ratio + 1)) / Math.max(dispersion, 1);
  return Math.log(Math.min(Math.max(information, INFORMATION_MIN), 1) / alpha);
}

/** What a series is held against: lines in a minute of usual traffic, lines that this was learnt from, dispersion. */
export interface Level {
  readonly perMinute: number;
  readonly shape: number;
  readonly dispersion: number;
}

/** What one minute without a line adds to a sum (takes from a rising one). */
export function zeroStep(ratio: number, expected: number, shape: number, dispersion: number): number {
  return logLikelihoodRatio(ratio, 0, expected, shape, dispersion);
}

/**
 * Adds one minute to a cumulative sum of negative-binomial log likelihood ratios:
 * S ← max(0, S + y·ln[ρ(r+μ)/(r+ρμ)] − r·ln[(r+ρμ)/(r+μ)]), r = μ/(φ−1), μ moved one posterior s.d. toward the alternative.
 * Returns true when the sum alarms.
 */
export function stepCusum(
  n: Numbers,
  at: number,
  ratio: number,
  minute: { readonly minute: number; readonly lines: number; readonly expected: number },
  level: Level,
  alpha: number,
): boolean {
  const spread = dispersionOf(n, at, minute.minute, level.dispersion);
  const step = logLikelihoodRatio(ratio, minute.lines, minute.expected, level.shape, spread);
  // Most minutes say that nothing happened, and need no threshold, which is above zero.
  if (n[at + SUM]! + step <= 0) {
    resetCusum(n, at, minute.minute + 1);
    return false;
  }
  const threshold = cusumThreshold(alpha, ratio, level.perMinute, spread);
  n[at + SUM]! += Math.min(step, STEP_SHARE_MAX * threshold);
  n[at + LINES]! += minute.lines;
  n[at + EXPECTED]! += minute.expected;
  if (minute.lines > 0) n[at + ACTIVE]! += 1;
  restartBelowOnset(n, at, minute.minute + 1);
  return n[at + SUM]! > threshold && (ratio < 1 || n[at + ACTIVE]! >= ACTIVE_MIN);
}

/** Adds `minutes` minutes without a line, `expected` in each. */
export function skipZeros(
  n: Numbers,
  at: number,
  ratio: number,
  zeros: { readonly minutes: number; readonly expected: number; readonly nextMinute: number },
  level: Level,
): void {
  if (zeros.minutes <= 0) return;
  const spread = dispersionOf(n, at, zeros.nextMinute, level.dispersion);
  n[at + SUM]! += zeros.minutes * zeroStep(ratio, zeros.expected, level.shape, spread);
  if (n[at + SUM]! <= 0) resetCusum(n, at, zeros.nextMinute);
  else n[at + EXPECTED]! += zeros.minutes * zeros.expected;
  restartBelowOnset(n, at, zeros.nextMinute);
}

/** Chance carries a sum off zero before the change: below this evidence the change is not taken to have begun. */
function restartBelowOnset(n: Numbers, at: number, nextMinute: number): void {
  if (n[at + SUM]! >= ONSET_NATS) return;
  n[at + SINCE_MINUTE] = nextMinute;
  n[at + ACTIVE] = 0;
  n[at + LINES] = 0;
  n[at + EXPECTED] = 0;
}

/**
 * The dispersion a sum is judged by: the one at its reset, for a shift raises the dispersion of the minutes it is in.
 * A sum that creeps for longer is more likely season or a burst than a shift, and takes the present one.
 */
export function dispersionOf(n: Numbers, at: number, minute: number, present: number): number {
  const kept = n[at + FROZEN_DISPERSION]!;
  if (kept === 0 || (minute - n[at + SINCE_MINUTE]! > FROZEN_MINUTES && present > kept)) {
    n[at + FROZEN_DISPERSION] = present;
    return present;
  }
  return kept;
}

/** Two series became one: its sum is the larger one. */
export function mergeCusum(into: Numbers, from: Numbers, at: number): void {
  const active = Math.max(into[at + ACTIVE]!, from[at + ACTIVE]!);
  if (from[at + SUM]! > into[at + SUM]!) for (let i = 0; i < CUSUM_NUMBERS; i++) into[at + i] = from[at + i]!;
  into[at + ACTIVE] = active;
}

function logLikelihoodRatio(
  ratio: number,
  lines: number,
  expected: number,
  shape: number,
  dispersion: number,
): number {
  const sd = 1 / Math.sqrt(Math.max(shape, 1));
  const mu = expected * (ratio > 1 ? 1 + sd : Math.max(1 - sd, 0.1));
  if (mu <= 0) return 0;
  const size = mu / Math.max(dispersion - 1, EXCESS_DISPERSION_MIN);
  const lnSize = Math.log((size + ratio * mu) / (size + mu));
  return lines * (Math.log(ratio) - lnSize) - size * lnSize;
}
