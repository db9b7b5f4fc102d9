// What loggers put in front of every line of a stack trace when they write each line as a record of its own:
// `2017-05-16 00:00:04.500 2931 ERROR nova.compute.manager [req-1 - -]   File "…", line 3, in f`.
import type { LineKind } from '../../contracts.ts';
import * as bits from './byte-class.ts';
import * as classes from './classes.ts';
import { ascii } from './frame-parts.ts';
import { isFrameBehind } from './frames.ts';
import { isTraceMark } from './trace-marks.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { BYTE_CLASS } = classes;
const { DASH, DIGIT, DOT, LETTER, LOWER, SPACE, UNDERSCORE, UPPER } = bits;

/** Words and brackets of one prefix; and bytes of one bracket. Bound the work of a line. */
const PARTS_MAX = 12;
const BRACKET_LENGTH_MAX = 400;

/** What a prefix holds, as bits. */
const STAMP = 1;
const LEVEL = 2;
const NAME = 4;
const TAG = 8;
const BRACKET = 16;
const BITS = 5;

const LEVELS = [
  ...['trace', 'debug', 'info', 'notice', 'audit', 'warn', 'warning', 'error', 'err', 'critical', 'crit'],
  ...['fatal', 'severe', 'alert', 'emerg', 'panic', 'exception', 'stderr', 'stdout'],
].map(ascii);

/**
 * `frame` when a prefix is all that parts `[start, end)` from a frame or the head of a trace; `empty` when there is
 * nothing behind it; else `line`. The prefix is made of times and numbers, a level, a logger's dotted name, brackets with
 * ids, a syslog tag. Without any of them it is a sentence, and what follows belongs to it.
 */
export function kindBehindPrefix(bytes: Uint8Array, start: number, end: number): LineKind {
  const prefix = prefixOf(bytes, start, end);
  if (prefix === 0) return 'line';
  const held = prefix & ((1 << BITS) - 1);
  const prefixEnd = start + (prefix >>> BITS);
  let begin = prefixEnd;
  while (begin < end && (BYTE_CLASS[bytes[begin]!]! & SPACE) !== 0) {
    if (bytes[begin] === 10) return 'line';
    begin++;
  }
  if (begin === end) {
    // A name alone may be the message itself, unless a blank shows that the message is missing behind it.
    if ((held & NAME) === 0) return 'line';
    return begin > prefixEnd || ((held & LEVEL) !== 0 && (held & STAMP) !== 0) ? 'empty' : 'line';
  }
  let last = end;
  while (last > begin && (BYTE_CLASS[bytes[last - 1]!]! & SPACE) !== 0) last--;
  for (let i = begin; i < last; i++) if (bytes[i] === 10) return 'line';
  if (isTraceMark(bytes, begin, last)) return 'frame';
  const gap = bytes[prefixEnd] === 9 || bytes[begin - 1] === 9 ? 5 : begin - prefixEnd;
  return gap > 1 && isFrameBehind(bytes, begin, last, gap - 1) ? 'frame' : 'line';
}

/** Length of the prefix shifted over the bits of what it holds; 0 = none. */
function prefixOf(bytes: Uint8Array, start: number, end: number): number {
  let held = 0;
  let reached = start;
  /** A word such as a host's name, which only what follows it can make part of the prefix. */
  let isPending = false;
  let i = start;
  for (let parts = 0; parts < PARTS_MAX && i < end; parts++) {
    const from = i;
    let kind: number;
    if (bytes[i] === 91) {
      i = bracketEnd(bytes, i, end);
      kind = i < 0 ? -1 : BRACKET;
      if (bytes[i] === 58) i++;
    } else {
      while (i < end && bytes[i]! > 32) i++;
      kind = wordKind(bytes, from, i, held);
      if (kind < 0 && !isPending && mayBeHost(bytes, from, i, held)) {
        isPending = true;
        while (i < end && bytes[i] === 32) i++;
        continue;
      }
    }
    if (kind < 0 || (isPending && kind !== TAG && kind !== 0)) break;
    isPending = false;
    held |= kind;
    reached = i;
    while (i < end && bytes[i] === 32) i++;
  }
  // Times and brackets alone are no prefix: a level, a name or a tag says that a logger wrote it.
  return (held & (LEVEL | NAME | TAG)) === 0 ? 0 : ((reached - start) << BITS) | held;
}

