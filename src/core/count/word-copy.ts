// Copies bytes between buffers by whole words, without the view that `TypedArray.set` needs for a part of a buffer.

const NO_BYTES = new Uint8Array(0);
export const WORD_BYTES = 8;

/**
 * Keeps the buffer last copied from, and a view of it: copies come from one message many times. Words are bigints in name
 * only: compiled code moves eight bytes and makes none.
 */
export class WordCopy {
  #source: Uint8Array = NO_BYTES;
  #sourceWords: BigInt64Array = new BigInt64Array(0);

  /** How many bytes behind the beginning of a word of its buffer `bytes[at]` is. */
  static shiftOf(bytes: Uint8Array, at: number): number {
    return (bytes.byteOffset + at) & (WORD_BYTES - 1);
  }

  /**
   * Copies the words that `source[start, end)` lies in to `target[at…]`. What else is in the first and the last of them comes
   * with it.
   */
  copy(source: Uint8Array, start: number, end: number, target: BigInt64Array, at: number): void {
    if (source !== this.#source) {
      this.#source = source;
      this.#sourceWords = wordsOf(source);
    }
    const words = this.#sourceWords;
    let from = (source.byteOffset + start) >> 3;
    let to = at;
    const stop = (source.byteOffset + end + WORD_BYTES - 1) >> 3;
    if (stop > words.length) {
      // The buffer ends within the last word.
      const shift = WordCopy.shiftOf(source, start);
      new Uint8Array(target.buffer).set(source.subarray(start, end), at * WORD_BYTES + shift);
      return;
    }
    for (; from + 4 <= stop; from += 4, to += 4) {
      target[to] = words[from]!;
      target[to + 1] = words[from + 1]!;
      target[to + 2] = words[from + 2]!;
      target[to + 3] = words[from + 3]!;
    }
    for (; from < stop; from++, to++) target[to] = words[from]!;
  }
}

function wordsOf(bytes: Uint8Array): BigInt64Array {
  return new BigInt64Array(bytes.buffer, 0, bytes.buffer.byteLength >> 3);
}
