import type { Numbers } from './numbers.ts';
import { decayFactor } from './time.ts';

/** Block lengths in minutes: bursts show at 1 and 15, daily swing at 120. */
export const BLOCK_MINUTES = [1, 15, 120] as const;

/** Weight of the service's own dispersion before the template has shown its own: in expected lines, and in blocks. */
const PRIOR_LINES = 4;
/** An estimate from two or three blocks of 120 minutes is worth little, however many lines were in them. */
const PRIOR_BLOCKS = 2;

/**
 * A longer block can only be this much more dispersed than the next shorter one (all of its minutes moving together): what a
 * service lends is bounded by what the template itself has shown at the shorter one. Bursts show there already, and a line
 * that comes evenly is not taken for one of its bursty neighbours.
 */
const LENT_RATIO = [Number.POSITIVE_INFINITY, 15, 8] as const;

/** Which of its templates' dispersions a service lends to the others: high, because underestimating cries wolf. */
const PEER_QUANTILE = 0.85;

/** A template lends its dispersion from this many expected lines on. */
const PEER_LINES_MIN = 4;

const SHAPE_MIN = 0.5;

/**
 * A guess is raised by so many s.d., and to at most so many times itself: of 5,000 templates the unluckiest counts. The
 * variance of an estimate φ is φ³/ΣM for the few bursts that were seen and 2(φ−1)²/n for the few blocks.
 */
const GUESS_DEVIATIONS = 2;
const GUESS_MAX = 3;

/** Index of the dispersion at one block length. */
export type BlockIndex = 0 | 1 | 2;

/**
 * Variance over mean of a template's counts around their expectation, at three block lengths:
 * φ = max(1, (w φ_service + Σ(Y−M)²) / (w + ΣM)), w = 4 lines and 2 blocks, sums discounted.
 *
 * Σ(Y−M)² and ΣM of finished blocks and their discounted number, per block length; then lines, expected lines and minutes of
 * the unfinished blocks of 15 and 120 minutes, a place for each block length as in rows of state.
 */
export const DISPERSION_NUMBERS = 15;
export const SQUARES = 0;
export const MEANS = 3;
export const BLOCKS = 6;
/** The block of one minute is never unfinished and has no place: these are for the index 1 and 2. */
export const OPEN_LINES = 8;
export const OPEN_MEANS = 10;
export const OPEN_MINUTES = 12;

/** The largest over the blocks up to `last`: what a count of one minute (0), of a quarter of an hour (1) … varies by. */
export function dispersionUpTo(
  n: Numbers,
  at: number,
  last: BlockIndex,
  servicePrior: readonly number[],
): number {
  return largest(n, at, last, servicePrior, false);
}

/**
 * The largest over the block lengths: bursts and daily swing are autocorrelated, so sums of minutes vary by this.
 * Taken too high where little has shown it: a dispersion that a handful of bursts has shown is a guess, and guessing low cries wolf.
 */
export function dispersionMax(n: Numbers, at: number, servicePrior: readonly number[]): number {
  return largest(n, at, 2, servicePrior, true);
}

/** The same, up to block `last` only. */
export function dispersionGuess(
  n: Numbers,
  at: number,
  last: BlockIndex,
  servicePrior: readonly number[],
): number {
  return largest(n, at, last, servicePrior, true);
}

function largest(
  n: Numbers,
  at: number,
  last: BlockIndex,
  servicePrior: readonly number[],
  isGuess: boolean,
): number {
  let max = 1;
  let lentMax = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= last; i++) {
    const means = n[at + MEANS + i]!;
    const blocks = n[at + BLOCKS + i]!;
    const lent = Math.min(servicePrior[i] ?? 1, lentMax);
    const weight = PRIOR_LINES + (blocks === 0 ? 0 : (PRIOR_BLOCKS * means) / blocks);
    const dispersion = Math.max(1, (weight * lent + n[at + SQUARES + i]!) / (weight + means));
    if (i === last && !isGuess) return Math.max(max, dispersion);
    const excess = dispersion - 1;
    const variance =
      (dispersion * dispersion * dispersion) / (PRIOR_LINES + means) +
      (2 * excess * excess) / (PRIOR_BLOCKS + blocks);
    const guess = Math.min(dispersion + GUESS_DEVIATIONS * Math.sqrt(variance), GUESS_MAX * dispersion);
    max = Math.max(max, isGuess ? guess : dispersion);
    if (i < last) lentMax = 1 + LENT_RATIO[i + 1]! * (guess - 1);
  }
  return max;
}