/** STAMP, LEVEL, NAME or TAG; 0 = a mark such as `-` or `|`; -1 = a word of a message. */
function wordKind(bytes: Uint8Array, from: number, to: number, held: number): number {
  let letters = 0;
  let digits = 0;
  let dots = 0;
  let others = 0;
  const hasColon = bytes[to - 1] === 58;
  const stop = hasColon ? to - 1 : to;
  for (let i = from; i < stop; i++) {
    const is = BYTE_CLASS[bytes[i]!]!;
    if ((is & (LETTER | UNDERSCORE)) !== 0) letters++;
    else if ((is & DIGIT) !== 0) digits++;
    else if ((is & DOT) !== 0) dots++;
    else others++;
  }
  if (letters + digits === 0) return to - from <= 3 ? 0 : -1;
  if (digits > 0 && letters <= 2 && isStamp(bytes, from, stop)) return STAMP;
  if (letters === stop - from && letters <= 9 && isLevel(bytes, from, stop)) return LEVEL;
  if (isMonthOrDay(bytes, from, stop) && (held === 0 || held === STAMP)) return STAMP;
  if ((held & STAMP) !== 0 && to - from === 1 && (bytes[from] === 70 || bytes[from] === 80)) return STAMP;
  if (dots > 0 && others === 0 && letters > 0 && (held & NAME) === 0) return NAME;
  if (hasColon && (held & STAMP) !== 0 && (held & (NAME | TAG)) === 0) return TAG;
  return -1;
}

/** Digits with `: - . , / + T Z` between them. */
function isStamp(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const c = bytes[i]!;
    if ((BYTE_CLASS[c]! & (DIGIT | DASH | DOT)) !== 0) continue;
    if (c !== 58 && c !== 44 && c !== 47 && c !== 43 && c !== 84 && c !== 90) return false;
  }
  return true;
}

function isLevel(bytes: Uint8Array, from: number, to: number): boolean {
  for (const level of LEVELS) {
    if (level.length !== to - from) continue;
    let i = 0;
    while (i < level.length && (bytes[from + i]! | 32) === level[i]) i++;
    if (i === level.length) return true;
  }
  return false;
}

/** Three letters, the first a capital: `Nov`, `Sat`. */
function isMonthOrDay(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from !== 3 || (BYTE_CLASS[bytes[from]!]! & UPPER) === 0) return false;
  return (BYTE_CLASS[bytes[from + 1]!]! & BYTE_CLASS[bytes[from + 2]!]! & LOWER) !== 0;
}

/** A host in front of a syslog tag, or a container's name in front of a bar. */
function mayBeHost(bytes: Uint8Array, from: number, to: number, held: number): boolean {
  if ((held & ~STAMP) !== 0 || to - from > 64) return false;
  for (let i = from; i < to; i++)
    if ((BYTE_CLASS[bytes[i]!]! & (LETTER | DIGIT | DOT | DASH | UNDERSCORE)) === 0) return false;
  return true;
}

/** Behind `[…]` at `at`, when it holds an id, a pair or nothing: `[req-1 - -]`, `[instance: 7]`, `[-]`, not `[started]`. */
function bracketEnd(bytes: Uint8Array, at: number, end: number): number {
  const limit = Math.min(end, at + BRACKET_LENGTH_MAX);
  let depth = 0;
  let isData = false;
  for (let i = at; i < limit; i++) {
    const c = bytes[i]!;
    if (c === 91) depth++;
    else if (c === 93) {
      if (--depth > 0) continue;
      return isData || isLevel(bytes, at + 1, i) ? i + 1 : -1;
    } else if (c === 10) return -1;
    else if ((BYTE_CLASS[c]! & (DIGIT | DASH)) !== 0 || c === 58 || c === 61) isData = true;
  }
  return -1;
}
