// Copies bytes between buffers, sixteen in a step, without the view that `TypedArray.set` needs for a part of a buffer.

const NO_BYTES = new Uint8Array(0);
/** Bytes of a word. Places that are equally many bytes behind one are copied by words. */
const WORD = 4;

/** Keeps the buffer last copied from, and a view of it: copies come from one message many times. */
export class ByteCopy {
  #source: Uint8Array = NO_BYTES;
  #sourceWords: Int32Array = new Int32Array(0);

  /** How many bytes behind a word of its buffer `bytes[at]` is: 0 to 3. */
  static alignment(bytes: Uint8Array, at: number): number {
    return (bytes.byteOffset + at) & (WORD - 1);
  }

  /**
   * Copies `source[start, end)` to `target[at…]`, which is all of its buffer, as is `words`; both ranges must lie in their
   * buffers. Slow unless equally aligned.
   */
  copy(
    source: Uint8Array,
    start: number,
    end: number,
    target: Uint8Array,
    words: Int32Array,
    at: number,
  ): void {
    if (ByteCopy.alignment(source, start) !== (at & (WORD - 1))) {
      target.set(source.subarray(start, end), at);
      return;
    }
    if (source !== this.#source) {
      this.#source = source;
      this.#sourceWords = wordsOf(source);
    }
    let i = start;
    let n = at;
    for (; i < end && ((source.byteOffset + i) & (WORD - 1)) !== 0; i++, n++) target[n] = source[i]!;
    const steps = (end - i) >> 4;
    const from = this.#sourceWords;
    let word = (source.byteOffset + i) >> 2;
    let place = n >> 2;
    for (const stop = word + 4 * steps; word < stop; word += 4, place += 4) {
      words[place] = from[word]!;
      words[place + 1] = from[word + 1]!;
      words[place + 2] = from[word + 2]!;
      words[place + 3] = from[word + 3]!;
    }
    i += 16 * steps;
    n += 16 * steps;
    for (; i < end; i++, n++) target[n] = source[i]!;
  }
}

function wordsOf(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.buffer, 0, bytes.buffer.byteLength >> 2);
}
