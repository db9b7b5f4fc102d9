// What one word is: a constant, a variable, or pieces to look at one by one.
import * as classes from './classes.ts';
import * as kinds from './tokens.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { BACKSLASH, BYTE_CLASS, CUT, DASH, DIGIT, DOT, IS_HEX, LETTER, LOWER, SLASH, UNDERSCORE, UPPER } =
  classes;
const { SLOT, WEAK_WORD, WORD } = kinds;

/** The word is cut at `- . + $ %` and each piece judged on its own. */
export const PIECES = 5;
/** Length of a UUID in its usual form, 8-4-4-4-12. */
export const UUID_LENGTH = 36;
/** Shortest run of hexadecimal digits read as an id; real words of six such letters hold no digit. */
const HEX_ID_LENGTH = 6;
/** Digits inside a name with underscores that make it an id: `blk_38865049064139660`. */
const LONG_NUMBER = 8;
/** Most digits in the name of a function or module: `jk2_init(`, `org.apache.log4j.Logger`. */
const NAME_DIGITS = 2;
/** Shortest mixed-case token that may be random: 16 base64 characters are 96 bits, the usual minimum of a key. */
const RANDOM_LENGTH = 16;
/** Longest unit behind a number: `bytes`, `secs`. */
const UNIT_LENGTH = 5;
/** Letters only, folded to lower case. */
const UNITS = ' ns us ms s sec secs m min h hr d b kb mb gb tb kib mib gib k g t hz khz mhz ghz bytes x v w ';
/** Stands for `µs`, whose first letter is no ASCII. */
const MICROSECONDS = 0;
const UNIT_HASHES = unitHashes();

/** Kind of a word without digits; `seen` is the union of its byte classes. */
export function classifyPlain(bytes: Uint8Array, from: number, to: number, seen: number): number {
  if ((seen & SLASH) === 0) return WORD;
  if (bytes[from] === 47 && (seen & LETTER) !== 0) return SLOT;
  let slashes = 0;
  for (let i = from; i < to; i++) if (bytes[i] === 47) slashes++;
  return slashes >= 2 && (seen & LETTER) !== 0 ? SLOT : WORD;
}

/** Kind of a word with at least one digit; `seen` is the union of its byte classes. */
export function classifyDigits(bytes: Uint8Array, from: number, to: number, seen: number): number {
  if ((seen & DOT) !== 0 && hasPair(bytes, from, to, 46, 46)) return PIECES;
  if ((seen & LETTER) === 0) return SLOT;
  const second = bytes[from + 1];
  if (bytes[from] === 48 && (second === 120 || second === 88)) return SLOT;
  if ((seen & SLASH) !== 0) return SLOT;
  if (isQuantity(bytes, from, to)) return SLOT;
  if ((seen & (DOT | DASH | UNDERSCORE | CUT | BACKSLASH)) === 0)
    return classifyAlphanumeric(bytes, from, to, seen);
  return classifyJoined(bytes, from, to, seen);
}

function classifyJoined(bytes: Uint8Array, from: number, to: number, seen: number): number {
  let dots = 0;
  let digits = 0;
  for (let i = from; i < to; i++) {
    // Added without a branch: ids mix letters and digits in no order that could be predicted.
    const is = BYTE_CLASS[bytes[i]!]!;
    digits += is & DIGIT;
    dots += is & DOT;
  }
  dots /= DOT;
  if (dots >= 2) return digits <= NAME_DIGITS && isDottedName(bytes, from, to) ? WORD : SLOT;
  if (to - from === UUID_LENGTH && isUuid(bytes, from)) return SLOT;
  if ((seen & UNDERSCORE) !== 0) {
    if (digits >= LONG_NUMBER || hasPair(bytes, from, to, 95, 45)) return SLOT;
  }
  if (dots === 0 && isRandom(bytes, from, to, seen) && !hasHexPiece(bytes, from, to, seen)) return SLOT;
  if ((seen & DASH) !== 0 || dots === 1) return PIECES;
  if ((seen & UNDERSCORE) !== 0) return SLOT;
  return classifyAlphanumeric(bytes, from, to, seen);
}

/** `C-0x7f22a1b3c4d5`: a prefix and an address; how random it looks depends on the digits of the day. */
function hasHexPiece(bytes: Uint8Array, from: number, to: number, seen: number): boolean {
  if ((seen & DASH) === 0) return false;
  for (let i = from + 1; i + 2 < to; i++)
    if (bytes[i] === 45 && bytes[i + 1] === 48 && (bytes[i + 2]! | 32) === 120) return true;
  return false;
}

/** `org.apache.log4j.Logger`: every part begins with a letter and holds letters, digits and underscores. */
function isDottedName(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const is = BYTE_CLASS[bytes[i]!]!;
    if ((is & (LETTER | DIGIT | UNDERSCORE | DOT)) === 0) return false;
    const beginsPart = i === from || bytes[i - 1] === 46;
    if (beginsPart && (is & (LETTER | UNDERSCORE)) === 0) return false;
  }
  return true;
}

