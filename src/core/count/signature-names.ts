import { hex32 } from '../hash.ts';

/** Names held: a service with ten thousand templates fits several times. Each slot costs some 60 bytes. */
const NAMES_MAX = 65_536;

/**
 * The 16 hex digits of signatures, kept across buckets, as most signatures of a bucket were in the one before. One slot
 * a hash: what does not find its name there is formatted anew and takes the slot.
 */
export class SignatureNames {
  readonly #high = new Int32Array(NAMES_MAX);
  readonly #low = new Int32Array(NAMES_MAX);
  readonly #names: string[] = new Array<string>(NAMES_MAX).fill('');

  of(high: number, low: number): string {
    const slot = low & (NAMES_MAX - 1);
    const held = this.#names[slot]!;
    if (held !== '' && this.#high[slot] === high && this.#low[slot] === low) return held;
    const name = hex32(high) + hex32(low);
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#names[slot] = name;
    return name;
  }
}
