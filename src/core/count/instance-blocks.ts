import { grown } from '../grown.ts';

const WORDS_FIRST = 64;
/** Room grows by a quarter: it stays for the next buckets, so that it seldom grows. */
const GROWTH = 1.25;

/** Pairs in the smallest block; each larger one has twice as many. */
const PAIRS_MIN = 2;

/** No block. */
const NONE = -1;

/**
 * Pairs of an instance's key and its records, in blocks of 2, 4, 8 … pairs: most rows are of few instances, and what is
 * counted often should lie close together. A block is named by the index of its first word.
 */
export class InstanceBlocks {
  words = new Int32Array(WORDS_FIRST);
  #used = 0;
  /** Per size, the first free block; its first word names the next. */
  readonly #free: number[] = [];

  /** A block with room for one more than `pairs`: call with 0 or with a whole block's pairs. */
  take(pairs: number): number {
    const room = Math.max(PAIRS_MIN, pairs * 2);
    const free = this.#free[room] ?? NONE;
    if (free !== NONE) {
      this.#free[room] = this.words[free]!;
      return free;
    }
    const at = this.#used;
    this.#used += room * 2;
    if (this.#used > this.words.length) this.#grow();
    return at;
  }

  /** Gives back a block that holds `pairs`. */
  give(at: number, pairs: number): void {
    let room = PAIRS_MIN;
    while (room < pairs) room *= 2;
    this.words[at] = this.#free[room] ?? NONE;
    this.#free[room] = at;
  }

  /** True: a block that holds so many pairs has room for no further one. */
  isFull(pairs: number): boolean {
    return pairs === 0 || (pairs >= PAIRS_MIN && (pairs & (pairs - 1)) === 0);
  }

  clear(): void {
    this.#used = 0;
    this.#free.length = 0;
  }

  #grow(): void {
    this.words = grown(this.words, new Int32Array(Math.ceil(this.#used * GROWTH)));
  }
}
