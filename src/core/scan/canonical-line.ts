// What a line is before it is scanned: its bytes with every word that is certainly a value replaced by a fixed one of its
// kind. Lines of one call site become the same bytes, nearly all of them, so that a scan need not be made again.
import { asciiBytes } from '../decode/ascii.ts';
import { classesOf } from './bytes.ts';
import * as byteClasses from './classes.ts';
import { endsInHexId, isSign, isTrailing } from './pieces.ts';
import * as standIns from './stand-ins.ts';
import { standInOf, standInOfRun } from './stand-ins.ts';
import type { TokenBuffer } from './tokens.ts';
import * as kinds from './tokens.ts';
import * as words from './words.ts';
import { classifyDigits, isHex, isUuid } from './words.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { BYTE_CLASS, CUT, DASH, DIGIT, DOT, LETTER, SPACE, UNDERSCORE, WORD_END } = byteClasses;
const { SLOT } = kinds;
const { PIECES, UUID_LENGTH } = words;

const LOW_BITS = 0x7f7f7f7f;
const HIGH_BITS = 0x80808080 | 0;
const ZEROS = 0x30303030;
/** Added to seven bits of each byte, it sets the eighth of those beyond nine. */
const BEYOND_NINE = 0x76767676;

const { HEX_ID, LONG, LONG_NUMBER, LONG_NUMBER_LENGTH, NUMBER, STEP, URL, URL_WITH_PAIRS } = standIns;
const { STAND_IN_HEADS, STAND_IN_LENGTHS, STAND_IN_TAILS, STAND_IN_UUID } = standIns;
const FOUR_A = 0x61616161;

/** 1 for a byte next to which a word means the same, whatever its digits are: in front of it, and behind it. */
const FREE_BEFORE = table(' \t\n\r=([{,;"\'#|*`!&?>');
const FREE_BEHIND = table(' \t\n\r,;)]}"\'#|*`!>');
/** 1 for a byte that ends a URL for every reader. */
const ENDS_URL = table('\0\t\n\r\v\f "\'`<>()[]{},;|');

/** Reused for every line. `length` bytes of `bytes` are the canonical line; zeros follow up to a whole number of fours. */
export class CanonicalLine {
  readonly bytes: Uint8Array;
  /** The same bytes, four at a time, in the machine's order. */
  readonly fours: Int32Array;
  length = 0;
  /** Values of the line last traced: where they stand in it and in `bytes`, ascending. */
  values = 0;
  readonly lineFrom: Int32Array;
  readonly lineTo: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  private readonly view: DataView;
  private isTraced = false;
  private offset = 0;
  private line: Uint8Array = new Uint8Array(0);
  private lineView = new DataView(this.line.buffer);

  /** For lines of at most `lineBytes`. */
  constructor(lineBytes: number) {
    // Values are written as eight bytes, whatever their length.
    this.bytes = new Uint8Array((lineBytes + 12) & ~3);
    this.fours = new Int32Array(this.bytes.buffer);
    this.view = new DataView(this.bytes.buffer);
    this.lineFrom = new Int32Array(lineBytes);
    this.lineTo = new Int32Array(lineBytes);
    this.from = new Int32Array(lineBytes);
    this.to = new Int32Array(lineBytes);
  }

  /** As `write`, and keeps where each value is in both. */
  trace(bytes: Uint8Array, start: number, end: number): void {
    this.values = 0;
    this.offset = start;
    this.isTraced = true;
    this.write(bytes, start, end);
    this.isTraced = false;
  }

  /** Allocates nothing unless `bytes` is another buffer than before; it is looked at until the next call. */
  write(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.line) {
      this.line = bytes;
      this.lineView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    const { lineView, view } = this;
    const limit = end - 4;
    let wordsEnd = start;
    let n = 0;
    for (let i = start; i < end; ) {
      if (i <= limit) {
        // Four bytes at once, up to the next digit; what is copied of it and behind it is written over.
        const four = lineView.getInt32(i, true);
        view.setInt32(n, four, true);
        const t = four ^ ZEROS;
        const digits = ~(((t & LOW_BITS) + BEYOND_NINE) | 0 | t) & HIGH_BITS;
        if (digits === 0) {
          i += 4;
          n += 4;
          continue;
        }
        const ahead = (31 - Math.clz32(digits & -digits)) >> 3;
        i += ahead;
        n += ahead;
      } else {
        const c = bytes[i]!;
        if (c < 48 || c > 57) {
          this.bytes[n++] = c;
          i++;
          continue;
        }
      }
      let at = i;
      while (at > wordsEnd && (BYTE_CLASS[bytes[at - 1]!]! & WORD_END) === 0) at--;
      n -= i - at;
      let seen = 0;
      for (i = at; i < end; i++) {
        const is = BYTE_CLASS[bytes[i]!]!;
        if ((is & WORD_END) !== 0) break;
        seen |= is;
      }
      if (isFree(bytes, start, at, i, end)) n = this.freeWord(bytes, at, i, seen, n);
      else {
        const url = urlEnd(bytes, start, at, end);
        if (url < 0) n = this.boundWord(bytes, at, i, seen, n);
        else {
          n = this.value(hasPair(bytes, at, url) ? URL_WITH_PAIRS : URL, at, url, n);
          i = url;
        }
      }
      wordsEnd = i;
    }
    view.setInt32(n, 0, true);
    this.length = n;
  }

