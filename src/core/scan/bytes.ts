// Small questions about byte ranges.
import * as classes from './classes.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { BYTE_CLASS } = classes;

/** True when `[from, to)` begins with `text`. */
export function startsWith(bytes: Uint8Array, from: number, to: number, text: Uint8Array): boolean {
  if (to - from < text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text[i]) return false;
  return true;
}

/** Union of the classes of the bytes `[from, to)`. */
export function classesOf(bytes: Uint8Array, from: number, to: number): number {
  let seen = 0;
  for (let i = from; i < to; i++) seen |= BYTE_CLASS[bytes[i]!]!;
  return seen;
}
