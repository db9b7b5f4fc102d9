import { ACTIVE, cusumThreshold, dispersionOf, EXPECTED, LINES, resetCusum, SUM } from './cusum.ts';
import type { Numbers } from './numbers.ts';

/** Below this rate (lines a minute) counts of minutes carry less than whether there was a line at all; back above the second. */
const SPARSE_BELOW = 0.25;
const DENSE_ABOVE = 0.4;

/** The arrival rates that sums of minutes with a record are tuned to, times the usual one: trebled, tenfold. */
export const SPARSE_RISE = 3;
export const SPARSE_SURGE = 10;

const ACTIVE_MIN = 3;

/** A rise in progress is judged to its end by the arm that began it, but not beyond this rate: occupancy saturates. */
const DENSE_ABOVE_WHILE_RISING = 1;

/** Whether the sparse arm takes the place of the rising cumulative sum; sticky between the two rates. */
export function isSparseRate(ratePerMinute: number, wasSparse: boolean, rising: boolean): boolean {
  if (!wasSparse) return ratePerMinute < SPARSE_BELOW;
  return ratePerMinute < (rising ? DENSE_ABOVE_WHILE_RISING : DENSE_ABOVE);
}

/**
 * Arrival rate of a minute: λ = −ln(1 − p̂)·f, p̂ = (o + √o)/b: the discounted share of minutes with a record, taken one
 * s.d. too high so that little history does not cry wolf.
 */
export function arrivalRate(occupied: number, exposureSeen: number, exposure: number): number {
  const share = Math.min((occupied + Math.sqrt(occupied)) / exposureSeen, 0.95);
  return -Math.log1p(-share) * exposure;
}

/** Adds one minute with a record: twenty lines in one burst count as one arrival. Returns true when the sum alarms. */
export function stepSparse(
  n: Numbers,
  at: number,
  ratio: number,
  minute: { readonly minute: number; readonly lines: number; readonly expected: number },
  lambda: number,
  dispersion: number,
  alpha: number,
): boolean {
  if (lambda <= 0) return false;
  const gain = Math.log(-Math.expm1(-ratio * lambda)) - Math.log(-Math.expm1(-lambda));
  const spread = dispersionOf(n, at, minute.minute, dispersion);
  n[at + SUM]! += gain / spread;
  n[at + ACTIVE]! += 1;
  n[at + LINES]! += minute.lines;
  n[at + EXPECTED]! += minute.expected;
  return n[at + SUM]! > cusumThreshold(alpha, ratio, lambda, spread) && n[at + ACTIVE]! >= ACTIVE_MIN;
}

/** Adds minutes without a record. */
export function skipSparseZeros(
  n: Numbers,
  at: number,
  ratio: number,
  zeros: { readonly minutes: number; readonly expected: number; readonly nextMinute: number },
  lambda: number,
  dispersion: number,
): void {
  if (zeros.minutes <= 0) return;
  n[at + SUM]! -= (zeros.minutes * (ratio - 1) * lambda) / dispersionOf(n, at, zeros.nextMinute, dispersion);
  if (n[at + SUM]! <= 0) resetCusum(n, at, zeros.nextMinute);
  else n[at + EXPECTED]! += zeros.minutes * zeros.expected;
}
