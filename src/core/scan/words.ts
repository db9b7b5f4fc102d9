// What one word without digits is, and which words are names. Words with digits are the kernel's (`kernel/words.ts`).
import * as bits from './byte-class.ts';
import * as classes from './classes.ts';
import * as kinds from './token-kinds.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { BYTE_CLASS } = classes;
const { DIGIT, LETTER, SLASH, UNDERSCORE } = bits;
const { SLOT, WORD } = kinds;

/** Most digits in the name of a function: `jk2_init(`. */
const NAME_DIGITS = 2;

/** Kind of a word without digits; `seen` is the union of its byte classes. */
export function classifyPlain(bytes: Uint8Array, from: number, to: number, seen: number): number {
  if ((seen & SLASH) === 0) return WORD;
  if (bytes[from] === 47 && (seen & LETTER) !== 0) return SLOT;
  let slashes = 0;
  for (let i = from; i < to; i++) if (bytes[i] === 47) slashes++;
  return slashes >= 2 && (seen & LETTER) !== 0 ? SLOT : WORD;
}

/** A name in front of `(`: letters, underscores and at most two digits, beginning with a letter. */
export function isCallName(bytes: Uint8Array, from: number, to: number, seen: number): boolean {
  if ((seen & ~(LETTER | DIGIT | UNDERSCORE)) !== 0 || (BYTE_CLASS[bytes[from]!]! & LETTER) === 0)
    return false;
  let digits = 0;
  for (let i = from; i < to; i++) if ((BYTE_CLASS[bytes[i]!]! & DIGIT) !== 0) digits++;
  return digits <= NAME_DIGITS;
}
