// What was read before: the same bytes are not decoded again. Forgetting any of it changes no result.

/** Longer bytes are not remembered: text of its own seldom comes again. */
const LENGTH_MAX = 256;
/** Bytes there is room for, for each of what is known at most. */
const LENGTH_MEAN = 64;
/** Places looked at for one: whoever makes hashes collide has his bytes decoded each time. */
const STEPS_MAX = 16;

/**
 * What bytes were decoded to, by these bytes. They are remembered when they come the second time, so that values that
 * never come again, ids above all, take no place. Everything is forgotten when it is full.
 */
export class KnownBytes<Value extends object | string> {
  private readonly most: number;
  /** Twice as many places as values, so that a search is short; a power of two. */
  private readonly lastPlace: number;
  private count = 0;
  private end = 0;
  private readonly bytes: Uint8Array;
  private readonly values: (Value | null)[];
  private readonly starts: Int32Array;
  private readonly lengths: Uint16Array;
  private readonly hashes: Int32Array;
  /** Hashes of what came once, each until another takes its place. */
  private readonly once: Int32Array;
  /** By place: the place of what came after it, the last time. */
  private readonly nexts: Uint16Array;
  /** Where what was last found is. */
  private last = 0;
  /** Of what was last looked for; a place of -1 = there is none for it. */
  private hash = 0;
  private place = -1;

  /** Knows `most` at most, a power of two up to 2^15. */
  constructor(most: number) {
    const places = 2 * most;
    this.most = most;
    this.lastPlace = places - 1;
    this.bytes = new Uint8Array(most * LENGTH_MEAN);
    this.values = new Array<Value | null>(places).fill(null);
    this.starts = new Int32Array(places);
    this.lengths = new Uint16Array(places);
    this.hashes = new Int32Array(places);
    this.once = new Int32Array(places);
    this.nexts = new Uint16Array(places);
  }

  /** Null = not known. Equal hashes are not enough: bytes are compared. */
  find(source: Uint8Array, start: number, end: number): Value | null {
    const length = end - start;
    this.place = -1;
    if (length > LENGTH_MAX) return null;
    // Records of one kind have the same attributes in the same order: most are found without a look at their hash.
    const guess = this.nexts[this.last]!;
    const guessed = this.values[guess]!;
    if (guessed !== null && this.lengths[guess] === length && this.isAt(guess, source, start)) {
      this.last = guess;
      return guessed;
    }
    const hash = hashOf(source, start, end);
    this.hash = hash;
    let place = hash & this.lastPlace;
    for (let i = 0; i < STEPS_MAX; i++) {
      const value = this.values[place]!;
      if (value === null) {
        this.place = place;
        return null;
      }
      if (this.hashes[place] === hash && this.lengths[place] === length && this.isAt(place, source, start)) {
        this.nexts[this.last] = place;
        this.last = place;
        return value;
      }
      place = (place + 1) & this.lastPlace;
    }
    return null;
  }

  /** Told of what `find` has just not found. True = it is remembered, and the same object is found from now on. */
  add(source: Uint8Array, start: number, end: number, value: Value): boolean {
    const { place, hash } = this;
    if (place < 0) return false;
    const before = hash & this.lastPlace;
    if (this.once[before] !== hash) {
      this.once[before] = hash;
      return false;
    }
    if (this.count === this.most || this.end + end - start > this.bytes.length) {
      this.forget();
      return false;
    }
    this.values[place] = value;
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
    this.values.fill(null);
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
