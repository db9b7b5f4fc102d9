// What a word with digits is: a constant, a variable, or pieces to look at one by one.
import { BACKSLASH, CUT, DASH, DIGIT, DOT, LETTER, LOWER, SLASH, UNDERSCORE, UPPER } from '../byte-class';
import { HEX, UNIT_COUNT, UNIT_TABLE } from '../kernel-layout';
import { PIECES, SLOT, WEAK_WORD, WORD } from '../token-kinds';
import { classAt, has, hasPair, isDigit, isHex, isUuid, UUID_LENGTH } from './bytes';

/** Shortest run of hexadecimal digits read as an id; real words of six such letters hold no digit. */
const HEX_ID_LENGTH: usize = 6;
/** Digits inside a name with underscores that make it an id: `blk_38865049064139660`. */
const LONG_NUMBER: u32 = 8;
/** Most digits in the name of a function or module: `jk2_init(`, `org.apache.log4j.Logger`. */
const NAME_DIGITS: u32 = 2;
/** Shortest mixed-case token that may be random: 16 base64 characters are 96 bits, the usual minimum of a key. */
const RANDOM_LENGTH: usize = 16;
/** Longest unit behind a number: `bytes`, `secs`. */
const UNIT_LENGTH: usize = 5;
/** Stands for `µs`, whose first letter is no ASCII. */
const MICROSECONDS: u32 = 0;
/** No unit. */
const NONE: u32 = 0xffffffff;

/** Kind of the word `[from, to)` with at least one digit; `seen` is the union of its byte classes. */
export function classifyDigits(from: usize, to: usize, seen: u32): u32 {
  if ((seen & DOT) !== 0 && hasPair(from, to, 46, 46)) return PIECES;
  if ((seen & LETTER) === 0) return SLOT;
  if (to - from > 1 && load<u8>(from) === 48 && (load<u8>(from, 1) | 32) === 120) return SLOT;
  if ((seen & SLASH) !== 0) return SLOT;
  if (isQuantity(from, to)) return SLOT;
  if ((seen & (DOT | DASH | UNDERSCORE | CUT | BACKSLASH)) === 0) return classifyAlphanumeric(from, to, seen);
  return classifyJoined(from, to, seen);
}

function classifyJoined(from: usize, to: usize, seen: u32): u32 {
  let dots: u32 = 0;
  let digits: u32 = 0;
  for (let i = from; i < to; i++) {
    const is = classAt(i);
    digits += is & DIGIT;
    dots += is & DOT;
  }
  dots /= DOT;
  if (dots >= 2) return digits <= NAME_DIGITS && isDottedName(from, to) ? WORD : SLOT;
  if (to - from === UUID_LENGTH && isUuid(from)) return SLOT;
  if ((seen & UNDERSCORE) !== 0) {
    if (digits >= LONG_NUMBER || hasPair(from, to, 95, 45)) return SLOT;
  }
  if (dots === 0 && isRandom(from, to, seen) && !hasHexPiece(from, to, seen)) return SLOT;
  if ((seen & DASH) !== 0 || dots === 1) return PIECES;
  if ((seen & UNDERSCORE) !== 0) return SLOT;
  return classifyAlphanumeric(from, to, seen);
}

/** `C-0x7f22a1b3c4d5`: a prefix and an address; how random it looks depends on the digits of the day. */
function hasHexPiece(from: usize, to: usize, seen: u32): bool {
  if ((seen & DASH) === 0) return false;
  for (let i = from + 1; i + 2 < to; i++)
    if (load<u8>(i) === 45 && load<u8>(i, 1) === 48 && (load<u8>(i, 2) | 32) === 120) return true;
  return false;
}

/** `org.apache.log4j.Logger`: every part begins with a letter and holds letters, digits and underscores. */
function isDottedName(from: usize, to: usize): bool {
  for (let i = from; i < to; i++) {
    const is = classAt(i);
    if ((is & (LETTER | DIGIT | UNDERSCORE | DOT)) === 0) return false;
    const beginsPart = i === from || load<u8>(i - 1) === 46;
    if (beginsPart && (is & (LETTER | UNDERSCORE)) === 0) return false;
  }
  return true;
}

