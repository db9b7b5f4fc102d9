import { hex32 } from '../hash.ts';

/** Names held at first, and at most: a service with ten thousand templates fits several times. A name costs some 60 bytes. */
const NAMES_FIRST = 256;
const NAMES_MAX = 65_536;

/**
 * The 16 hex digits of signatures, kept across buckets, as most signatures of a bucket were in the one before. One slot
 * a hash: what does not find its name there is formatted anew and takes the slot.
 */
export class SignatureNames {
  #size = NAMES_FIRST;
  #high = new Int32Array(NAMES_FIRST);
  #low = new Int32Array(NAMES_FIRST);
  #names: string[] = new Array<string>(NAMES_FIRST).fill('');

  /** Makes room for a bucket with so many rows; what is held is then formatted anew. */
  fit(rows: number): void {
    if (rows <= this.#size || this.#size === NAMES_MAX) return;
    while (this.#size < rows * 2 && this.#size < NAMES_MAX) this.#size *= 2;
    this.#high = new Int32Array(this.#size);
    this.#low = new Int32Array(this.#size);
    this.#names = new Array<string>(this.#size).fill('');
  }

  of(high: number, low: number): string {
    const slot = low & (this.#size - 1);
    const held = this.#names[slot]!;
    if (held !== '' && this.#high[slot] === high && this.#low[slot] === low) return held;
    const name = hex32(high) + hex32(low);
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#names[slot] = name;
    return name;
  }
}
