import { decayFactor } from './time.ts';

/** Block lengths in minutes: bursts show at 1 and 15, daily swing at 120. */
export const BLOCK_MINUTES = [1, 15, 120] as const;

/** Weight of the service's own dispersion before the template has shown its own: in expected lines, and in blocks. */
const PRIOR_LINES = 4;
/** An estimate from two or three blocks of 120 minutes is worth little, however many lines were in them. */
const PRIOR_BLOCKS = 1;

/** Which of its templates' dispersions a service lends to the others: high, because underestimating cries wolf. */
const PEER_QUANTILE = 0.85;

/** A template lends its dispersion from this many expected lines on. */
const PEER_LINES_MIN = 4;

const SHAPE_MIN = 0.5;

/** A guess is raised to at most this many times itself. */
const GUESS_MAX = 3;

/** Index of the dispersion at one block length. */
export type BlockIndex = 0 | 1 | 2;

/**
 * Variance over mean of a template's counts around their expectation, at three block lengths:
 * φ = max(1, (w φ_service + Σ(Y−M)²) / (w + ΣM)), w = 4 lines and 3 blocks, sums discounted.
 */
export interface Dispersion {
  /** Σ(Y−M)² and ΣM of finished blocks, per block length. */
  readonly squares: number[];
  readonly means: number[];
  /** Discounted number of finished blocks. */
  readonly blocks: number[];
  /** The unfinished blocks of 15 and 120 minutes: lines, expected lines, minutes. */
  readonly openLines: number[];
  readonly openMeans: number[];
  readonly openMinutes: number[];
}

export function newDispersion(): Dispersion {
  return {
    squares: [0, 0, 0],
    means: [0, 0, 0],
    blocks: [0, 0, 0],
    openLines: [0, 0, 0],
    openMeans: [0, 0, 0],
    openMinutes: [0, 0, 0],
  };
}

export function dispersionAt(d: Dispersion, block: BlockIndex, servicePrior: readonly number[]): number {
  const prior = servicePrior[block] ?? 1;
  const blocks = d.blocks[block]!;
  const weight = PRIOR_LINES + (blocks === 0 ? 0 : (PRIOR_BLOCKS * d.means[block]!) / blocks);
  return Math.max(1, (weight * prior + d.squares[block]!) / (weight + d.means[block]!));
}

/**
 * The largest over the block lengths: bursts and daily swing are autocorrelated, so sums of minutes vary by this.
 * Taken one relative s.d. too high: a dispersion that a handful of bursts has shown is a guess, and guessing low cries wolf.
 */
export function dispersionMax(d: Dispersion, servicePrior: readonly number[]): number {
  let largest = 1;
  for (let i = 0; i < BLOCK_MINUTES.length; i++)
    largest = Math.max(largest, dispersionGuess(d, i as BlockIndex, servicePrior));
  return largest;
}

/** Dispersion at one block length, one relative s.d. too high. */
export function dispersionGuess(d: Dispersion, block: BlockIndex, servicePrior: readonly number[]): number {
  const dispersion = dispersionAt(d, block, servicePrior);
  const guess = 1 + Math.sqrt(dispersion / (PRIOR_LINES + d.means[block]!));
  return dispersion * Math.min(guess, GUESS_MAX);
}

/** Adds one minute with `y` lines where `mu` were expected of a baseline with gamma shape `shape`. */
export function learnDispersion(
  d: Dispersion,
  y: number,
  mu: number,
  shape: number,
  halfLifeMinutes: number,
): void {
  for (let i = 0; i < BLOCK_MINUTES.length; i++) {
    d.openLines[i]! += y;
    d.openMeans[i]! += mu;
    d.openMinutes[i]! += 1;
    if (d.openMinutes[i]! >= BLOCK_MINUTES[i]!) closeBlocks(d, i, 1, shape, halfLifeMinutes);
  }
}

/** Adds `minutes` minutes without a line, `mu` expected in each. */
export function learnZeroDispersion(
  d: Dispersion,
  minutes: number,
  mu: number,
  shape: number,
  halfLifeMinutes: number,
): void {
  for (let i = 0; i < BLOCK_MINUTES.length; i++) {
    const length = BLOCK_MINUTES[i]!;
    let left = minutes;
    const toFill = Math.min(left, length - d.openMinutes[i]!);
    d.openMeans[i]! += mu * toFill;
    d.openMinutes[i]! += toFill;
    left -= toFill;
    if (d.openMinutes[i]! >= length) closeBlocks(d, i, 1, shape, halfLifeMinutes);
    const whole = Math.floor(left / length);
    if (whole > 0) {
      d.openMeans[i] = mu * length;
      d.openMinutes[i] = length;
      closeBlocks(d, i, whole, shape, halfLifeMinutes);
      left -= whole * length;
    }
    if (left > 0) {
      d.openMeans[i] = mu * left;
      d.openMinutes[i] = left;
    }
  }
}

/**
 * Books the open block `times` times and begins a new one. What was not known of the rate (M²/a) is no dispersion:
 * without the factor a/(a+M) the first hours of a template look bursty for days.
 */
function closeBlocks(d: Dispersion, i: number, times: number, shape: number, halfLifeMinutes: number): void {
  const kept = decayFactor(times * BLOCK_MINUTES[i]!, halfLifeMinutes);
  const mean = d.openMeans[i]!;
  const deviation = d.openLines[i]! - mean;
  const before = Math.max(shape - d.openLines[i]!, SHAPE_MIN);
  d.squares[i] = d.squares[i]! * kept + (times * deviation * deviation * before) / (before + mean);
  d.means[i] = d.means[i]! * kept + times * mean;
  d.blocks[i] = d.blocks[i]! * kept + times;
  d.openLines[i] = 0;
  d.openMeans[i] = 0;
  d.openMinutes[i] = 0;
}

/** What a service lends to templates that have not shown their own dispersion yet, per block length. */
export function peerDispersion(peers: Iterable<Dispersion>): number[] {
  const values: number[][] = [[], [], []];
  for (const d of peers) {
    for (let i = 0; i < BLOCK_MINUTES.length; i++) {
      if (d.means[i]! >= PEER_LINES_MIN) values[i]!.push(Math.max(1, d.squares[i]! / d.means[i]!));
    }
  }
  return values.map((list) => {
    if (list.length === 0) return 1;
    list.sort((x, y) => x - y);
    return list[Math.min(list.length - 1, Math.floor(PEER_QUANTILE * list.length))]!;
  });
}

/** Two templates became one: as if their counts had been judged side by side. */
export function mergeDispersion(into: Dispersion, from: Dispersion): void {
  for (let i = 0; i < BLOCK_MINUTES.length; i++) {
    into.squares[i]! += from.squares[i]!;
    into.means[i]! += from.means[i]!;
    into.blocks[i] = Math.max(into.blocks[i]!, from.blocks[i]!);
    into.openLines[i]! += from.openLines[i]!;
    into.openMeans[i]! += from.openMeans[i]!;
    into.openMinutes[i] = Math.max(into.openMinutes[i]!, from.openMinutes[i]!);
  }
}