/** Letters and digits (and stray other bytes): ids are slots, names with a small number stay. */
function classifyAlphanumeric(bytes: Uint8Array, from: number, to: number, seen: number): number {
  const length = to - from;
  if ((BYTE_CLASS[bytes[from]!]! & DIGIT) !== 0) return SLOT;
  if (length >= HEX_ID_LENGTH && isHex(bytes, from, to)) return SLOT;
  if (isRandom(bytes, from, to, seen)) return SLOT;
  let digits = 0;
  let letters = 0;
  for (let i = from; i < to; i++) {
    const is = BYTE_CLASS[bytes[i]!]!;
    if ((is & DIGIT) !== 0) digits++;
    else if ((is & LETTER) !== 0) letters++;
  }
  let tail = to;
  while (tail > from && (BYTE_CLASS[bytes[tail - 1]!]! & DIGIT) !== 0) tail--;
  if (to - tail === digits && digits <= 2) return WEAK_WORD;
  return digits === 1 && letters >= 2 ? WEAK_WORD : SLOT;
}

/** A name in front of `(`: letters, underscores and at most two digits, beginning with a letter. */
export function isCallName(bytes: Uint8Array, from: number, to: number, seen: number): boolean {
  if ((seen & ~(LETTER | DIGIT | UNDERSCORE)) !== 0 || (BYTE_CLASS[bytes[from]!]! & LETTER) === 0)
    return false;
  let digits = 0;
  for (let i = from; i < to; i++) if ((BYTE_CLASS[bytes[i]!]! & DIGIT) !== 0) digits++;
  return digits <= NAME_DIGITS;
}

export function isHex(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (IS_HEX[bytes[i]!] === 0) return false;
  return to > from;
}

/** 8-4-4-4-12 hexadecimal digits at `from`; the caller has checked that 36 bytes are there. */
export function isUuid(bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < UUID_LENGTH; i++) {
    const c = bytes[from + i]!;
    if (i === 8 || i === 13 || i === 18 || i === 23) {
      if (c !== 45) return false;
    } else if (IS_HEX[c] === 0) return false;
  }
  return true;
}

/**
 * Random text changes between lower case, upper case and digits at about 3 of 5 steps (62 letters drawn evenly);
 * names written in CamelCase change at about 1 of 3. The border is 2 of 5.
 */
export function isRandom(bytes: Uint8Array, from: number, to: number, seen: number): boolean {
  const length = to - from;
  if (length < RANDOM_LENGTH || (seen & LOWER) === 0 || (seen & UPPER) === 0) return false;
  let changes = 0;
  let last = 0;
  for (let i = from; i < to; i++) {
    const is = BYTE_CLASS[bytes[i]!]!;
    if (is !== last) changes++;
    last = is;
  }
  return changes * 5 >= length * 2;
}

/** `[+-]digits[.digits][e[+-]digits][unit]`, and nothing else. */
export function isQuantity(bytes: Uint8Array, from: number, to: number): boolean {
  let i = from;
  if (bytes[i] === 43 || bytes[i] === 45) i++;
  const whole = i;
  i = digitsEnd(bytes, i, to);
  if (i === whole) return false;
  if (bytes[i] === 46 && i + 1 < to) {
    const fraction = digitsEnd(bytes, i + 1, to);
    if (fraction === i + 1) return false;
    i = fraction;
  }
  if (i < to && (bytes[i]! | 32) === 101) {
    let exponent = i + 1;
    if (bytes[exponent] === 43 || bytes[exponent] === 45) exponent++;
    const end = digitsEnd(bytes, exponent, to);
    if (end > exponent) i = end;
  }
  if (i >= to) return i === to;
  if (to - i === 1 && bytes[i] === 37) return true;
  return to - i <= UNIT_LENGTH && UNIT_HASHES.has(unitHash(bytes, i, to));
}

function digitsEnd(bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  while (i < to && (BYTE_CLASS[bytes[i]!]! & DIGIT) !== 0) i++;
  return i;
}

function hasPair(bytes: Uint8Array, from: number, to: number, first: number, second: number): boolean {
  for (let i = from + 1; i < to; i++) if (bytes[i] === second && bytes[i - 1] === first) return true;
  return false;
}

/** Five letters of five bits and the length: exact, no two units share one. */
function unitHash(bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from;
  for (let i = from; i < to; i++) {
    const letter = bytes[i]! | 32;
    if (letter < 97 || letter > 122) return isMicroseconds(bytes, from, to) ? MICROSECONDS : -1;
    hash = hash * 32 + (letter - 96);
  }
  return hash;
}

/** `µs`: the micro sign is C2 B5, the Greek letter CE BC. */
function isMicroseconds(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== 3 || (bytes[to - 1]! | 32) !== 115) return false;
  const first = bytes[from];
  const second = bytes[from + 1];
  return (first === 0xc2 && second === 0xb5) || (first === 0xce && second === 0xbc);
}

function unitHashes(): ReadonlySet<number> {
  const encoder = new TextEncoder();
  const hashes = new Set<number>([MICROSECONDS]);
  for (const unit of UNITS.trim().split(' ')) hashes.add(unitHash(encoder.encode(unit), 0, unit.length));
  return hashes;
}
