// What was found of canonical lines before: the same line is not scanned again. Forgetting any of it changes no result.
import type { CanonicalLine } from './canonical-line.ts';

/** Lines that are known at most, and places for them: at most half are taken, so that a search is short. */
const LINES_MAX = 32 * 1024;
const PLACES = 64 * 1024;
/** Bytes of lines that are known at most. Ordinary lines are some hundred bytes, so that neither limit waits for the other. */
const LINE_BYTES_MAX = 8 * 1024 * 1024;
/** A line longer than this is not remembered: few are alike, and one would take the place of many. */
const LINE_LENGTH_MAX = 4 * 1024;

/** A place is half a cache line of eight words; these are in use. No bytes = the place is free. */
const PLACE_WORDS = 8;
const LENGTH = 0;
const HASH = 1;
/** Where the line begins in `fours`. */
const START = 2;
const HIGH = 3;
const LOW = 4;
const KIND = 5;

/** Everything is forgotten when it is full; lines that still come are known again at once. */
export class KnownLines {
  /** Of the line that `find` found: the halves of its signature as int32, and its kind. */
  hashHigh = 0;
  hashLow = 0;
  kind = 0;
  private lines = 0;
  private end = 0;
  private readonly places = new Int32Array(PLACES * PLACE_WORDS);
  private readonly fours = new Int32Array(LINE_BYTES_MAX / 4);
  /** Of the line last looked for. */
  private hash = 0;
  private place = 0;

  /** True when the line is known; the fields hold what was found of it. Equal hashes are not enough: bytes are compared. */
  find(line: CanonicalLine): boolean {
    const { length, fours } = line;
    if (length === 0 || length > LINE_LENGTH_MAX) return false;
    const { places } = this;
    const count = (length + 3) >> 2;
    const hash = hashOf(fours, count) ^ length;
    let at = ((hash ^ (hash >>> 16)) & (PLACES - 1)) * PLACE_WORDS;
    for (;;) {
      const known = places[at + LENGTH]!;
      if (known === 0) break;
      if (known === length && places[at + HASH] === hash && this.isAt(places[at + START]!, fours, count)) {
        this.hashHigh = places[at + HIGH]!;
        this.hashLow = places[at + LOW]!;
        this.kind = places[at + KIND]!;
        return true;
      }
      at = (at + PLACE_WORDS) & (PLACES * PLACE_WORDS - 1);
    }
    this.hash = hash;
    this.place = at;
    return false;
  }

  /** Remembers the line that `find` has just not found. */
  add(line: CanonicalLine, hashHigh: number, hashLow: number, kind: number): void {
    const { length, fours } = line;
    if (length === 0 || length > LINE_LENGTH_MAX) return;
    const count = (length + 3) >> 2;
    if (this.lines === LINES_MAX || this.end + count > this.fours.length) this.forget();
    const { places, place } = this;
    places[place + LENGTH] = length;
    places[place + HASH] = this.hash;
    places[place + START] = this.end;
    places[place + HIGH] = hashHigh;
    places[place + LOW] = hashLow;
    places[place + KIND] = kind;
    for (let i = 0; i < count; i++) this.fours[this.end + i] = fours[i]!;
    this.end += count;
    this.lines++;
  }

  private isAt(start: number, fours: Int32Array, count: number): boolean {
    const known = this.fours;
    for (let i = 0; i < count; i++) if (known[start + i] !== fours[i]) return false;
    return true;
  }

  private forget(): void {
    this.places.fill(0);
    this.lines = 0;
    this.end = 0;
  }
}

/** Two lanes, so that one multiplication need not wait for the other. */
function hashOf(fours: Int32Array, count: number): number {
  let even = 0x2545f491;
  let odd = 0x6c62272e;
  let i = 1;
  for (; i < count; i += 2) {
    even = Math.imul(even, 0x01000193) ^ fours[i - 1]!;
    odd = Math.imul(odd, 0x5bd1e995) ^ fours[i]!;
  }
  if (i === count) even = Math.imul(even, 0x01000193) ^ fours[i - 1]!;
  even ^= Math.imul(odd, 0x2c1b3c6d);
  even = Math.imul(even ^ (even >>> 15), 0x85ebca6b);
  return even ^ (even >>> 13);
}
