// What is where in the header of a kept record. Only constants: hot files make them their own.

/** Kept records are copied, and lie, by whole words. */
export const WORD_BYTES = 8;

/** No kept record. */
export const NONE = -1;

/** A kept record begins with a double … */
export const KEPT_MS = 0;
/** … three words: its message (kept-messages.ts), its index in that, and its instance … */
export const MESSAGE = 2;
export const INDEX = 3;
export const INSTANCE = 4;
/** … half a word: how many bytes it has, negative = it was cut to fit … */
export const LENGTH = 10;
/** … and a byte: its severity. Its own bytes follow. */
export const SEVERITY = 22;
export const HEADER_BYTES = 24;
export const HEADER_UNITS: number = HEADER_BYTES / WORD_BYTES;
