/** Rates the two arms are tuned to: doubled and halved. */
const RISE = 2;
const FALL = 0.5;

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
export interface Cusum {
  sum: number;
  sinceMinute: number;
  /** Minutes with records since the reset. */
  active: number;
  /** Lines and expected lines since the reset. */
  lines: number;
  expected: number;
  /** Dispersion at the reset: a shift in progress must not teach what it is judged by. 0 = take the present one. */
  dispersion: number;
}

export function newCusum(minute: number): Cusum {
  return { sum: 0, sinceMinute: minute, active: 0, lines: 0, expected: 0, dispersion: 0 };
}

export function resetCusum(cusum: Cusum, nextMinute: number): void {
  cusum.sum = 0;
  cusum.sinceMinute = nextMinute;
  cusum.active = 0;
  cusum.lines = 0;
  cusum.expected = 0;
  cusum.dispersion = 0;
}

/** Alarm threshold: run length under the null is at least e^H (Wald; Lorden 1971). */
export function cusumThreshold(alpha: number): number {
  return Math.log(4 / alpha);
}

/** What one minute without a line takes from the rising sum (negative) or adds to the falling one (positive). */
export function zeroStep(
  direction: 'up' | 'down',
  expected: number,
  shape: number,
  dispersion: number,
): number {
  return logLikelihoodRatio(direction, 0, expected, shape, dispersion);
}

/**
 * Adds one minute to a cumulative sum of negative-binomial log likelihood ratios:
 * S ← max(0, S + y·ln[ρ(r+μ)/(r+ρμ)] − r·ln[(r+ρμ)/(r+μ)]), r = μ/(φ−1), μ moved one posterior s.d. toward the alternative.
 * Returns true when the sum alarms.
 */
export function stepCusum(
  cusum: Cusum,
  direction: 'up' | 'down',
  minute: { readonly minute: number; readonly lines: number; readonly expected: number },
  shape: number,
  dispersion: number,
  threshold: number,
): boolean {
  const spread = dispersionOf(cusum, minute.minute, dispersion);
  const step = logLikelihoodRatio(direction, minute.lines, minute.expected, shape, spread);
  cusum.sum += Math.min(step, STEP_SHARE_MAX * threshold);
  if (cusum.sum <= 0) {
    resetCusum(cusum, minute.minute + 1);
    return false;
  }
  cusum.lines += minute.lines;
  cusum.expected += minute.expected;
  if (minute.lines > 0) cusum.active += 1;
  restartBelowOnset(cusum, minute.minute + 1);
  return cusum.sum > threshold && (direction === 'down' || cusum.active >= ACTIVE_MIN);
}

/** Adds `minutes` minutes without a line, `expected` in each. */
export function skipZeros(
  cusum: Cusum,
  direction: 'up' | 'down',
  zeros: { readonly minutes: number; readonly expected: number; readonly nextMinute: number },
  shape: number,
  dispersion: number,
): void {
  if (zeros.minutes <= 0) return;
  const spread = dispersionOf(cusum, zeros.nextMinute, dispersion);
  cusum.sum += zeros.minutes * zeroStep(direction, zeros.expected, shape, spread);
  if (cusum.sum <= 0) resetCusum(cusum, zeros.nextMinute);
  else cusum.expected += zeros.minutes * zeros.expected;
  restartBelowOnset(cusum, zeros.nextMinute);
}

/** Chance carries a sum off zero before the change: below this evidence the change is not taken to have begun. */
function restartBelowOnset(cusum: Cusum, nextMinute: number): void {
  if (cusum.sum >= ONSET_NATS) return;
  cusum.sinceMinute = nextMinute;
  cusum.active = 0;
  cusum.lines = 0;
  cusum.expected = 0;
}

/**
 * The dispersion a sum is judged by: the one at its reset, for a shift raises the dispersion of the minutes it is in.
 * A sum that creeps for longer is more likely season or a burst than a shift, and takes the present one.
 */
export function dispersionOf(cusum: Cusum, minute: number, present: number): number {
  if (cusum.dispersion === 0 || (minute - cusum.sinceMinute > FROZEN_MINUTES && present > cusum.dispersion)) {
    cusum.dispersion = present;
  }
  return cusum.dispersion;
}

function logLikelihoodRatio(
  direction: 'up' | 'down',
  lines: number,
  expected: number,
  shape: number,
  dispersion: number,
): number {
  const ratio = direction === 'up' ? RISE : FALL;
  const sd = 1 / Math.sqrt(Math.max(shape, 1));
  const mu = expected * (direction === 'up' ? 1 + sd : Math.max(1 - sd, 0.1));
  if (mu <= 0) return 0;
  const size = mu / Math.max(dispersion - 1, EXCESS_DISPERSION_MIN);
  const lnSize = Math.log((size + ratio * mu) / (size + mu));
  return lines * (Math.log(ratio) - lnSize) - size * lnSize;
}
