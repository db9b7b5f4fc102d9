import type { PairFilter } from '../decode/kept-reader.ts';
import type { Redactor } from '../redact.ts';
import type { PairTable } from './lift.ts';
import { PAIRS_MAX, VALUE_CHARS } from './limits.ts';

/** Bits of the filter; of 256 pairs one in 32 that is not among them looks as if it were, and is read. */
const BITS = 8_192;

/** Keys that are remembered, each until another takes its place, and the longest of them in bytes. */
const KEYS = 64;
const KEY_BYTES_MAX = 64;

const ASCII_END = 128;
const HASH_START = 0x2545f491;

/**
 * Ids of sessions and requests: a table that is full takes no new pair, so they need not be read once it is certain, by
 * their bytes alone, that they are none of its pairs. Certain means: text that redaction leaves alone, and a hash that no
 * pair of the table has. Whatever is not certain is read, so a table never depends on what the filter knows.
 */
export class OutsidePairs implements PairFilter {
  readonly #redactor: Redactor;
  readonly #isCompared: (key: string) => boolean;
  readonly #bits = new Uint32Array(BITS / 32);
  readonly #keys = new Uint8Array(KEYS * KEY_BYTES_MAX);
  /** By place: length of the key, 0 = none; and whether it and its plain values are told as they are. */
  readonly #lengths = new Uint8Array(KEYS);
  readonly #areTold = new Uint8Array(KEYS);
  #table: PairTable | null = null;
  #isBuilt = false;

  /** `isCompared`: are pairs of this key told at all? */
  constructor(redactor: Redactor, isCompared: (key: string) => boolean) {
    this.#redactor = redactor;
    this.#isCompared = isCompared;
  }

  /** From now on the question is about this table. */
  open(table: PairTable): void {
    this.#table = table;
    this.#isBuilt = false;
  }

  isOutside(bytes: Uint8Array, keyStart: number, keyEnd: number, start: number, end: number): boolean {
    if (!this.#isBuilt && !this.#build()) return false;
    if (start === end || end - start > VALUE_CHARS) return false;
    const hash = hashBytes(HASH_START, bytes, keyStart, keyEnd);
    if (!this.#isToldAsItIs(hash, bytes, keyStart, keyEnd)) return false;
    const bit = bitOf(hashBytes(step(hash, 0), bytes, start, end));
    if ((this.#bits[bit >>> 5]! & (1 << (bit & 31))) !== 0) return false;
    return this.#redactor.isPlain(bytes, start, end);
  }

  /** False = the table has room: every pair matters. */
  #build(): boolean {
    const { pairs } = this.#table!;
    if (pairs.size < PAIRS_MAX) return false;
    this.#bits.fill(0);
    for (const id of pairs.keys()) {
      const bit = bitOf(hashText(id));
      this.#bits[bit >>> 5] = this.#bits[bit >>> 5]! | (1 << (bit & 31));
    }
    this.#isBuilt = true;
    return true;
  }

  #isToldAsItIs(hash: number, bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start;
    if (length === 0 || length > KEY_BYTES_MAX) return false;
    const place = bitOf(hash) % KEYS;
    const from = place * KEY_BYTES_MAX;
    if (this.#lengths[place] === length) {
      let i = 0;
      while (i < length && this.#keys[from + i] === bytes[start + i]) i++;
      if (i === length) return this.#areTold[place] === 1;
    }
    const key = bytes.subarray(start, end);
    this.#keys.set(key, from);
    this.#lengths[place] = length;
    const isTold = key.every((byte) => byte < ASCII_END) && this.#isToldText(String.fromCharCode(...key));
    this.#areTold[place] = isTold ? 1 : 0;
    return isTold;
  }

  #isToldText(key: string): boolean {
    const redactor = this.#redactor;
    return this.#isCompared(key) && !redactor.isSecretKey(key) && redactor.redact(key) === key;
  }
}

function step(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

function hashBytes(seed: number, bytes: Uint8Array, start: number, end: number): number {
  let hash = seed;
  for (let i = start; i < end; i++) hash = step(hash, bytes[i]!);
  return hash;
}

/** Of ASCII text the hash of its bytes. */
function hashText(id: string): number {
  let hash = HASH_START;
  for (let i = 0; i < id.length; i++) hash = step(hash, id.charCodeAt(i));
  return hash;
}

function bitOf(hash: number): number {
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 19;
}
