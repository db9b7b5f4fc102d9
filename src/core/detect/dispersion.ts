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

/** The largest over the blocks up to `last`: what a count of one minute (0), of a quarter of an hour (1) … varies by. */
export function dispersionUpTo(d: Dispersion, last: BlockIndex, servicePrior: readonly number[]): number {
  return largest(d, last, servicePrior, false);
}

/**
 * The largest over the block lengths: bursts and daily swing are autocorrelated, so sums of minutes vary by this.
 * Taken too high where little has shown it: a dispersion that a handful of bursts has shown is a guess, and guessing low cries wolf.
 */
export function dispersionMax(d: Dispersion, servicePrior: readonly number[]): number {
  return largest(d, 2, servicePrior, true);
}

/** The same, up to block `last` only. */
export function dispersionGuess(d: Dispersion, last: BlockIndex, servicePrior: readonly number[]): number {
  return largest(d, last, servicePrior, true);
}

function largest(d: Dispersion, last: BlockIndex, servicePrior: readonly number[], isGuess: boolean): number {
  let max = 1;
  let lentMax = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= last; i++) {
    const means = d.means[i]!;
    const blocks = d.blocks[i]!;
    const lent = Math.min(servicePrior[i] ?? 1, lentMax);
    const weight = PRIOR_LINES + (blocks === 0 ? 0 : (PRIOR_BLOCKS * means) / blocks);
    const dispersion = Math.max(1, (weight * lent + d.squares[i]!) / (weight + means));
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