  /** Moves tokens of `bytes` to their places in the line last traced. */
  toLine(tokens: TokenBuffer): void {
    let at = 0;
    for (let i = 0; i < tokens.count; i++) {
      const from = tokens.from[i]!;
      while (at < this.values && this.to[at]! <= from) at++;
      tokens.from[i] = this.place(from, at);
      let last = at;
      while (last < this.values && this.to[last]! < tokens.to[i]!) last++;
      tokens.to[i] = this.place(tokens.to[i]!, last);
    }
  }

  /** Place in the line of the place `i` in `bytes`; `value` is the first value that ends behind it, or at it. */
  private place(i: number, value: number): number {
    if (value < this.values && this.to[value] === i) return this.lineTo[value]!;
    if (value < this.values && this.from[value]! <= i) return this.lineFrom[value]!;
    return value === 0 ? i + this.offset : this.lineTo[value - 1]! + i - this.to[value - 1]!;
  }

  /** A word that nothing beside it makes part of something longer. */
  private freeWord(bytes: Uint8Array, at: number, end: number, seen: number, n: number): number {
    if (seen === DIGIT) return this.value(NUMBER, at, end, n);
    let to = end;
    while (isTrailing(bytes[to - 1]!)) to--;
    let written = n;
    // A sign in front of something else than a number is no part of the word.
    if (isSign(bytes[at]!) && (BYTE_CLASS[bytes[at + 1]!]! & DIGIT) === 0)
      return this.copy(bytes, at, end, n);
    const classes = to === end ? seen : classesOf(bytes, at, to);
    const kind = kindOf(bytes, at, to, classes);
    if (kind === SLOT) written = this.value(standInOf(bytes, at, to, classes), at, to, n);
    else if (kind === PIECES) written = this.pieces(bytes, at, to, n);
    else return this.copy(bytes, at, end, n);
    return to < end ? this.copy(bytes, to, end, written) : written;
  }

  /** As the scanner cuts a word, with values in the place of ids and numbers. */
  private pieces(bytes: Uint8Array, from: number, to: number, n: number): number {
    let i = from;
    let written = n;
    let afterId = false;
    while (i < to) {
      const c = bytes[i]!;
      if ((BYTE_CLASS[c]! & (DASH | DOT | CUT)) !== 0) {
        if (c !== 45) afterId = false;
        this.bytes[written++] = c;
        i++;
        continue;
      }
      let stop = i;
      if (to - i >= UUID_LENGTH && isUuid(bytes, i)) {
        stop += UUID_LENGTH;
        afterId = true;
        written = this.value(HEX_ID, i, stop, written);
        i = stop;
        continue;
      }
      let seen = 0;
      for (; stop < to; stop++) {
        const is = BYTE_CLASS[bytes[stop]!]!;
        if ((is & (DASH | DOT | CUT)) !== 0) break;
        seen |= is;
      }
      if (afterId && isHex(bytes, i, stop)) written = this.value(NUMBER, i, stop, written);
      else if (seen === DIGIT) {
        afterId = false;
        written = this.value(NUMBER, i, stop, written);
      } else if ((seen & DIGIT) !== 0 && classifyDigits(bytes, i, stop, seen) === SLOT) {
        afterId = endsInHexId(bytes, i, stop);
        written = this.value(afterId ? HEX_ID : NUMBER, i, stop, written);
      } else {
        afterId = false;
        written = this.copy(bytes, i, stop, written);
      }
      i = stop;
    }
    return written;
  }

