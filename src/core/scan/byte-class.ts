// Bits of byte classes. Constants only: the kernel reads this file too.

export const DIGIT = 1;
export const LOWER = 2;
export const UPPER = 4;
export const DOT = 8;
export const DASH = 16;
export const UNDERSCORE = 32;
export const SLASH = 64;
/** `+ $ %`: with dot and dash they cut a word that holds digits into pieces. */
export const CUT = 128;
export const BACKSLASH = 256;
/** Any other byte of a word: `~ ^` and every byte of a character beyond ASCII (valid UTF-8 or not). */
export const OTHER = 512;
export const SPACE = 1024;
export const DELIMITER = 2048;
/** Bytes behind which a plain word or number is over for good: white space and `, ; ) ] } =`. */
export const PLAIN_END = 4096;

export const LETTER = LOWER | UPPER;
/** A word ends where one of these begins. */
export const WORD_END = SPACE | DELIMITER;
/** Bytes that make a following quote part of the word (`don't`) instead of the start of a quoted span. */
export const WORD_CHARACTER = DIGIT | LETTER | UNDERSCORE | OTHER;
