// Parts that the notations of several languages have in common.

import * as bits from './byte-class.ts';
import { startsWith } from './bytes.ts';
import * as classes from './classes.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { BYTE_CLASS } = classes;
const { DIGIT, LETTER } = bits;

/** `/x/y.go:12`, with or without ` +0x1a` or `:34` behind it. */
export function isFileAndLine(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from + 1; i + 1 < to; i++) {
    if (bytes[i] === 58 && (BYTE_CLASS[bytes[i + 1]!]! & DIGIT) !== 0)
      return (BYTE_CLASS[bytes[i - 1]!]! & (LETTER | DIGIT)) !== 0;
    if (bytes[i] === 32) return false;
  }
  return false;
}

export function indexOf(bytes: Uint8Array, from: number, to: number, part: Uint8Array): number {
  const first = part[0];
  for (let i = from; i + part.length <= to; i++)
    if (bytes[i] === first && startsWith(bytes, i, to, part)) return i;
  return -1;
}

export function lastIndexOf(bytes: Uint8Array, from: number, to: number, c: number): number {
  for (let i = to - 1; i >= from; i--) if (bytes[i] === c) return i;
  return -1;
}

export function ascii(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
