import { asciiBytes, isDigit, isLetter } from './ascii.ts';

/** Bytes and lines that one record made of several lines may have; the next line then starts a new record. */
export const MAX_JOINED_BYTES = 65_536;
export const MAX_JOINED_LINES = 512;

const CAUSED_BY = asciiBytes('Caused by:');
const AT = asciiBytes('at ');
const TRACEBACK = asciiBytes('Traceback (most recent call last)');
const DURING = asciiBytes('During handling of the above exception');
const DIRECT_CAUSE = asciiBytes('The above exception was the direct cause');
const GOROUTINE = asciiBytes('goroutine ');
const EXCEPTION = asciiBytes('Exception');
const ERROR = asciiBytes('Error');

/**
 * Decides which lines of a text belong to the line before. Joined are: indented lines; `at …`, `Caused by: …`; a Python
 * traceback with the exception line that ends it; a Go `goroutine` dump until a line with a time stamp; and a line that
 * begins with a dotted exception class, when the record began with a time stamp and this line does not.
 * States: plain → traceback (until its exception line) or goroutine (until the record ends).
 */
export class Continuation {
  private state: 'plain' | 'traceback' | 'goroutine' = 'plain';

  /** A new record begins with the line `[start, end)`. */
  begin(bytes: Uint8Array, start: number, end: number): void {
    this.state = 'plain';
    if (startsWith(bytes, start, end, TRACEBACK)) this.state = 'traceback';
    else if (startsWith(bytes, start, end, GOROUTINE)) this.state = 'goroutine';
  }

  /** Whether the line continues the record. `hasTime`: the line has a time stamp; `timed`: the record began with one. */
  joins(bytes: Uint8Array, start: number, end: number, hasTime: boolean, timed: boolean): boolean {
    if (hasTime) return false;
    const first = bytes[start]!;
    if (first === 0x20 || first === 0x09) return true;
    if (this.state === 'goroutine') return true;
    if (startsWith(bytes, start, end, TRACEBACK)) {
      this.state = 'traceback';
      return true;
    }
    if (startsWith(bytes, start, end, DURING) || startsWith(bytes, start, end, DIRECT_CAUSE)) return true;
    if (startsWith(bytes, start, end, CAUSED_BY) || startsWith(bytes, start, end, AT)) return true;
    if (timed && startsWith(bytes, start, end, GOROUTINE)) {
      this.state = 'goroutine';
      return true;
    }
    if (this.state === 'traceback') {
      this.state = 'plain';
      return true;
    }
    return timed && isExceptionHead(bytes, start, end);
  }
}

/** `java.lang.IllegalStateException: …`: a dotted name whose last part ends in Exception or Error. */
function isExceptionHead(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  let dots = 0;
  while (at < end && isNameByte(bytes[at]!)) if (bytes[at++] === 0x2e) dots++;
  if (dots === 0 || (at < end && bytes[at] !== 0x3a)) return false;
  return endsAt(bytes, start, at, EXCEPTION) || endsAt(bytes, start, at, ERROR);
}

function isNameByte(byte: number): boolean {
  return isLetter(byte) || isDigit(byte) || byte === 0x2e || byte === 0x24 || byte === 0x5f;
}

function endsAt(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  return end - start >= word.length && startsWith(bytes, end - word.length, end, word);
}

function startsWith(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  if (end - start < word.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word[i]) return false;
  return true;
}