/** Adds one minute with `y` lines where `mu` were expected of a baseline with gamma shape `shape`. */
export function learnDispersion(
  n: Numbers,
  at: number,
  y: number,
  mu: number,
  shape: number,
  halfLifeMinutes: number,
): void {
  bookBlocks(n, at, 0, 1, y, mu, shape, halfLifeMinutes);
  for (let i = 1; i < BLOCK_MINUTES.length; i++) {
    n[at + OPEN_LINES + i]! += y;
    n[at + OPEN_MEANS + i]! += mu;
    n[at + OPEN_MINUTES + i]! += 1;
    if (n[at + OPEN_MINUTES + i]! >= BLOCK_MINUTES[i]!) closeBlock(n, at, i, shape, halfLifeMinutes);
  }
}

/** Adds `minutes` minutes without a line, `mu` expected in each. */
export function learnZeroDispersion(
  n: Numbers,
  at: number,
  minutes: number,
  mu: number,
  shape: number,
  halfLifeMinutes: number,
): void {
  bookBlocks(n, at, 0, 1, 0, mu, shape, halfLifeMinutes);
  if (minutes > 1) bookBlocks(n, at, 0, minutes - 1, 0, mu, shape, halfLifeMinutes);
  for (let i = 1; i < BLOCK_MINUTES.length; i++) {
    const length = BLOCK_MINUTES[i]!;
    let left = minutes;
    const toFill = Math.min(left, length - n[at + OPEN_MINUTES + i]!);
    n[at + OPEN_MEANS + i]! += mu * toFill;
    n[at + OPEN_MINUTES + i]! += toFill;
    left -= toFill;
    if (n[at + OPEN_MINUTES + i]! >= length) closeBlock(n, at, i, shape, halfLifeMinutes);
    const whole = Math.floor(left / length);
    if (whole > 0) bookBlocks(n, at, i, whole, 0, mu * length, shape, halfLifeMinutes);
    left -= whole * length;
    if (left > 0) {
      n[at + OPEN_MEANS + i] = mu * left;
      n[at + OPEN_MINUTES + i] = left;
    }
  }
}

/** Books the open block and begins a new one. */
function closeBlock(n: Numbers, at: number, i: number, shape: number, halfLifeMinutes: number): void {
  const lines = n[at + OPEN_LINES + i]!;
  bookBlocks(n, at, i, 1, lines, n[at + OPEN_MEANS + i]!, shape, halfLifeMinutes);
  n[at + OPEN_LINES + i] = 0;
  n[at + OPEN_MEANS + i] = 0;
  n[at + OPEN_MINUTES + i] = 0;
}

/**
 * Books a block `times` times. What was not known of the rate (M²/a) is no dispersion: without the factor a/(a+M) the
 * first hours of a template look bursty for days.
 */
function bookBlocks(
  n: Numbers,
  at: number,
  i: number,
  times: number,
  lines: number,
  mean: number,
  shape: number,
  halfLifeMinutes: number,
): void {
  const kept = decayFactor(times * BLOCK_MINUTES[i]!, halfLifeMinutes);
  const deviation = lines - mean;
  const before = Math.max(shape - lines, SHAPE_MIN);
  n[at + SQUARES + i] =
    n[at + SQUARES + i]! * kept + (times * deviation * deviation * before) / (before + mean);
  n[at + MEANS + i] = n[at + MEANS + i]! * kept + times * mean;
  n[at + BLOCKS + i] = n[at + BLOCKS + i]! * kept + times;
}

/** The dispersions that a service's templates have shown, per block length. */
export class PeerDispersion {
  readonly #shown: readonly number[][] = BLOCK_MINUTES.map(() => []);

  add(n: Numbers, at: number): void {
    for (let i = 0; i < BLOCK_MINUTES.length; i++) {
      const means = n[at + MEANS + i]!;
      if (means >= PEER_LINES_MIN) this.#shown[i]!.push(Math.max(1, n[at + SQUARES + i]! / means));
    }
  }

  /** What the service lends to templates that have not shown their own yet. */
  lent(): number[] {
    return this.#shown.map((shown) => {
      if (shown.length === 0) return 1;
      const sorted = Float64Array.from(shown).sort();
      return sorted[Math.min(sorted.length - 1, Math.floor(PEER_QUANTILE * sorted.length))]!;
    });
  }
}

/** Two templates became one: as if their counts had been judged side by side. */
export function mergeDispersion(into: Numbers, from: Numbers, at: number): void {
  for (let i = 0; i < BLOCK_MINUTES.length; i++) {
    into[at + SQUARES + i]! += from[at + SQUARES + i]!;
    into[at + MEANS + i]! += from[at + MEANS + i]!;
    into[at + BLOCKS + i] = Math.max(into[at + BLOCKS + i]!, from[at + BLOCKS + i]!);
    if (i === 0) continue;
    into[at + OPEN_LINES + i]! += from[at + OPEN_LINES + i]!;
    into[at + OPEN_MEANS + i]! += from[at + OPEN_MEANS + i]!;
    into[at + OPEN_MINUTES + i] = Math.max(into[at + OPEN_MINUTES + i]!, from[at + OPEN_MINUTES + i]!);
  }
}
