// Copies bytes between buffers by whole words, without the view that `TypedArray.set` needs for a part of a buffer.

import * as header from './kept-header.ts';

// Of this file, so that the compiler sees a constant: what is imported is loaded and checked at every use.
const { WORD_BYTES } = header;

const NO_BYTES = new Uint8Array(0);

/**
 * Keeps the buffer last copied from, and a view of it: copies come from one message many times. Words are bigints in name
 * only: compiled code moves eight bytes and makes none.
 */
export class WordCopy {
  #source: Uint8Array = NO_BYTES;
  #view: DataView = new DataView(NO_BYTES.buffer);
  /** Up to here a word can be read. */
  #wordsEnd = 0;

  /** Copies `source[start, end)` to `target[at…]`. What lies behind `end` may fill the last word. */
  copy(source: Uint8Array, start: number, end: number, target: BigInt64Array, at: number): void {
    if (source !== this.#source) {
      this.#source = source;
      this.#view = new DataView(source.buffer, source.byteOffset);
      this.#wordsEnd = this.#view.byteLength - WORD_BYTES;
    }
    const view = this.#view;
    if (end > this.#wordsEnd) {
      // The buffer may end within the last word.
      new Uint8Array(target.buffer).set(source.subarray(start, end), at * WORD_BYTES);
      return;
    }
    const words = (end - start + WORD_BYTES - 1) >> 3;
    // `| 0` because sums of addresses are then not checked for overflow.
    for (let i = 0; i < words; i++)
      target[(at + i) | 0] = view.getBigInt64((start + i * WORD_BYTES) | 0, true);
  }
}
