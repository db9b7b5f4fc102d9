/** Below this the negative binomial of the zero run is so wide that it says nothing. */
const SHAPE_MIN = 0.05;

/** A silence is news only when it lasts this many times the longest one that was no news. */
export const GAP_FACTOR = 1.5;

/**
 * ln P(no line) where `expected` lines were expected since the last one:
 * p = (1 + Λ/(φ r'))^(−r'), r' = max(a/φ, 0.05): dispersion and what is not known of the rate both slow it down.
 */
export function lnZeroRun(expected: number, shape: number, dispersion: number): number {
  const size = Math.max(shape / dispersion, SHAPE_MIN);
  return -size * Math.log1p(expected / (dispersion * size));
}

/** Expected lines at which `lnZeroRun` reaches ln alpha: what a deadline is computed from. */
export function expectedAtAlarm(alpha: number, shape: number, dispersion: number): number {
  const size = Math.max(shape / dispersion, SHAPE_MIN);
  return dispersion * size * Math.expm1(-Math.log(alpha) / size);
}
