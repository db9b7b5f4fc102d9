// Attributes that were read before: the same bytes are not decoded again. Forgetting any of them changes no result.

export type Pair = readonly [key: string, value: string];

/** Pairs that are known at most, and places for them: at most half are taken, so that a search is short. */
const PAIRS_MAX = 2_048;
const PLACES = 2 * PAIRS_MAX;
/** A longer pair is not remembered: text of its own seldom comes again. */
const PAIR_BYTES_MAX = 256;
const BYTES_MAX = PAIRS_MAX * 64;
/** Places looked at for one pair: whoever makes hashes collide has his pairs decoded each time. */
const STEPS_MAX = 16;

/**
 * Pairs by the bytes of their KeyValue. A pair is remembered when it comes the second time, so that values that never come
 * again, ids above all, take no place. Everything is forgotten when it is full.
 */
export class KnownPairs {
  private count = 0;
  private end = 0;
  private readonly bytes = new Uint8Array(BYTES_MAX);
  private readonly pairs: (Pair | null)[] = new Array<Pair | null>(PLACES).fill(null);
  private readonly starts = new Int32Array(PLACES);
  private readonly lengths = new Uint16Array(PLACES);
  private readonly hashes = new Int32Array(PLACES);
  /** Hashes of what came once, each until another takes its place. */
  private readonly once = new Int32Array(PLACES);
  /** By place: the place of the pair that came after it, the last time. */
  private readonly nexts = new Uint16Array(PLACES);
  /** Where the pair last found is. */
  private last = 0;
  /** Of the pair last looked for; a place of -1 = there is none for it. */
  private hash = 0;
  private place = -1;

  /** Null = not known. Equal hashes are not enough: bytes are compared. */
  find(source: Uint8Array, start: number, end: number): Pair | null {
    const length = end - start;
    this.place = -1;
    if (length > PAIR_BYTES_MAX) return null;
    // Records of one kind have the same attributes in the same order: most are found without a look at their hash.
    const guess = this.nexts[this.last]!;
    const guessed = this.pairs[guess]!;
    if (guessed !== null && this.lengths[guess] === length && this.isAt(guess, source, start)) {
      this.last = guess;
      return guessed;
    }
    const hash = hashOf(source, start, end);
    this.hash = hash;
    let place = hash & (PLACES - 1);
    for (let i = 0; i < STEPS_MAX; i++) {
      const pair = this.pairs[place]!;
      if (pair === null) {
        this.place = place;
        return null;
      }
      if (this.hashes[place] === hash && this.lengths[place] === length && this.isAt(place, source, start)) {
        this.nexts[this.last] = place;
        this.last = place;
        return pair;
      }
      place = (place + 1) & (PLACES - 1);
    }
    return null;
  }

  /** Told of the pair that `find` has just not found. True = it is remembered, and the same object is found from now on. */
  add(source: Uint8Array, start: number, end: number, pair: Pair): boolean {
    const { place, hash } = this;
    if (place < 0) return false;
    const before = hash & (PLACES - 1);
    if (this.once[before] !== hash) {
      this.once[before] = hash;
      return false;
    }
    if (this.count === PAIRS_MAX || this.end + end - start > BYTES_MAX) {
      this.forget();
      return false;
    }
    this.pairs[place] = pair;
    this.hashes[place] = hash;
    this.starts[place] = this.end;
    this.lengths[place] = end - start;
    for (let i = start; i < end; i++) this.bytes[this.end++] = source[i]!;
    this.count++;
    return true;
  }

  private isAt(place: number, source: Uint8Array, start: number): boolean {
    const known = this.bytes;
    const at = this.starts[place]! - start;
    const end = start + this.lengths[place]!;
    for (let i = start; i < end; i++) if (known[at + i] !== source[i]) return false;
    return true;
  }

  private forget(): void {
    this.pairs.fill(null);
    this.count = 0;
    this.end = 0;
  }
}

/** Two lanes, so that one multiplication need not wait for the other. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let even = 0x2545f491 ^ (end - start);
  let odd = 0x6c62272e;
  let i = start + 1;
  for (; i < end; i += 2) {
    even = Math.imul(even ^ bytes[i - 1]!, 0x01000193);
    odd = Math.imul(odd ^ bytes[i]!, 0x5bd1e995);
  }
  if (i === end) even = Math.imul(even ^ bytes[i - 1]!, 0x01000193);
  even ^= Math.imul(odd ^ (odd >>> 15), 0x2c1b3c6d);
  even = Math.imul(even ^ (even >>> 15), 0x85ebca6b);
  return even ^ (even >>> 13);
}
