// What is where in the header of a kept record. Only constants: hot files make them their own.

/** Kept records are copied, and lie, by whole words. */
export const WORD_BYTES = 8;

/** No kept record. */
export const NONE = -1;

/** A kept record begins with two doubles … */
export const KEPT_MS = 0;
export const KEPT_OFFSET = 1;
/** … three words: the rest of its position, and its instance … */
export const INDEX = 4;
export const PARTITION = 5;
export const INSTANCE = 6;
/** … half a word: how many bytes it has, negative = it was cut to fit … */
export const LENGTH = 14;
/** … and a byte: its severity. Its own bytes follow. */
export const SEVERITY = 30;
export const HEADER_BYTES = 32;
export const HEADER_UNITS: number = HEADER_BYTES / WORD_BYTES;