/** Letters and digits (and stray other bytes): ids are slots, names with a small number stay. */
function classifyAlphanumeric(from: usize, to: usize, seen: u32): u32 {
  if (isDigit(from)) return SLOT;
  if (to - from >= HEX_ID_LENGTH && isHex(from, to)) return SLOT;
  if (isRandom(from, to, seen)) return SLOT;
  let digits: u32 = 0;
  let letters: u32 = 0;
  for (let i = from; i < to; i++) {
    const is = classAt(i);
    digits += <u32>((is & DIGIT) !== 0);
    letters += <u32>((is & LETTER) !== 0);
  }
  let tail = to;
  while (tail > from && isDigit(tail - 1)) tail--;
  if (to - tail === <usize>digits && digits <= 2) return WEAK_WORD;
  return digits === 1 && letters >= 2 ? WEAK_WORD : SLOT;
}

/**
 * Random text changes between lower case, upper case and digits at about 3 of 5 steps (62 letters drawn evenly);
 * names written in CamelCase change at about 1 of 3. The border is 2 of 5.
 */
function isRandom(from: usize, to: usize, seen: u32): bool {
  const length = to - from;
  if (length < RANDOM_LENGTH || (seen & LOWER) === 0 || (seen & UPPER) === 0) return false;
  let changes: usize = 0;
  let last: u32 = 0;
  for (let i = from; i < to; i++) {
    const is = classAt(i);
    changes += <usize>(is !== last);
    last = is;
  }
  return changes * 5 >= length * 2;
}

/** `[+-]digits[.digits][e[+-]digits][unit]`, and nothing else. */
function isQuantity(from: usize, to: usize): bool {
  let i = from;
  if (isSignAt(i)) i++;
  const whole = i;
  i = digitsEnd(i, to);
  if (i === whole) return false;
  if (i + 1 < to && load<u8>(i) === 46) {
    const fraction = digitsEnd(i + 1, to);
    if (fraction === i + 1) return false;
    i = fraction;
  }
  if (i < to && (load<u8>(i) | 32) === 101) {
    let exponent = i + 1;
    if (exponent < to && isSignAt(exponent)) exponent++;
    const end = digitsEnd(exponent, to);
    if (end > exponent) i = end;
  }
  if (i === to) return true;
  if (to - i === 1 && load<u8>(i) === 37) return true;
  return to - i <= UNIT_LENGTH && isUnit(unitHash(i, to));
}

function digitsEnd(from: usize, to: usize): usize {
  let i = from;
  while (i < to && isDigit(i)) i++;
  return i;
}

/** Five letters of five bits and the length: exact, no two units share one. */
function unitHash(from: usize, to: usize): u32 {
  let hash = <u32>(to - from);
  for (let i = from; i < to; i++) {
    const letter = <u32>load<u8>(i) | 32;
    if (letter < 97 || letter > 122) return isMicroseconds(from, to) ? MICROSECONDS : NONE;
    hash = hash * 32 + (letter - 96);
  }
  return hash;
}

/** `µs`: the micro sign is C2 B5, the Greek letter CE BC. */
function isMicroseconds(from: usize, to: usize): bool {
  if (to - from !== 3 || (load<u8>(to - 1) | 32) !== 115) return false;
  const letter = load<u16>(from);
  return letter === 0xb5c2 || letter === 0xbcce;
}

function isUnit(hash: u32): bool {
  const end = <usize>UNIT_TABLE + ((<usize>load<u32>(UNIT_COUNT)) << 2);
  for (let i: usize = UNIT_TABLE; i < end; i += 4) if (load<u32>(i) === hash) return true;
  return false;
}

/** True when the last six or more bytes are hexadecimal, with a digit and no decimal number alone. */
export function endsInHexId(from: usize, to: usize): bool {
  let i = to;
  let digits: usize = 0;
  while (i > from && has(HEX, i - 1)) {
    i--;
    digits += <usize>isDigit(i);
  }
  return to - i >= HEX_ID_LENGTH && digits > 0 && digits < to - from;
}

export function isSignAt(at: usize): bool {
  const c = load<u8>(at);
  return c === 45 || c === 43;
}
