// What a token means next to its neighbours: dates in words, booleans, a number and its unit, `bytes (1.2 KB)`.
import * as bits from './byte-class.ts';
import * as classes from './classes.ts';
import * as meanings from './notable-words.ts';
import * as kinds from './token-kinds.ts';
import type { TokenBuffer } from './tokens.ts';
import * as buffers from './tokens.ts';
import type { Vocabulary } from './vocabulary.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { BYTE_CLASS } = classes;
const { DIGIT } = bits;
const { PUNCTUATION, SLOT, WORD } = kinds;
const { NOTABLE_MAX } = buffers;
const { BOOLEAN, BYTES, LONGEST_WORD, MONTH, NO_MEANING, NOTABLE_LENGTHS, NULL, UNIT, WEEKDAY, ZONE } =
  meanings;

/** Tokens of ` (1.16 KB)` behind `bytes`, before they are joined. */
const REPEATED_LENGTH = 4;

/** Turns words with a meaning into slots, then joins amounts with what belongs to them. In place, one pass each. */
export function applyContext(bytes: Uint8Array, tokens: TokenBuffer, vocabulary: Vocabulary): void {
  const { kind, from, to, hashA, hashB, notable, notableCount } = tokens;
  if (notableCount === 0) return;
  const areKnown = notableCount < NOTABLE_MAX;
  const count = areKnown ? notableCount : tokens.count;
  let firstAmount = -1;
  let lastAmount = -1;
  for (let n = 0; n < count; n++) {
    const i = areKnown ? notable[n]! : n;
    if (kind[i] === SLOT) continue;
    const length = to[i]! - from[i]!;
    if (length > LONGEST_WORD) continue;
    const first = bytes[from[i]!]!;
    if (kind[i] !== WORD) {
      if (length !== 1 || !isBoundMark(first)) continue;
      if (firstAmount < 0) firstAmount = i;
      lastAmount = i;
      continue;
    }
    if ((NOTABLE_LENGTHS[first]! & (1 << length)) === 0) continue;
    const meaning = vocabulary.meaningOf(hashA[i]!, hashB[i]!);
    if (meaning === NO_MEANING) continue;
    if (meaning === UNIT || meaning === BYTES) {
      if (firstAmount < 0) firstAmount = i;
      lastAmount = i;
    } else if (isValueInContext(bytes, tokens, i, meaning, vocabulary)) setSlot(tokens, i);
  }
  if (firstAmount >= 0) joinAmounts(bytes, tokens, vocabulary, firstAmount, lastAmount);
}

function isValueInContext(
  bytes: Uint8Array,
  tokens: TokenBuffer,
  at: number,
  meaning: number,
  vocabulary: Vocabulary,
): boolean {
  if (meaning === BOOLEAN) return true;
  if (meaning === NULL) return followsKey(bytes, tokens, at);
  if (meaning === MONTH) return besideNumber(bytes, tokens, at);
  if (meaning === ZONE) return at > 0 && tokens.kind[at - 1] === SLOT && endsInDigit(bytes, tokens, at - 1);
  return meaning === WEEKDAY && beforeDate(bytes, tokens, at, vocabulary);
}

/** `> 100`, `1.16 KB` and `1187 bytes (1.16 KB)` become one slot each. Bounds and units are in `[first, last]`. */
function joinAmounts(
  bytes: Uint8Array,
  tokens: TokenBuffer,
  vocabulary: Vocabulary,
  first: number,
  last: number,
): void {
  const count = tokens.count;
  let write = Math.max(first - 1, 0);
  for (let read = write; read < count; read++) {
    if (read === write && read > last + REPEATED_LENGTH) return;
    if (read + 1 < count && isBound(bytes, tokens, read, count)) {
      tokens.from[read + 1] = tokens.from[read]!;
      tokens.spaced[read + 1] = tokens.spaced[read]!;
      continue;
    }
    tokens.move(read, write);
    const isSlot = tokens.kind[write] === SLOT;
    write++;
    if (!isSlot) {
      if (write >= 4 && isSinglePunctuation(bytes, tokens, write - 1, 41))
        write = joinRepeatedAmount(bytes, tokens, write, vocabulary);
    } else if (
      read + 1 < count &&
      tokens.spaced[read + 1] === 1 &&
      isMeaning(tokens, read + 1, UNIT, vocabulary)
    ) {
      tokens.to[write - 1] = tokens.to[read + 1]!;
      read++;
    }
  }
  tokens.count = write;
}

