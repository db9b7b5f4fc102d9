import type { Numbers } from './numbers.ts';
import { decayFactor, MINUTES_PER_DAY } from './time.ts';

/**
 * Gamma prior: a rate of 0.05 a minute, worth one minute; all it does is keep a/b finite. Ten minutes of it made every
 * young baseline too low, the traffic index too high in answer, and both stayed so: only their product is known.
 */
const PRIOR_LINES = 0.05;
const PRIOR_MINUTES = 1;

/** The baseline remembers about this many lines, so that rare templates keep a long memory. */
const MEMORY_LINES = 50;
const HALF_LIFE_MIN_MINUTES = MINUTES_PER_DAY;
const HALF_LIFE_MAX_MINUTES = 28 * MINUTES_PER_DAY;

/** Lines above expectation + 6 s.d. + 2 do not teach: an incident does not become the norm (cf. Farrington weights). */
const CAP_DEVIATIONS = 6;
const CAP_LINES = 2;

/** Gamma(a, b) over the rate: `a` discounted lines in `b` discounted minutes of usual traffic. */
export const BASELINE_NUMBERS = 2;
export const A = 0;
export const B = 1;

export function beginBaseline(n: Numbers, at: number): void {
  n[at + A] = PRIOR_LINES;
  n[at + B] = PRIOR_MINUTES;
}

/** Half-life in minutes at a rate in lines a minute. */
export function halfLifeMinutes(ratePerMinute: number): number {
  return Math.min(Math.max(MEMORY_LINES / ratePerMinute, HALF_LIFE_MIN_MINUTES), HALF_LIFE_MAX_MINUTES);
}

/** Adds `minutes` minutes without a line, worth `exposure` minutes of usual traffic. */
export function learnZeros(n: Numbers, at: number, minutes: number, exposure: number): void {
  if (minutes <= 0) return;
  const halfLife = halfLifeMinutes(n[at + A]! / n[at + B]!);
  const kept = decayFactor(minutes, halfLife);
  const perMinute = decayFactor(1, halfLife);
  n[at + A]! *= kept;
  n[at + B] = n[at + B]! * kept + (exposure / minutes) * ((1 - kept) / (1 - perMinute));
}

/** Adds one minute with `lines` lines that may teach and `exposure` minutes' worth of usual traffic. */
export function learnMinute(n: Numbers, at: number, lines: number, exposure: number): void {
  const kept = decayFactor(1, halfLifeMinutes(n[at + A]! / n[at + B]!));
  n[at + A] = n[at + A]! * kept + lines;
  n[at + B] = n[at + B]! * kept + exposure;
}

/** Most lines of one minute that may teach. */
export function teachingCap(n: Numbers, at: number, exposure: number, dispersion: number): number {
  const mu = (exposure * n[at + A]!) / n[at + B]!;
  return mu + CAP_DEVIATIONS * Math.sqrt(dispersion * mu + (mu * mu) / n[at + A]!) + CAP_LINES;
}
