// The canonical form of the line in memory: words that are certainly values are replaced by what stands for them.
import { CUT, DASH, DIGIT, DOT, LETTER, SPACE, UNDERSCORE } from '../byte-class';
import { CANONICAL, ENDS_URL, FREE_BEFORE, FREE_BEHIND, HIGH_TABLE, LOW_TABLE } from '../kernel-layout';
import { HEX_ID, LONG_NUMBER_LENGTH, NUMBER, URL, URL_WITH_PAIRS } from '../stand-in-kinds';
import { PIECES, SLOT } from '../token-kinds';
import {
  classAt,
  classesOf,
  copy,
  equalTo,
  firstBits,
  has,
  isDigit,
  isHex,
  isIn,
  isUuid,
  UUID_LENGTH,
} from './bytes';
import { isTracing, standInOf, standInOfRun, writeUuid, writeValue } from './stand-ins';
import { classifyDigits, endsInHexId, isSignAt } from './words';

const NO_DECIMAL: usize = 16;
/** What stands for a number, and the dot behind it. */
const SEVEN_AND_DOT: i16 = 0x2e37;

/** Where the URL in hand ends; set by `isUrl`. */
let urlEnd: usize = 0;

/** Writes the canonical form of the line `[start, end)` to `CANONICAL`, zeros behind it; returns its length. */
export function writeCanonical(start: usize, end: usize): usize {
  let n: usize = CANONICAL;
  /** Up to here the line is written. */
  let at = start;
  for (let i = start; i < end; ) {
    const digits = digitsIn(i);
    if (digits === 0) {
      i += 16;
      continue;
    }
    i += <usize>ctz(digits);
    if (i >= end) break;
    const word = wordStart(at, i);
    const stop = wordEnd(i, end);
    n = copy(at, word, n);
    at = stop;
    if (isFree(start, word, stop, end)) n = writeFree(word, stop, n);
    else if (isUrl(start, word, end)) {
      at = urlEnd;
      n = writeValue(hasPairSign(word, at) ? URL_WITH_PAIRS : URL, word, at, n);
    } else n = writeBound(word, stop, n);
    i = at;
  }
  n = copy(at, end, n);
  v128.store(n, i64x2.splat(0));
  return n - CANONICAL;
}

/** A bit for each of the sixteen bytes at `at` that is a digit. */
function digitsIn(at: usize): i32 {
  return i8x16.bitmask(i8x16.le_u(i8x16.sub(v128.load(at), i8x16.splat(48)), i8x16.splat(9)));
}

/** A bit for each of the sixteen bytes at `at` that ends a word. */
function endsIn(at: usize): i32 {
  const bytes = v128.load(at);
  const low = i8x16.swizzle(v128.load(LOW_TABLE), v128.and(bytes, i8x16.splat(15)));
  const high = i8x16.swizzle(v128.load(HIGH_TABLE), i8x16.shr_u(bytes, 4));
  return i8x16.bitmask(i8x16.ne(v128.and(low, high), i8x16.splat(0)));
}

/** Where the word with the byte at `at` begins, not in front of `from`. */
function wordStart(from: usize, at: usize): usize {
  let i = at;
  while (i > from) {
    const ends = endsIn(i - 16);
    if (ends !== 0) {
      const start = i - 16 + (32 - <usize>clz(ends));
      return start > from ? start : from;
    }
    i -= 16;
  }
  return from;
}

function wordEnd(at: usize, end: usize): usize {
  for (let i = at; i < end; i += 16) {
    const ends = endsIn(i);
    if (ends !== 0) {
      const stop = i + <usize>ctz(ends);
      return stop < end ? stop : end;
    }
  }
  return end;
}

/** Nothing beside the word makes its digits part of an address, a key, a call or a tag. */
function isFree(start: usize, word: usize, stop: usize, end: usize): bool {
  if (stop < end && !has(FREE_BEHIND, stop)) {
    if (load<u8>(stop) !== 58) return false;
    if (stop + 1 < end && (classAt(stop + 1) & SPACE) === 0) return false;
  }
  if (word === start || has(FREE_BEFORE, word - 1)) return true;
  return load<u8>(word - 1) === 58 && word - 1 > start && load<u8>(word - 2) === 34;
}

/** A word that nothing beside it makes part of something longer. */
function writeFree(at: usize, end: usize, n: usize): usize {
  if (dotsOfDecimal(at, end) !== NO_DECIMAL) return writeValue(NUMBER, at, end, n);
  const seen = classesOf(at, end);
  let to = end;
  while (isTrailing(to - 1)) to--;
  // A sign in front of something else than a number is no part of the word.
  if (isSignAt(at) && !isDigit(at + 1)) return copy(at, end, n);
  const classes = to === end ? seen : classesOf(at, to);
  const kind = kindOf(at, to, classes);
  let written = n;
  if (kind === SLOT) written = writeValue(standInOf(at, to, classes), at, to, n);
  else if (kind === PIECES) written = writePieces(at, to, n);
  else return copy(at, end, n);
  return copy(to, end, written);
}