/** The tokens before `write` may be `<slot> bytes ( <slot> )`: the bracket says the same again and is left out. */
function joinRepeatedAmount(
  bytes: Uint8Array,
  tokens: TokenBuffer,
  write: number,
  vocabulary: Vocabulary,
): number {
  const word = write - 4;
  if (word < 1 || tokens.kind[word - 1] !== SLOT || tokens.kind[word + 2] !== SLOT) return write;
  if (!isSinglePunctuation(bytes, tokens, word + 1, 40) || !isMeaning(tokens, word, BYTES, vocabulary))
    return write;
  return word + 1;
}

/**
 * `<` or `>` directly in front of a slot: `took >5s`. Not in brackets (`<5>`), arrows (`1->5`) or tags (`<b>5`).
 */
function isBound(bytes: Uint8Array, tokens: TokenBuffer, at: number, count: number): boolean {
  if (tokens.kind[at] !== PUNCTUATION || tokens.to[at]! - tokens.from[at]! !== 1) return false;
  if (!isBoundMark(bytes[tokens.from[at]!]!)) return false;
  if (at > 0 && tokens.spaced[at] === 0 && !opensValue(bytes, tokens, at - 1)) return false;
  if (tokens.kind[at + 1] !== SLOT || tokens.spaced[at + 1] === 1) return false;
  return !(at + 2 < count && isSinglePunctuation(bytes, tokens, at + 2, 62));
}

/** `(`, `=`, `:` or `,`: a value may begin behind it. */
function opensValue(bytes: Uint8Array, tokens: TokenBuffer, at: number): boolean {
  if (tokens.kind[at] !== PUNCTUATION || tokens.to[at]! - tokens.from[at]! !== 1) return false;
  const c = bytes[tokens.from[at]!]!;
  return c === 40 || c === 61 || c === 58 || c === 44;
}

/** `<`, `>`. */
function isBoundMark(c: number): boolean {
  return c === 60 || c === 62;
}

function setSlot(tokens: TokenBuffer, at: number): void {
  tokens.kind[at] = SLOT;
  tokens.hashA[at] = 0;
  tokens.hashB[at] = 0;
}

function followsKey(bytes: Uint8Array, tokens: TokenBuffer, at: number): boolean {
  return (
    at > 0 &&
    (isSinglePunctuation(bytes, tokens, at - 1, 61) || isSinglePunctuation(bytes, tokens, at - 1, 58))
  );
}

function endsInDigit(bytes: Uint8Array, tokens: TokenBuffer, at: number): boolean {
  const end = tokens.to[at]!;
  return end > tokens.from[at]! && (BYTE_CLASS[bytes[end - 1]!]! & DIGIT) !== 0;
}

/** A month's name is one only beside a number: `Jul 14`, `14-Jul`, `14 Jul`. */
function besideNumber(bytes: Uint8Array, tokens: TokenBuffer, at: number): boolean {
  if (at + 1 < tokens.count && tokens.kind[at + 1] === SLOT) return true;
  if (at === 0) return false;
  if (tokens.kind[at - 1] === SLOT) return true;
  if (at < 2 || tokens.kind[at - 2] !== SLOT) return false;
  return isSinglePunctuation(bytes, tokens, at - 1, 45) || isSinglePunctuation(bytes, tokens, at - 1, 47);
}

/** A weekday's name is one only in front of a number or a month: `Sat Jul 9`, `Mon, 14`. */
function beforeDate(bytes: Uint8Array, tokens: TokenBuffer, at: number, vocabulary: Vocabulary): boolean {
  let next = at + 1;
  if (next < tokens.count && isSinglePunctuation(bytes, tokens, next, 44)) next++;
  if (next >= tokens.count) return false;
  return tokens.kind[next] === SLOT || isMeaning(tokens, next, MONTH, vocabulary);
}

function isSinglePunctuation(bytes: Uint8Array, tokens: TokenBuffer, at: number, c: number): boolean {
  return (
    tokens.kind[at] === PUNCTUATION &&
    bytes[tokens.from[at]!] === c &&
    tokens.to[at]! - tokens.from[at]! === 1
  );
}

function isMeaning(tokens: TokenBuffer, at: number, meaning: number, vocabulary: Vocabulary): boolean {
  if (tokens.kind[at] !== WORD || tokens.to[at]! - tokens.from[at]! > LONGEST_WORD) return false;
  return vocabulary.meaningOf(tokens.hashA[at]!, tokens.hashB[at]!) === meaning;
}
