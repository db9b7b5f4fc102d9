// The tokens of one line as parallel arrays: no object per token on the hot path.
import { LONGEST_WORD } from './notable-words.ts';

/** Slots of the marks of notable words: some thirty times the words, so that few others share one. */
export const NOTABLE_MARKS = 4096;

/** A word that stays as it is. */
export const WORD = 0;
/** A word with one or two digits (`eth0`): stays, unless it is part of a list. */
export const WEAK_WORD = 1;
/** A run of one delimiter, or dots and dashes. */
export const PUNCTUATION = 2;
/** The inside of a short quoted span without digits: one constant. */
export const QUOTED = 3;
/** A variable: anything in the line at this place gives the same signature. */
export const SLOT = 4;

/**
 * Tokens of the line scanned last; reused for every line. A token is the bytes `[from, to)` of the scanned buffer.
 * After `reduce`, `key*` hold the canonical form: `keyFirst..keyLast` are the tokens that one element stands for.
 */
export class TokenBuffer {
  count = 0;
  /** Some constant may be a notable word; set by `constant`, cleared by whoever resets `count`. */
  hasNotable = false;
  /** 1 at the low bits of `hashA` of every notable word; the vocabulary fills it. */
  readonly mayBeNotable: Uint8Array = new Uint8Array(NOTABLE_MARKS);
  /** Two blanks in a row, or a tab, stand behind a token; cleared by whoever resets `count`. */
  hasGap = false;
  keyCount = 0;
  /** 1 = white space was read since the last token; the next token takes it. */
  pendingSpace = 0;
  readonly kind: Uint8Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Two independent 32-bit hashes of a constant's text; zero for a slot. */
  readonly hashA: Int32Array;
  readonly hashB: Int32Array;
  /** 1 = white space stands before the token. */
  readonly spaced: Uint8Array;
  readonly keyFirst: Int32Array;
  readonly keyLast: Int32Array;

  constructor(capacity: number) {
    this.kind = new Uint8Array(capacity);
    this.from = new Int32Array(capacity);
    this.to = new Int32Array(capacity);
    this.hashA = new Int32Array(capacity);
    this.hashB = new Int32Array(capacity);
    this.spaced = new Uint8Array(capacity);
    this.keyFirst = new Int32Array(capacity);
    this.keyLast = new Int32Array(capacity);
  }

  /** Appends a slot. */
  slot(from: number, to: number): void {
    const n = this.count++;
    this.kind[n] = SLOT;
    this.from[n] = from;
    this.to[n] = to;
    this.hashA[n] = 0;
    this.hashB[n] = 0;
    this.spaced[n] = this.pendingSpace;
    this.pendingSpace = 0;
  }

  /** Appends a constant. `salt` keeps kinds apart whose text may be equal. */
  constant(bytes: Uint8Array, from: number, to: number, kind: number, salt = 0): void {
    const length = to - from;
    let a = 0x811c9dc5 ^ salt ^ length;
    let b = 0x9747b28c ^ salt;
    // Four bytes a step; the last step overlaps the one before it, which is cheaper than a loop over the rest.
    for (let i = from; i + 4 < to; i += 4) {
      const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
      a = Math.imul(a ^ word, 0x5bd1e995);
      a ^= a >>> 15;
      b = Math.imul(b + word, 0x2c1b3c6d);
      b ^= b >>> 13;
    }
    const rest = length >= 4 ? lastFour(bytes, to) : uptoThree(bytes, from, length);
    a = Math.imul(a ^ rest, 0x01000193);
    b = Math.imul(b + rest, 0x297a2d39);
    a ^= a >>> 16;
    b ^= b >>> 15;
    if (length <= LONGEST_WORD && this.mayBeNotable[a & (NOTABLE_MARKS - 1)] === 1) this.hasNotable = true;
    const n = this.count++;
    this.kind[n] = kind;
    this.from[n] = from;
    this.to[n] = to;
    this.hashA[n] = a;
    this.hashB[n] = b;
    this.spaced[n] = this.pendingSpace;
    this.pendingSpace = 0;
  }

  /** Copies token `read` to place `write` (compaction; `write <= read`). */
  move(read: number, write: number): void {
    if (read === write) return;
    this.kind[write] = this.kind[read]!;
    this.from[write] = this.from[read]!;
    this.to[write] = this.to[read]!;
    this.hashA[write] = this.hashA[read]!;
    this.hashB[write] = this.hashB[read]!;
    this.spaced[write] = this.spaced[read]!;
  }
}

function lastFour(bytes: Uint8Array, to: number): number {
  return bytes[to - 4]! | (bytes[to - 3]! << 8) | (bytes[to - 2]! << 16) | (bytes[to - 1]! << 24);
}

/** One to three bytes: first, middle and last say all, as the length is in the hash. */
function uptoThree(bytes: Uint8Array, from: number, length: number): number {
  if (length <= 0) return 0;
  return bytes[from]! | (bytes[from + (length >> 1)]! << 8) | (bytes[from + length - 1]! << 16);
}
