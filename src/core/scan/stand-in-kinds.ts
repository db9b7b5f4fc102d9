// Kinds of stand-ins, as they follow each other in `stand-ins.ts`. Constants only: the kernel reads this file too.

export const NUMBER = 0;
/** Runs of digits beside a colon or the like: as many as a port has; as make a key data; as make an id, of two kinds. */
export const TWO_DIGITS = 1;
export const FOUR_DIGITS = 2;
export const SIX_DIGITS = 3;
export const LONG_NUMBER = 4;
/** Letters and digits; the same with dots; with other marks; with one of those at the end, as a percentage. */
export const ID = 5;
export const DOTTED = 6;
export const OTHER = 7;
export const OPEN_ENDED = 8;
/** Six or more hexadecimal digits: an id that goes on over the dashes behind it. */
export const HEX_ID = 9;
export const URL = 10;
export const URL_WITH_PAIRS = 11;
/** `0x…`: the arguments of a call in a stack trace. */
export const ADDRESS = 12;
/** Behind it the same kinds, for values of `STEP` bytes and more. */
export const LONG = 13;
export const STEP = 16;

/** Digits in a name with underscores that make it an id, as the scanner reads it. */
export const LONG_NUMBER_LENGTH = 8;
