// Appends one word: without the punctuation at its ends, whole or cut into the pieces that digits make of it.
import { classesOf } from './bytes.ts';
import * as classes from './classes.ts';
import type { TokenBuffer } from './tokens.ts';
import * as kinds from './tokens.ts';
import * as words from './words.ts';
import { classifyDigits, classifyPlain, isHex, isUuid } from './words.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { BYTE_CLASS, CUT, DASH, DIGIT, DOT, IS_HEX, LETTER, OTHER } = classes;
const { PUNCTUATION, SLOT, WEAK_WORD, WORD } = kinds;
const { PIECES, UUID_LENGTH } = words;

/** A piece of this many hexadecimal digits makes the pieces behind its dashes part of the same id. */
const HEX_PIECE_LENGTH = 6;

/** A word without the punctuation at its ends: final `. - + ~`, and `-` or `+` in front of anything but a digit. */
export function appendWord(
  tokens: TokenBuffer,
  bytes: Uint8Array,
  at: number,
  end: number,
  seen: number,
): void {
  let to = end;
  while (to - 1 > at && isTrailing(bytes[to - 1]!)) to--;
  let from = at;
  if (to - from > 1 && isSign(bytes[from]!) && (BYTE_CLASS[bytes[from + 1]!]! & DIGIT) === 0) {
    while (from < to - 1 && isSign(bytes[from]!)) from++;
    tokens.constant(at, from, PUNCTUATION);
  }
  classified(tokens, bytes, from, to, from === at && to === end ? seen : classesOf(bytes, from, to));
  if (to < end) tokens.constant(to, end, PUNCTUATION);
}

function classified(tokens: TokenBuffer, bytes: Uint8Array, from: number, to: number, seen: number): void {
  if ((seen & (LETTER | DIGIT | OTHER)) === 0) {
    tokens.constant(from, to, PUNCTUATION);
    return;
  }
  const kind =
    (seen & DIGIT) === 0 ? classifyPlain(bytes, from, to, seen) : classifyDigits(bytes, from, to, seen);
  if (kind === SLOT) tokens.slot(from, to);
  else if (kind === PIECES) pieces(tokens, bytes, from, to);
  else tokens.constant(from, to, kind);
}

/** Cuts a word at `- . + $ %`. A UUID stays whole behind its prefix, and an id goes on over its dashes. */
function pieces(tokens: TokenBuffer, bytes: Uint8Array, from: number, to: number): void {
  let i = from;
  let afterId = false;
  while (i < to) {
    const c = bytes[i]!;
    let stop = i + 1;
    if ((BYTE_CLASS[c]! & (DASH | DOT | CUT)) !== 0) {
      while (stop < to && bytes[stop] === c) stop++;
      if (c !== 45) afterId = false;
      tokens.constant(i, stop, PUNCTUATION);
    } else if (to - i >= UUID_LENGTH && isUuid(bytes, i)) {
      stop = i + UUID_LENGTH;
      tokens.slot(i, stop);
      afterId = true;
    } else {
      while (stop < to && (BYTE_CLASS[bytes[stop]!]! & (DASH | DOT | CUT)) === 0) stop++;
      afterId = piece(tokens, bytes, i, stop, afterId);
    }
    i = stop;
  }
}

function piece(tokens: TokenBuffer, bytes: Uint8Array, from: number, to: number, afterId: boolean): boolean {
  const seen = classesOf(bytes, from, to);
  if (afterId && isHex(bytes, from, to)) {
    tokens.slot(from, to);
    return true;
  }
  let kind =
    (seen & DIGIT) === 0 ? classifyPlain(bytes, from, to, seen) : classifyDigits(bytes, from, to, seen);
  if (kind === PIECES) kind = WORD;
  if (kind === SLOT) tokens.slot(from, to);
  else tokens.constant(from, to, kind === WEAK_WORD ? WEAK_WORD : WORD);
  return kind === SLOT && endsInHexId(bytes, from, to);
}

/** True when the last six or more bytes are hexadecimal, with a digit and no decimal number alone. */
export function endsInHexId(bytes: Uint8Array, from: number, to: number): boolean {
  let i = to;
  let digits = 0;
  while (i > from && IS_HEX[bytes[i - 1]!] === 1) {
    i--;
    if ((BYTE_CLASS[bytes[i]!]! & DIGIT) !== 0) digits++;
  }
  return to - i >= HEX_PIECE_LENGTH && digits > 0 && digits < to - from;
}

/** Punctuation at the end of a word: `. - + ~`. */
export function isTrailing(c: number): boolean {
  return c === 46 || c === 45 || c === 43 || c === 126;
}

export function isSign(c: number): boolean {
  return c === 45 || c === 43;
}
