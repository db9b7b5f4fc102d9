// The tokens of one line as parallel arrays: no object per token on the hot path.
import * as kinds from './token-kinds.ts';

/** Slots of the marks of notable words: some thirty times the words, so that few others share one. */
export const NOTABLE_MARKS = 4096;
/** Places of notable words that are kept of a line, a power of two; ordinary lines have fewer than ten. */
export const NOTABLE_MAX = 64;

// What is exported is loaded and checked at every use, even here.
const { SLOT: A_SLOT, PUNCTUATION: A_PUNCTUATION } = kinds;
const MARKS_MASK = NOTABLE_MARKS - 1;
const PLACES = NOTABLE_MAX;

const NO_BYTES = new Uint8Array(0);

/** Hashes of the constants that are one byte. Shared and never written to. */
const SINGLE_A: Int32Array = Int32Array.from({ length: 256 }, (_, c) => {
  const a = Math.imul(0x811c9dc5 ^ 1 ^ (c * 0x10101), 0x01000193);
  return a ^ (a >>> 16);
});
const SINGLE_B: Int32Array = Int32Array.from({ length: 256 }, (_, c) => {
  const b = Math.imul((0x9747b28c | 0) + c * 0x10101, 0x297a2d39);
  return b ^ (b >>> 15);
});

/**
 * Tokens of the line scanned last; reused for every line. A token is the bytes `[from, to)` of the scanned buffer.
 * After `reduce`, `key*` hold the canonical form: `keyFirst..keyLast` are the tokens that one element stands for.
 */
export class TokenBuffer {
  count = 0;
  /** Constants that may be notable words. With `NOTABLE_MAX` or more every token must be looked at. */
  notableCount = 0;
  /** Their places among the tokens, ascending. */
  readonly notable: Int32Array = new Int32Array(NOTABLE_MAX);
  /** 1 at the low bits of `hashA` of every notable word; the vocabulary fills it. */
  readonly mayBeNotable: Uint8Array = new Uint8Array(NOTABLE_MARKS);
  /** Two blanks in a row, or a tab, stand behind a token. */
  hasGap = false;
  keyCount = 0;
  /** 1 = white space was read since the last token; the next token takes it. */
  pendingSpace = 0;
  /** The buffer scanned last and a view of the same bytes, by which four of them are read at once. */
  bytes: Uint8Array = NO_BYTES;
  view: DataView = new DataView(NO_BYTES.buffer);
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
  /** Scratch of `reduce`: how many of the elements are slots, and their places. */
  slots = 0;
  readonly slotAt: Int32Array;

  constructor(capacity: number) {
    this.kind = new Uint8Array(capacity);
    this.from = new Int32Array(capacity);
    this.to = new Int32Array(capacity);
    this.hashA = new Int32Array(capacity);
    this.hashB = new Int32Array(capacity);
    this.spaced = new Uint8Array(capacity);
    this.keyFirst = new Int32Array(capacity);
    this.keyLast = new Int32Array(capacity);
    this.slotAt = new Int32Array(capacity);
  }

  /** Appends a slot. */
  slot(from: number, to: number): void {
    const n = this.count;
    this.count = n + 1;
    this.kind[n] = A_SLOT;
    this.from[n] = from | 0;
    this.to[n] = to | 0;
    this.hashA[n] = 0;
    this.hashB[n] = 0;
    this.spaced[n] = this.pendingSpace | 0;
    this.pendingSpace = 0;
  }

  /** Forgets the tokens of the line before. The buffer is read until the next call; it is looked at again only then. */
  reset(bytes: Uint8Array): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    this.count = 0;
    this.keyCount = 0;
    this.notableCount = 0;
    this.pendingSpace = 0;
    this.hasGap = false;
  }

  /** Adds to the places of all tokens. */
  shift(by: number): void {
    for (let i = 0; i < this.count; i++) {
      this.from[i]! += by;
      this.to[i]! += by;
    }
  }

  /** Takes back the tokens from `count` on. */
  truncate(count: number): void {
    this.count = count;
    if (this.notableCount >= PLACES) return;
    while (this.notableCount > 0 && this.notable[this.notableCount - 1]! >= count) this.notableCount--;
  }

  /** Appends a constant. `salt` keeps kinds apart whose text may be equal. */
  constant(from: number, to: number, kind: number, salt = 0): void {
    const { view } = this;
    const length = to - from;
    let a = 0x811c9dc5 ^ salt ^ length;
    let b = 0x9747b28c ^ salt;
    let rest = 0;
    if (length >= 4) {
      // Four bytes a step; the last step overlaps the one before it, which is cheaper than a loop over the rest.
      for (let i = from; i + 4 < to; i += 4) {
        const word = view.getInt32(i, true);
        a = Math.imul(a ^ word, 0x5bd1e995);
        a ^= a >>> 15;
        b = Math.imul(b + word, 0x2c1b3c6d);
        b ^= b >>> 13;
      }
      rest = view.getInt32(to - 4, true);
    } else rest = uptoThree(this.bytes, from, length);
    a = Math.imul(a ^ rest, 0x01000193);
    b = Math.imul(b + rest, 0x297a2d39);
    this.append(from, to, kind, a ^ (a >>> 16), b ^ (b >>> 15));
  }

  /** Appends the one byte `c` at `at`, as `constant` does. */
  single(at: number, c: number): void {
    this.append(at, at + 1, A_PUNCTUATION, SINGLE_A[c]!, SINGLE_B[c]!);
  }

  private append(from: number, to: number, kind: number, a: number, b: number): void {
    const n = this.count;
    this.count = n + 1;
    // Without a branch, which nothing could predict; of a full list only that it is full is known.
    this.notable[this.notableCount & (PLACES - 1)] = n;
    this.notableCount += this.mayBeNotable[a & MARKS_MASK]!;
    // `| 0`: else what crossed a call goes into the array by way of a double.
    this.kind[n] = kind | 0;
    this.from[n] = from | 0;
    this.to[n] = to | 0;
    this.hashA[n] = a | 0;
    this.hashB[n] = b | 0;
    this.spaced[n] = this.pendingSpace | 0;
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

/** One to three bytes: first, middle and last say all, as the length is in the hash. */
function uptoThree(bytes: Uint8Array, from: number, length: number): number {
  if (length <= 0) return 0;
  return bytes[from]! | (bytes[from + (length >> 1)]! << 8) | (bytes[from + length - 1]! << 16);
}
