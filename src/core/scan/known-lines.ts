// What was found of canonical lines before: the same line is not scanned again. Forgetting any of it changes no result.
import type { CanonicalLine } from './canonical-line.ts';

/** Lines that are known at most, and places for them: at most half are taken, so that a search is short. */
const LINES_MAX = 32 * 1024;
const PLACES = 64 * 1024;
/** Bytes of lines that are known at most. Ordinary lines are some hundred bytes, so that neither limit waits for the other. */
const LINE_BYTES_MAX = 8 * 1024 * 1024;
/** A line longer than this is not remembered: few are alike, and one would take the place of many. */
const LINE_LENGTH_MAX = 4 * 1024;

/** Everything is forgotten when it is full; lines that still come are known again at once. */
export class KnownLines {
  /** Of the line that `find` found. */
  hashHigh = 0;
  hashLow = 0;
  kind = 0;
  private lines = 0;
  private end = 0;
  private readonly fours = new Int32Array(LINE_BYTES_MAX / 4);
  /** By place: where the line begins in `fours`, and its bytes; no bytes = the place is free. */
  private readonly starts = new Int32Array(PLACES);
  private readonly lengths = new Uint16Array(PLACES);
  private readonly hashes = new Int32Array(PLACES);
  private readonly highs = new Uint32Array(PLACES);
  private readonly lows = new Uint32Array(PLACES);
  private readonly kinds = new Uint8Array(PLACES);
  /** Of the line last looked for. */
  private hash = 0;
  private place = 0;

  /** True when the line is known; the fields hold what was found of it. Equal hashes are not enough: bytes are compared. */
  find(line: CanonicalLine): boolean {
    const { length, fours } = line;
    if (length === 0 || length > LINE_LENGTH_MAX) return false;
    const count = (length + 3) >> 2;
    const hash = hashOf(fours, count) ^ length;
    let place = (hash ^ (hash >>> 16)) & (PLACES - 1);
    this.hash = hash;
    for (;;) {
      const known = this.lengths[place]!;
      if (known === 0) break;
      if (known === length && this.hashes[place] === hash && this.isAt(this.starts[place]!, fours, count)) {
        this.hashHigh = this.highs[place]!;
        this.hashLow = this.lows[place]!;
        this.kind = this.kinds[place]!;
        return true;
      }
      place = (place + 1) & (PLACES - 1);
    }
    this.place = place;
    return false;
  }

  /** Remembers the line that `find` has just not found. */
  add(line: CanonicalLine, hashHigh: number, hashLow: number, kind: number): void {
    const { length, fours } = line;
    if (length === 0 || length > LINE_LENGTH_MAX) return;
    const count = (length + 3) >> 2;
    if (this.lines === LINES_MAX || this.end + count > this.fours.length) this.forget();
    const { place } = this;
    this.starts[place] = this.end;
    this.lengths[place] = length;
    this.hashes[place] = this.hash;
    this.highs[place] = hashHigh;
    this.lows[place] = hashLow;
    this.kinds[place] = kind;
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
    this.lengths.fill(0);
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
