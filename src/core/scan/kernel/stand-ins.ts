// Writes what stands for a value in a canonical line.
import { DASH, DIGIT, DOT, LETTER, SLASH, UNDERSCORE, WORD_CHARACTER } from '../byte-class';
import {
  CANONICAL,
  FROM,
  HEAD_TABLE,
  LENGTH_TABLE,
  LINE_FROM,
  LINE_TO,
  TAIL_TABLE,
  TO,
  UUID_TEXT,
} from '../kernel-layout';
import * as kinds from '../stand-in-kinds';
import { classAt, copy, UUID_LENGTH } from './bytes';

const STEP: usize = kinds.STEP;
const LONG_NUMBER: u32 = kinds.LONG_NUMBER;

/** Values of the line last traced. */
let traced: u32 = 0;
let isTraced: bool = false;

/** From here on values are noted, or not. */
export function noteValues(are: bool): void {
  isTraced = are;
  traced = 0;
}

export function isTracing(): bool {
  return isTraced;
}

export function notedValues(): u32 {
  return traced;
}

/** What stands for the word `[at, end)`, which is one variable; `seen` is the union of its classes. */
export function standInOf(at: usize, end: usize, seen: u32): u32 {
  if ((seen & ~(DIGIT | DOT | DASH | SLASH)) === 0) return kinds.NUMBER;
  if (end - at > 2 && load<u16>(at) === 0x7830) return kinds.ADDRESS;
  if ((seen & ~(DIGIT | DOT | DASH | LETTER | UNDERSCORE)) === 0)
    return (seen & DOT) !== 0 && (seen & DASH) === 0 ? kinds.DOTTED : kinds.ID;
  if ((classAt(end - 1) & WORD_CHARACTER) === 0) return kinds.OPEN_ENDED;
  // A signed number or `$5`, which has no room for more; `+0200` behind a time.
  return end - at < 3 || load<u8>(at) === 43 ? kinds.NUMBER : kinds.OTHER;
}

/** What stands for a run of `length` digits. */
export function standInOfRun(length: usize): u32 {
  if (length < 4) return length === 1 ? kinds.NUMBER : kinds.TWO_DIGITS;
  if (length < 6) return kinds.FOUR_DIGITS;
  return length < <usize>kinds.LONG_NUMBER_LENGTH ? kinds.SIX_DIGITS : LONG_NUMBER;
}

/** Writes `value` at `n` in the place of `[from, to)`; what is too short for it stays as it is. Returns the end. */
export function writeValue(value: u32, from: usize, to: usize, n: usize): usize {
  const length = <usize>load<u8>(<usize>value, LENGTH_TABLE);
  if (length > to - from) return copy(from, to, n);
  let end = n;
  if (to - from < STEP || value <= LONG_NUMBER) {
    store<u32>(n, load<u32>((<usize>value) << 2, HEAD_TABLE));
    store<u32>(n, load<u32>((<usize>value) << 2, TAIL_TABLE), 4);
    end += length;
  } else {
    const long = <usize>(value + kinds.LONG);
    end += (to - from) & ~(STEP - 1);
    for (let i = n; i < end; i += 16) v128.store(i, i8x16.splat(97));
    store<u32>(n, load<u32>(long << 2, HEAD_TABLE));
    if (value === kinds.HEX_ID) store<u32>(n, load<u32>(long << 2, TAIL_TABLE), 4);
  }
  if (isTraced) note(from, to, n, end);
  return end;
}

/** Writes what stands for the UUID at `from`, which is part of a longer word or a key. */
export function writeUuid(from: usize, n: usize): usize {
  const end = copy(UUID_TEXT, <usize>UUID_TEXT + UUID_LENGTH, n);
  if (isTraced) note(from, from + UUID_LENGTH, n, end);
  return end;
}

function note(lineFrom: usize, lineTo: usize, from: usize, to: usize): void {
  const at = (<usize>traced) << 2;
  traced++;
  store<u32>(at, <u32>lineFrom, LINE_FROM);
  store<u32>(at, <u32>lineTo, LINE_TO);
  store<u32>(at, <u32>(from - CANONICAL), FROM);
  store<u32>(at, <u32>(to - CANONICAL), TO);
}