/** As `classifyDigits`; what is most frequent first. */
function kindOf(from: usize, to: usize, seen: u32): u32 {
  if ((seen & ~(DIGIT | LETTER)) === 0 && isDigit(from)) return SLOT;
  if (to - from === UUID_LENGTH && load<u8>(from, 8) === 45 && isUuid(from)) return SLOT;
  return classifyDigits(from, to, seen);
}

/** As the scanner cuts a word, with values in the place of ids and numbers. */
function writePieces(from: usize, to: usize, n: usize): usize {
  let i = from;
  let written = n;
  let afterId = false;
  while (i < to) {
    const c = load<u8>(i);
    if ((classAt(i) & (DASH | DOT | CUT)) !== 0) {
      if (c !== 45) afterId = false;
      store<u8>(written++, c);
      i++;
      continue;
    }
    let stop = i;
    if (to - i >= UUID_LENGTH && isUuid(i)) {
      stop += UUID_LENGTH;
      afterId = true;
      written = writeValue(HEX_ID, i, stop, written);
      i = stop;
      continue;
    }
    let seen: u32 = 0;
    for (; stop < to; stop++) {
      const found = classAt(stop);
      if ((found & (DASH | DOT | CUT)) !== 0) break;
      seen |= found;
    }
    if (afterId && isHex(i, stop)) written = writeValue(NUMBER, i, stop, written);
    else if (seen === DIGIT) {
      afterId = false;
      written = writeValue(NUMBER, i, stop, written);
    } else if ((seen & DIGIT) !== 0 && classifyDigits(i, stop, seen) === SLOT) {
      afterId = endsInHexId(i, stop);
      written = writeValue(afterId ? HEX_ID : NUMBER, i, stop, written);
    } else {
      afterId = false;
      written = copy(i, stop, written);
    }
    i = stop;
  }
  return written;
}

/** Dots of a word of at most sixteen bytes that is digits with single dots between them; `NO_DECIMAL` of any other. */
function dotsOfDecimal(from: usize, to: usize): usize {
  const length = to - from;
  if (length > 16) return NO_DECIMAL;
  const bytes = v128.load(from);
  const all = firstBits(length);
  const dots = equalTo(bytes, 46) & all;
  if (((isIn(bytes, 48, 9) | dots) & all) !== all) return NO_DECIMAL;
  const atEnds: u32 = 1 | (1 << (<u32>(length - 1)));
  return (dots & ((dots >> 1) | atEnds)) === 0 ? <usize>popcnt(dots) : NO_DECIMAL;
}

/** A word beside a colon or the like: only runs of digits that touch no letter, told apart by what ports and groups are. */
function writeBound(from: usize, to: usize, n: usize): usize {
  const dots = dotsOfDecimal(from, to);
  if (dots === 0) return writeValue(standInOfRun(to - from), from, to, n);
  if (dots !== NO_DECIMAL && !isTracing()) {
    // Numbers of versions and addresses, all in one step.
    v128.store(n, i16x8.splat(SEVEN_AND_DOT));
    return n + 2 * dots + 1;
  }
  const seen = classesOf(from, to);
  const isDecimal = (seen & ~(DIGIT | DOT)) === 0 && seen !== DIGIT;
  let written = n;
  let before: u32 = 0;
  for (let i = from; i < to; ) {
    const found = classAt(i);
    if ((before & (LETTER | DIGIT)) === 0 && to - i >= UUID_LENGTH && isUuid(i)) {
      written = writeUuid(i, written);
      i += UUID_LENGTH;
      before = DIGIT;
      continue;
    }
    if ((found & DIGIT) === 0) {
      store<u8>(written++, load<u8>(i));
      before = found;
      i++;
      continue;
    }
    let stop = i + 1;
    while (stop < to && isDigit(stop)) stop++;
    const behind: u32 = stop < to ? classAt(stop) : 0;
    const isShortInName = (seen & UNDERSCORE) !== 0 && stop - i < <usize>LONG_NUMBER_LENGTH;
    if (isShortInName || ((before | behind) & (LETTER | UNDERSCORE)) !== 0) written = copy(i, stop, written);
    else written = writeValue(isDecimal ? NUMBER : standInOfRun(stop - i), i, stop, written);
    before = DIGIT;
    i = stop;
  }
  return written;
}

/** True when the `//` of a URL begins the word at `at`; `urlEnd` is where it ends. */
function isUrl(start: usize, at: usize, end: usize): bool {
  if (at < start + 2 || load<u8>(at - 1) !== 58 || load<u16>(at) !== 0x2f2f) return false;
  if ((classAt(at - 2) & LETTER) === 0) return false;
  let i = at + 2;
  while (i < end && !has(ENDS_URL, i)) i++;
  urlEnd = i;
  return true;
}

function hasPairSign(from: usize, to: usize): bool {
  for (let i = from; i < to; i++) if (load<u8>(i) === 61) return true;
  return false;
}

/** Punctuation at the end of a word: `. - + ~`. */
function isTrailing(at: usize): bool {
  const c = load<u8>(at);
  return c === 46 || c === 45 || c === 43 || c === 126;
}
