// Shapes that reach over delimiters and are recognised by what they begin with. Each answers where the shape ends, or -1.

import * as bits from './byte-class.ts';
import { startsWith } from './bytes.ts';
import * as classes from './classes.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { BYTE_CLASS } = classes;
const { DASH, DIGIT, DOT, LETTER, LOWER, SLASH, SPACE, UPPER, WORD_CHARACTER } = bits;

/** A file name in front of a colon and a number is source code, not a host: `Foo.java:12`. */
const SOURCE_SUFFIXES = [
  'java',
  'go',
  'py',
  'c',
  'cc',
  'cpp',
  'h',
  'js',
  'ts',
  'rs',
  'scala',
  'kt',
  'rb',
  'php',
  'cs',
].map((suffix) => new TextEncoder().encode(suffix));

/** 1 for a byte that ends a URL, and those that end a path: white space, a quote, a closing bracket or a comma. */
const IS_URL_END: Uint8Array = table('"\'>)],');
const IS_PATH_END: Uint8Array = table('"\'>)],};`');

/** Redaction marks, as written by the redactor: one variable whatever the rule. */
const REDACTED = new TextEncoder().encode('<redacted:');

/** End of `host:port` whose host is `[at, colon)`, or -1. */
export function endpointEnd(bytes: Uint8Array, at: number, colon: number, end: number, seen: number): number {
  if ((seen & DOT) === 0 || colon + 1 >= end || (BYTE_CLASS[bytes[colon + 1]!]! & DIGIT) === 0) return -1;
  let i = colon + 1;
  while (i < end && (BYTE_CLASS[bytes[i]!]! & DIGIT) !== 0) i++;
  const digits = i - colon - 1;
  if (digits < 2 || digits > 5 || (i < end && (BYTE_CLASS[bytes[i]!]! & WORD_CHARACTER) !== 0)) return -1;
  return isSourceFile(bytes, at, colon) || isFieldName(bytes, at, colon) ? -1 : i;
}

/** `object.fieldName`: one dot and a capital behind a small letter, which no one writes in a host's name. */
function isFieldName(bytes: Uint8Array, from: number, to: number): boolean {
  let dots = 0;
  let humps = 0;
  let last = 0;
  for (let i = from; i < to; i++) {
    const is = BYTE_CLASS[bytes[i]!]!;
    if ((is & DOT) !== 0) dots++;
    else if ((is & (LETTER | DIGIT)) === 0) return false;
    if ((is & UPPER) !== 0 && (last & LOWER) !== 0) humps++;
    last = is;
  }
  return dots === 1 && humps > 0;
}

/** End of `name@host.domain` whose name is `[from, at)`, or -1. A final dot belongs to the sentence. */
export function emailEnd(bytes: Uint8Array, from: number, at: number, end: number): number {
  if ((BYTE_CLASS[bytes[from]!]! & (LETTER | DIGIT)) === 0) return -1;
  let i = at + 1;
  let dots = 0;
  for (; i < end; i++) {
    const is = BYTE_CLASS[bytes[i]!]!;
    if ((is & DOT) !== 0) dots++;
    else if ((is & (LETTER | DIGIT | DASH)) === 0) break;
  }
  while (i > at + 1 && bytes[i - 1] === 46) {
    i--;
    dots--;
  }
  if (dots < 1 || (i < end && (BYTE_CLASS[bytes[i]!]! & WORD_CHARACTER) !== 0)) return -1;
  return (BYTE_CLASS[bytes[at + 1]!]! & LETTER) !== 0 && (BYTE_CLASS[bytes[i - 1]!]! & LETTER) !== 0 ? i : -1;
}

/** `://` stands in `[from, to)`. */
export function containsScheme(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from + 1; i + 2 < to; i++) {
    if (bytes[i] === 58 && bytes[i + 1] === 47 && bytes[i + 2] === 47) return true;
  }
  return false;
}

/** End of a URL: up to white space, a quote, a closing bracket or a comma. A redaction mark is part of it. */
export function urlEnd(bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i < end && IS_URL_END[bytes[i]!] === 0) i = bytes[i] === 60 ? overMark(bytes, i, end) : i + 1;
  return i;
}

/** End of a path with a query or the like behind it (`/a/b?x=1&y=2`): as a URL, without a final `:` or `.`. */
export function pathRunEnd(bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i < end && IS_PATH_END[bytes[i]!] === 0) i = bytes[i] === 60 ? overMark(bytes, i, end) : i + 1;
  while (i > from && (bytes[i - 1] === 58 || bytes[i - 1] === 46)) i--;
  return i;
}

/** True when the path `[at, wordEnd)` goes on behind one of `? & = @ :`. */
export function isPathRun(bytes: Uint8Array, at: number, wordEnd: number, end: number): boolean {
  if (wordEnd + 1 >= end || wordEnd - at < 2) return false;
  const c = bytes[wordEnd];
  if (c !== 63 && c !== 38 && c !== 61 && c !== 64 && c !== 58) return false;
  return (BYTE_CLASS[bytes[at + 1]!]! & LETTER) !== 0 && (BYTE_CLASS[bytes[wordEnd + 1]!]! & SPACE) === 0;
}

function isSourceFile(bytes: Uint8Array, from: number, to: number): boolean {
  if ((BYTE_CLASS[bytes[to - 1]!]! & LOWER) === 0) return false;
  for (const suffix of SOURCE_SUFFIXES) {
    const at = to - suffix.length;
    if (at > from && bytes[at - 1] === 46 && startsWith(bytes, at, to, suffix)) return true;
  }
  return false;
}

/** Byte after `<redacted:rule>` at `at`, or -1. */
export function redactionEnd(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < REDACTED.length + 1 || bytes[at + 1] !== 114) return -1;
  for (let i = 2; i < REDACTED.length; i++) if (bytes[at + i] !== REDACTED[i]) return -1;
  let i = at + REDACTED.length;
  while (i < end && (BYTE_CLASS[bytes[i]!]! & (WORD_CHARACTER | DASH | DOT | SLASH)) !== 0) i++;
  return i < end && bytes[i] === 62 ? i + 1 : -1;
}

/** Byte after the redaction mark or the lone `<` at `at`. */
function overMark(bytes: Uint8Array, at: number, end: number): number {
  const close = redactionEnd(bytes, at, end);
  return close > 0 ? close : at + 1;
}

/** Byte after a terminal's colour code `ESC [ 3 1 m` at `at`; after the escape byte when it is no such code. */
export function escapeEnd(bytes: Uint8Array, at: number, end: number): number {
  if (at + 1 >= end || bytes[at + 1] !== 91) return at + 1;
  let i = at + 2;
  while (i < end && ((BYTE_CLASS[bytes[i]!]! & DIGIT) !== 0 || bytes[i] === 59)) i++;
  return i < end && (BYTE_CLASS[bytes[i]!]! & LETTER) !== 0 ? i + 1 : at + 1;
}

function table(characters: string): Uint8Array {
  const set = new Uint8Array(256).fill(1, 0, 33);
  for (const c of characters) set[c.charCodeAt(0)] = 1;
  return set;
}
