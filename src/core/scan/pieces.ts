// Appends one word: without the punctuation at its ends, whole or cut into the pieces that digits make of it.
import * as bits from './byte-class.ts';
import { classesOf } from './bytes.ts';
import * as classes from './classes.ts';
import type { DigitWords } from './line-kernel.ts';
import * as kinds from './token-kinds.ts';
import type { TokenBuffer } from './tokens.ts';
import { classifyPlain } from './words.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { BYTE_CLASS } = classes;
const { CUT, DASH, DIGIT, DOT, LETTER, OTHER } = bits;
const { PIECES, PUNCTUATION, SLOT, WEAK_WORD, WORD } = kinds;

/** Length of a UUID in its usual form, 8-4-4-4-12. */
const UUID_LENGTH = 36;

/** Appends words of the line whose bytes are the kernel's memory. */
export class WordReader {
  private readonly tokens: TokenBuffer;
  private readonly bytes: Uint8Array;
  private readonly words: DigitWords;

  constructor(tokens: TokenBuffer, bytes: Uint8Array, words: DigitWords) {
    this.tokens = tokens;
    this.bytes = bytes;
    this.words = words;
  }

  /**
   * The word `[at, end)` without the punctuation at its ends: final `. - + ~`, and `-` or `+` in front of anything but a
   * digit. `seen` is the union of its byte classes.
   */
  append(at: number, end: number, seen: number): void {
    const { tokens, bytes } = this;
    let to = end;
    while (to - 1 > at && isTrailing(bytes[to - 1]!)) to--;
    let from = at;
    if (to - from > 1 && isSign(bytes[from]!) && (BYTE_CLASS[bytes[from + 1]!]! & DIGIT) === 0) {
      while (from < to - 1 && isSign(bytes[from]!)) from++;
      tokens.constant(at, from, PUNCTUATION);
    }
    this.classified(from, to, from === at && to === end ? seen : classesOf(bytes, from, to));
    if (to < end) tokens.constant(to, end, PUNCTUATION);
  }

  private classified(from: number, to: number, seen: number): void {
    const { tokens } = this;
    if ((seen & (LETTER | DIGIT | OTHER)) === 0) {
      tokens.constant(from, to, PUNCTUATION);
      return;
    }
    const kind = this.kindOf(from, to, seen);
    if (kind === SLOT) tokens.slot(from, to);
    else if (kind === PIECES) this.pieces(from, to);
    else tokens.constant(from, to, kind);
  }

  private kindOf(from: number, to: number, seen: number): number {
    return (seen & DIGIT) === 0
      ? classifyPlain(this.bytes, from, to, seen)
      : this.words.classifyDigits(from, to, seen);
  }

  /** Cuts a word at `- . + $ %`. A UUID stays whole behind its prefix, and an id goes on over its dashes. */
  private pieces(from: number, to: number): void {
    const { tokens, bytes } = this;
    let i = from;
    let afterId = false;
    while (i < to) {
      const c = bytes[i]!;
      let stop = i + 1;
      if ((BYTE_CLASS[c]! & (DASH | DOT | CUT)) !== 0) {
        while (stop < to && bytes[stop] === c) stop++;
        if (c !== 45) afterId = false;
        tokens.constant(i, stop, PUNCTUATION);
      } else if (to - i >= UUID_LENGTH && this.words.isUuid(i) !== 0) {
        stop = i + UUID_LENGTH;
        tokens.slot(i, stop);
        afterId = true;
      } else {
        while (stop < to && (BYTE_CLASS[bytes[stop]!]! & (DASH | DOT | CUT)) === 0) stop++;
        afterId = this.piece(i, stop, afterId);
      }
      i = stop;
    }
  }

  private piece(from: number, to: number, afterId: boolean): boolean {
    const { tokens } = this;
    if (afterId && this.words.isHex(from, to) !== 0) {
      tokens.slot(from, to);
      return true;
    }
    let kind = this.kindOf(from, to, classesOf(this.bytes, from, to));
    if (kind === PIECES) kind = WORD;
    if (kind === SLOT) tokens.slot(from, to);
    else tokens.constant(from, to, kind === WEAK_WORD ? WEAK_WORD : WORD);
    return kind === SLOT && this.words.endsInHexId(from, to) !== 0;
  }
}

/** Punctuation at the end of a word: `. - + ~`. */
function isTrailing(c: number): boolean {
  return c === 46 || c === 45 || c === 43 || c === 126;
}

function isSign(c: number): boolean {
  return c === 45 || c === 43;
}