  /** A word beside a colon or the like: only runs of digits that touch no letter, told apart by what ports and groups are. */
  private boundWord(bytes: Uint8Array, from: number, to: number, seen: number, n: number): number {
    const isDecimal = (seen & ~(DIGIT | DOT)) === 0 && seen !== DIGIT;
    let written = n;
    let before = 0;
    for (let i = from; i < to; ) {
      const c = bytes[i]!;
      const is = BYTE_CLASS[c]!;
      if ((before & (LETTER | DIGIT)) === 0 && to - i >= UUID_LENGTH && isUuid(bytes, i)) {
        written = this.uuid(i, written);
        i += UUID_LENGTH;
        before = DIGIT;
        continue;
      }
      if ((is & DIGIT) === 0) {
        this.bytes[written++] = c;
        before = is;
        i++;
        continue;
      }
      let stop = i + 1;
      while (stop < to && (BYTE_CLASS[bytes[stop]!]! & DIGIT) !== 0) stop++;
      const behind = stop < to ? BYTE_CLASS[bytes[stop]!]! : 0;
      const isShortInName = (seen & UNDERSCORE) !== 0 && stop - i < LONG_NUMBER_LENGTH;
      if (isShortInName || ((before | behind) & (LETTER | UNDERSCORE)) !== 0)
        written = this.copy(bytes, i, stop, written);
      else written = this.value(isDecimal ? NUMBER : standInOfRun(stop - i), i, stop, written);
      before = DIGIT;
      i = stop;
    }
    return written;
  }

  private uuid(from: number, n: number): number {
    const end = this.copy(STAND_IN_UUID, 0, UUID_LENGTH, n);
    this.note(from, from + UUID_LENGTH, n, end);
    return end;
  }

  /** Writes a value in the place of `[from, to)`; what is too short for it stays as it is. */
  private value(value: number, from: number, to: number, n: number): number {
    const { view } = this;
    if (STAND_IN_LENGTHS[value]! > to - from) return this.copy(this.line, from, to, n);
    let end = n;
    if (to - from < STEP || value <= LONG_NUMBER) {
      view.setInt32(n, STAND_IN_HEADS[value]!, true);
      view.setInt32(n + 4, STAND_IN_TAILS[value]!, true);
      end += STAND_IN_LENGTHS[value]!;
    } else {
      end += (to - from) & -STEP;
      for (let i = n + 4; i < end; i += 4) view.setInt32(i, FOUR_A, true);
      view.setInt32(n, STAND_IN_HEADS[value + LONG]!, true);
      if (value === HEX_ID) view.setInt32(n + 4, STAND_IN_TAILS[value + LONG]!, true);
    }
    this.note(from, to, n, end);
    return end;
  }

  private note(lineFrom: number, lineTo: number, from: number, to: number): void {
    if (!this.isTraced) return;
    const at = this.values++;
    this.lineFrom[at] = lineFrom;
    this.lineTo[at] = lineTo;
    this.from[at] = from;
    this.to[at] = to;
  }

  private copy(bytes: Uint8Array, from: number, to: number, n: number): number {
    const { bytes: target } = this;
    let written = n;
    for (let i = from; i < to; i++) target[written++] = bytes[i]!;
    return written;
  }
}

/** Nothing beside the word `[at, wordEnd)` makes its digits part of an address, a key, a call or a tag. */
function isFree(bytes: Uint8Array, start: number, at: number, wordEnd: number, end: number): boolean {
  if (wordEnd < end) {
    const behind = bytes[wordEnd]!;
    if (FREE_BEHIND[behind] === 0) {
      if (behind !== 58) return false;
      if (wordEnd + 1 < end && (BYTE_CLASS[bytes[wordEnd + 1]!]! & SPACE) === 0) return false;
    }
  }
  if (at === start) return true;
  const before = bytes[at - 1]!;
  return FREE_BEFORE[before] === 1 || (before === 58 && at - 1 > start && bytes[at - 2] === 34);
}

/** End of the URL whose `//` begins the word at `at`, or -1. */
function urlEnd(bytes: Uint8Array, start: number, at: number, end: number): number {
  if (at < start + 2 || bytes[at - 1] !== 58 || bytes[at] !== 47 || bytes[at + 1] !== 47) return -1;
  if ((BYTE_CLASS[bytes[at - 2]!]! & LETTER) === 0) return -1;
  let i = at + 2;
  while (i < end && ENDS_URL[bytes[i]!] === 0) i++;
  return i;
}

function hasPair(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] === 61) return true;
  return false;
}

/** As `classifyDigits`; what is most frequent first. */
function kindOf(bytes: Uint8Array, from: number, to: number, seen: number): number {
  if ((seen & ~(DIGIT | LETTER)) === 0 && (BYTE_CLASS[bytes[from]!]! & DIGIT) !== 0) return SLOT;
  if (to - from === UUID_LENGTH && bytes[from + 8] === 45 && isUuid(bytes, from)) return SLOT;
  return classifyDigits(bytes, from, to, seen);
}

function table(characters: string): Uint8Array {
  const set = new Uint8Array(256);
  for (const c of asciiBytes(characters)) set[c] = 1;
  return set;
}
