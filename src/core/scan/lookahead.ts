// Shapes that reach over delimiters: quoted spans, values, URLs, addresses. Each answers where the shape ends, or -1.

import * as bits from './byte-class.ts';
import { startsWith } from './bytes.ts';
import * as classes from './classes.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { BYTE_CLASS, IS_HEX } = classes;
const { DIGIT, SPACE, WORD_CHARACTER, WORD_END } = bits;

/** Longest quoted span read as one value, in bytes; longer quotations are sentences and are tokenised. */
const QUOTED_LENGTH_MAX = 80;
/** Longest bracketed part of a value (`k=Name{…}`) that may contain white space, in bytes. */
const VALUE_LENGTH_MAX = 80;
/** Fewest groups of hexadecimal digits joined by colons that are an address: below that it may be a time or a ratio. */
const GROUPS_MIN = 4;
/** Methods that begin a quoted HTTP request line, which is tokenised: its method and path are worth keeping apart. */
const HTTP_METHODS = [
  'GET ',
  'POST ',
  'PUT ',
  'HEAD ',
  'DELETE ',
  'OPTIONS ',
  'PATCH ',
  'CONNECT ',
  'TRACE ',
].map((method) => new TextEncoder().encode(method));

/**
 * Looks ahead in one line. Invariant: all look-aheads that find nothing read at most `4 × line + 1024` bytes together;
 * after that they answer -1 at once. So a hostile line costs linear time, and the answer is still a function of its bytes.
 */
export class LookAhead {
  private budget = 0;

  reset(lineLength: number): void {
    this.budget = 4 * lineLength + 1024;
  }

  /** Charges a look-ahead that found nothing; false = the line's budget is used up. */
  spend(bytesRead: number): -1 {
    this.budget -= bytesRead;
    return -1;
  }

  get exhausted(): boolean {
    return this.budget < 0;
  }

  /** The closing quote of a short span that opens at `at` and stands free, or -1. */
  quotedSpan(bytes: Uint8Array, at: number, end: number): number {
    if (this.budget < 0) return -1;
    const quote = bytes[at]!;
    const limit = Math.min(end, at + QUOTED_LENGTH_MAX + 1);
    let close = at + 1;
    while (close < limit && bytes[close] !== quote) close++;
    if (close >= limit || close === at + 1) return this.spend(close - at);
    if (close + 1 < end && (BYTE_CLASS[bytes[close + 1]!]! & WORD_CHARACTER) !== 0)
      return this.spend(close - at);
    if (isHttpRequest(bytes, at + 1, close)) return this.spend(close - at);
    return close;
  }

  /**
   * End of the value behind `key=` that starts at `at`: up to a separator, brackets balanced. -1 when the value is a
   * plain word (ending at `wordEnd`, which the caller looks at itself) or is itself a list of `key=value`. `seen` is the
   * union of the classes of that word.
   */
  value(bytes: Uint8Array, at: number, end: number, wordEnd: number, seen: number): number {
    if (this.budget < 0) return -1;
    let depth = 0;
    let i = wordEnd;
    for (; i < end; i++) {
      const c = bytes[i]!;
      const is = BYTE_CLASS[c]!;
      if ((is & WORD_END) === 0) continue;
      if (c === 123 || c === 91 || c === 40) depth++;
      else if (c === 125 || c === 93 || c === 41) {
        if (depth === 0) break;
        depth--;
      } else if (depth === 0) {
        if ((is & SPACE) !== 0 || c === 44 || c === 59 || c === 34 || c === 39 || c === 38 || c === 35) break;
        if (c === 61) return this.spend(i - at);
      } else if ((is & SPACE) !== 0 && i - at > VALUE_LENGTH_MAX) break;
    }
    if (depth !== 0 || (i === wordEnd && (seen & DIGIT) === 0)) return this.spend(i - at);
    return i;
  }

  /** End of `group:group:…` (MAC, IPv6, fingerprint) whose first group is `[at, colon)`, or -1. */
  colonGroups(bytes: Uint8Array, at: number, colon: number, end: number): number {
    if (this.budget < 0) return -1;
    for (let i = at; i < colon; i++) if (IS_HEX[bytes[i]!] === 0) return -1;
    let groups = 1;
    let isShortened = false;
    let i = colon;
    while (i < end && bytes[i] === 58) {
      let next = i + 1;
      while (next < end && next - i <= 5 && IS_HEX[bytes[next]!] === 1) next++;
      if (next - i - 1 > 4 || (next === i + 1 && (next >= end || bytes[next] !== 58))) break;
      groups++;
      if (next === i + 1) isShortened = true;
      i = next;
    }
    if (isShortened && groups < GROUPS_MIN && holdsDigit(bytes, at, i)) groups = GROUPS_MIN;
    if (groups < GROUPS_MIN || (i < end && (BYTE_CLASS[bytes[i]!]! & WORD_CHARACTER) !== 0))
      return this.spend(i - at);
    return i;
  }
}

/** `fe80::1` has a digit, the names of a scope (`abc::def`) have none. */
function holdsDigit(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((BYTE_CLASS[bytes[i]!]! & DIGIT) !== 0) return true;
  return false;
}

function isHttpRequest(bytes: Uint8Array, from: number, to: number): boolean {
  for (const method of HTTP_METHODS) if (startsWith(bytes, from, to, method)) return true;
  return false;
}
