// What stands for a value in a canonical line.
import { asciiBytes } from '../decode/ascii.ts';
import * as classes from './classes.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { BYTE_CLASS, DASH, DIGIT, DOT, LETTER, SLASH, UNDERSCORE, WORD_CHARACTER } = classes;

/**
 * What stands for a value, told apart as far as a prefix, an amount or a shape tells them apart. Never longer than what it
 * stands for, so that a canonical line is no longer than the line. Behind `LONG` the same for values of `STEP` bytes and
 * more: the letter `a` follows, up to the whole steps of the value, so that long quotations stay long.
 */
const STAND_INS = [
  ...['7', '77', '7777', '777777', '77777777', '7a', '7.7s', '/7a', '7%', 'a1b2c3', '//7', '//=7', '0x7'],
  ...[
    '7',
    '77',
    '7777',
    '777777',
    '77777777',
    '7aaa',
    '7.a.',
    '/7aa',
    '/7aa',
    'a1b2c3aa',
    '//7a',
    '//=7',
    '0x7a',
  ],
] as const;
export const NUMBER = 0;
/** Runs of digits beside a colon or the like: as many as a port has; as make a key data; as make an id, of two kinds. */
const TWO_DIGITS = 1;
const FOUR_DIGITS = 2;
const SIX_DIGITS = 3;
export const LONG_NUMBER = 4;
/** Letters and digits; the same with dots; with other marks; with one of those at the end, as a percentage. */
const ID = 5;
const DOTTED = 6;
const OTHER = 7;
const OPEN_ENDED = 8;
/** Six or more hexadecimal digits: an id that goes on over the dashes behind it. */
export const HEX_ID = 9;
export const URL = 10;
export const URL_WITH_PAIRS = 11;
/** `0x…`: the arguments of a call in a stack trace. */
const ADDRESS = 12;
export const LONG = 13;
export const STEP = 16;

/** Digits in a name with underscores that make it an id, as the scanner reads it. */
export const LONG_NUMBER_LENGTH = 8;

export const STAND_IN_LENGTHS = Uint8Array.from(STAND_INS, (value) => value.length);
export const STAND_IN_HEADS = Int32Array.from(STAND_INS, (value) => fourBytes(value, 0));
export const STAND_IN_TAILS = Int32Array.from(STAND_INS, (value) => fourBytes(value, 4));

/** What stands for a UUID that is part of a longer word or a key. */
export const STAND_IN_UUID = asciiBytes('77777777-7777-7777-7777-777777777777');

/** What stands for the word `[at, end)`, which the scanner reads as one variable; `seen` is the union of its classes. */
export function standInOf(bytes: Uint8Array, at: number, end: number, seen: number): number {
  if ((seen & ~(DIGIT | DOT | DASH | SLASH)) === 0) return NUMBER;
  if (end - at > 2 && bytes[at] === 48 && bytes[at + 1] === 120) return ADDRESS;
  if ((seen & ~(DIGIT | DOT | DASH | LETTER | UNDERSCORE)) === 0)
    return (seen & DOT) !== 0 && (seen & DASH) === 0 ? DOTTED : ID;
  if ((BYTE_CLASS[bytes[end - 1]!]! & WORD_CHARACTER) === 0) return OPEN_ENDED;
  // A signed number or `$5`, which has no room for more; `+0200` behind a time.
  return end - at < 3 || bytes[at] === 43 ? NUMBER : OTHER;
}

/** What stands for a run of `length` digits. */
export function standInOfRun(length: number): number {
  if (length < 4) return length === 1 ? NUMBER : TWO_DIGITS;
  if (length < 6) return FOUR_DIGITS;
  return length < LONG_NUMBER_LENGTH ? SIX_DIGITS : LONG_NUMBER;
}

function fourBytes(text: string, at: number): number {
  let four = 0;
  for (let i = 0; i < 4 && at + i < text.length; i++) four |= text.charCodeAt(at + i) << (8 * i);
  return four;
}
