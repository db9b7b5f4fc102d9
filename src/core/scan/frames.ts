// Lines of stack traces: frames as Java, .NET, JavaScript, Python, Go, Ruby, Rust and PHP print them.

import * as bits from './byte-class.ts';
import { startsWith } from './bytes.ts';
import * as classes from './classes.ts';
import { ascii, indexOf, isFileAndLine, lastIndexOf } from './frame-parts.ts';
import { isTraceMark } from './trace-marks.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { BYTE_CLASS } = classes;
const { DIGIT, LETTER, LOWER, SPACE, UNDERSCORE, UPPER } = bits;

const AT = ascii('at ');
const FILE = ascii('File "');
const LINE = ascii('", line ');
const FROM = ascii('from ');
const MORE = ascii(' more');
const OMITTED = ascii(' omitted');
const GOROUTINE = ascii('goroutine ');
const CREATED_BY = ascii('created by ');
const RUBY_IN = ascii(':in ');
const THROWN_IN = ascii('thrown in ');
const ON_LINE = ascii(' on line ');
const ASYNC = ascii('async ');
const DOTNET_LINE = ascii(':line ');
const PATH_SEPARATOR = ascii('::');
const PANIC = ascii('panic(');
const MAIN = ascii('main');
const PHP_MAIN = ascii('{main}');
const PHP_INTERNAL = ascii('[internal function]');
const PHP_CALL = ascii('): ');
const HEX = ascii('0x');
/** What stands in brackets behind a frame's function where no file is known. */
const NO_FILE = ['Native Method', 'Unknown Source', '<anonymous>', '<generated>', 'native'].map(ascii);
const INDEX = ascii('index ');
/** Words that a line of Python source begins with. */
const SOURCE_WORDS = [
  ...['return ', 'raise ', 'yield ', 'assert ', 'await ', 'self.', 'for ', 'with ', 'if '],
].map(ascii);
/** Spaces that a source line is indented by under its frame. */
export const SOURCE_INDENT = 4;
/** Lines of source that Python shows under one frame, carets included. */
const SOURCE_LINES_MAX = 12;

/** True when all of `[start, end)` is frames, or what stands around them: nothing of it says what went wrong. */
export function isFrame(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start]!;
  const indented = (BYTE_CLASS[first]! & SPACE) !== 0;
  const last = bytes[end - 1];
  if (!indented && last !== 41 && last !== 39 && last !== 58 && !mayBeginFrame(first, bytes[start + 1] ?? 0))
    return false;
  const stop = framesEnd(bytes, start, end);
  return stop > start && onlySpace(bytes, stop, end);
}

/** End of the frames that begin at the line at `from`, one a line: the offset of a line feed or `end`; `from` = none. */
export function framesEnd(bytes: Uint8Array, from: number, end: number): number {
  let reached = from;
  let at = from;
  let sourceLines = 0;
  let isBeforeRust = false;
  while (at < end) {
    const stop = lineEnd(bytes, at, end);
    const begin = skipIndent(bytes, at, stop);
    const last = trimEnd(bytes, begin, stop);
    const indent = bytes[at] === 9 ? SOURCE_INDENT : begin - at;
    if (begin === last) {
      if (reached === from) return from;
    } else if (sourceLines > 0 && indent >= SOURCE_INDENT) {
      sourceLines--;
      reached = stop;
    } else if (
      isFrameText(bytes, begin, last, indent) ||
      (indent >= SOURCE_INDENT && isSourceLine(bytes, begin, last)) ||
      isCallInGo(bytes, begin, last, stop, end) ||
      (isBeforeRust && isNumbered(bytes, begin, last)) ||
      isTraceMark(bytes, begin, last)
    ) {
      sourceLines = isPythonFrame(bytes, begin, last) ? SOURCE_LINES_MAX : 0;
      isBeforeRust = isRustFrame(bytes, begin, last) || (isBeforeRust && bytes[begin] === 97);
      reached = stop;
    } else break;
    at = stop + 1;
  }
  return reached;
}

/** A frame that is one also where a logger's prefix stands in front of it, by `indent` blanks. */
export function isFrameBehind(bytes: Uint8Array, from: number, to: number, indent: number): boolean {
  if (isFrameText(bytes, from, to, indent)) return true;
  if (bytes[from] === 94 || bytes[from] === 126) return onlyCarets(bytes, from, to);
  // One blank parts it from the prefix: Python indents a source line by four.
  return (indent === SOURCE_INDENT || indent === 2 * SOURCE_INDENT) && isSourceLine(bytes, from, to);
}

function isFrameText(bytes: Uint8Array, from: number, to: number, indent: number): boolean {
  const c = bytes[from]!;
  if (c === 97 && startsWith(bytes, from, to, AT)) return isAtFrame(bytes, from + AT.length, to, indent);
  if (c === 70) return isPythonFrame(bytes, from, to);
  if (c === 46) return isElision(bytes, from, to);
  if (c === 102 && startsWith(bytes, from, to, FROM)) return isRubyFrame(bytes, from + FROM.length, to);
  if (c === 35) return isPhpFrame(bytes, from, to);
  if (c === 103 && startsWith(bytes, from, to, GOROUTINE))
    return bytes[to - 1] === 58 && bytes[to - 2] === 93;
  if (c === 99 && startsWith(bytes, from, to, CREATED_BY))
    return isDottedName(bytes, from + CREATED_BY.length, to);
  if (c === 116 && indent > 0 && startsWith(bytes, from, to, THROWN_IN))
    return indexOf(bytes, from, to, ON_LINE) > 0;
  if ((BYTE_CLASS[c]! & DIGIT) !== 0) return indent > 0 && isRustFrame(bytes, from, to);
  if (c === 47 && indent > 0 && isFileAndLine(bytes, from, to)) return true;
  return isGoCall(bytes, from, to) || (bytes[to - 1] === 39 && isRubyFrame(bytes, from, to));
}

/** A dot stands in the first word. */
function isDottedName(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to && bytes[i] !== 32; i++) if (bytes[i] === 46) return true;
  return false;
}

/**
 * `at a.b.C.m(File.java:3)`, `at f (/x/y.js:1:2)`, `at /x/y.js:1:2`, `at N.C.M(String s) in C:\x.cs:line 3`. A sentence
 * may begin so too: without an indent the name must be dotted, or a place in the code stand in the brackets.
 */
function isAtFrame(bytes: Uint8Array, from: number, stop: number, indent: number): boolean {
  let to = stop;
  // Node shows an error's fields behind its last frame.
  if (bytes[to - 1] === 123 && bytes[to - 2] === 32) to -= 2;
  // The jar that the class is from: ` ~[lib.jar:1.2]`.
  if (bytes[to - 1] === 93) {
    const jar = lastIndexOf(bytes, from, to, 91);
    if (jar > from + 2) to = bytes[jar - 1] === 126 ? jar - 2 : jar - 1;
  }
  if (to <= from) return false;
  if (bytes[to - 1] === 41) {
    const inner = lastIndexOf(bytes, from, to, 40);
    if (inner > from && isPlace(bytes, inner + 1, to - 1)) return true;
    let dots = 0;
    for (let i = from; i < to; i++) {
      if (bytes[i] === 40) return i > from && (dots > 0 || indent > 0);
      if (bytes[i] === 32) return false;
      if (bytes[i] === 46) dots++;
    }
    return false;
  }
  if (indent === 0) return indexOf(bytes, from, to, DOTNET_LINE) > 0;
  if ((BYTE_CLASS[bytes[to - 1]!]! & DIGIT) !== 0) {
    const file = startsWith(bytes, from, to, ASYNC) ? from + ASYNC.length : from;
    return isFileAndLine(bytes, file, to) || indexOf(bytes, from, to, DOTNET_LINE) > 0;
  }
  return startsWith(bytes, from, to, NO_FILE[2]!);
}

/** What stands in a frame's brackets: `File.java:12`, `/x/y.js:1:2`, `Native Method`. */
function isPlace(bytes: Uint8Array, from: number, to: number): boolean {
  for (const word of NO_FILE) if (word.length === to - from && startsWith(bytes, from, to, word)) return true;
  if (startsWith(bytes, from, to, INDEX)) return true;
  let i = to;
  while (i > from && (BYTE_CLASS[bytes[i - 1]!]! & DIGIT) !== 0) i--;
  return i < to && i > from + 1 && bytes[i - 1] === 58;
}

function isPythonFrame(bytes: Uint8Array, from: number, to: number): boolean {
  return startsWith(bytes, from, to, FILE) && indexOf(bytes, from, to, LINE) > 0;
}

/** `... 12 more`, `... 3 common frames omitted`. */
function isElision(bytes: Uint8Array, from: number, to: number): boolean {
  if (bytes[from + 1] !== 46 || bytes[from + 2] !== 46) return false;
  return startsWith(bytes, to - MORE.length, to, MORE) || startsWith(bytes, to - OMITTED.length, to, OMITTED);
}

/** `/x/y.rb:12:in 'f'`, with or without `from` in front. */
function isRubyFrame(bytes: Uint8Array, from: number, to: number): boolean {
  const at = indexOf(bytes, from, to, RUBY_IN);
  if (at <= from || bytes[to - 1] !== 39) return false;
  let i = at;
  while (i > from && (BYTE_CLASS[bytes[i - 1]!]! & DIGIT) !== 0) i--;
  if (i === at || bytes[i - 1] !== 58) return false;
  for (let j = from; j < i; j++) if (bytes[j] === 32) return false;
  return true;
}

/** `#0 /x/y.php(12): f()`, `#1 [internal function]: f()`, `#3 {main}`; of C `#0 0x7f12 in f ()`. */
function isPhpFrame(bytes: Uint8Array, from: number, to: number): boolean {
  let i = from + 1;
  while (i < to && (BYTE_CLASS[bytes[i]!]! & DIGIT) !== 0) i++;
  if (i === from + 1 || bytes[i] !== 32) return false;
  while (i < to && bytes[i] === 32) i++;
  if (startsWith(bytes, i, to, PHP_MAIN) || startsWith(bytes, i, to, PHP_INTERNAL)) return true;
  if (startsWith(bytes, i, to, HEX)) return true;
  const call = indexOf(bytes, i, to, PHP_CALL);
  return call > 0 && (BYTE_CLASS[bytes[call - 1]!]! & DIGIT) !== 0;
}

/** `3: std::panicking::begin_panic` and `4: main`, under an indent. */
function isRustFrame(bytes: Uint8Array, from: number, to: number): boolean {
  if (!isNumbered(bytes, from, to)) return false;
  if (indexOf(bytes, from, to, PATH_SEPARATOR) > 0) return true;
  let i = from;
  while (bytes[i] !== 32) i++;
  i++;
  // Of the runtime: `main`, `rust_begin_unwind`, `__libc_start_main`, `_start`.
  return (i + MAIN.length === to && startsWith(bytes, i, to, MAIN)) || isRuntimeName(bytes, i, to);
}

function isRuntimeName(bytes: Uint8Array, from: number, to: number): boolean {
  let underscores = 0;
  for (let i = from; i < to; i++) {
    const is = BYTE_CLASS[bytes[i]!]!;
    if ((is & UNDERSCORE) !== 0) underscores++;
    else if ((is & (LETTER | DIGIT)) === 0) return false;
  }
  return underscores > 0;
}

/** `3: ` and one word. */
function isNumbered(bytes: Uint8Array, from: number, to: number): boolean {
  let i = from;
  while (i < to && (BYTE_CLASS[bytes[i]!]! & DIGIT) !== 0) i++;
  return i > from && bytes[i] === 58 && bytes[i + 1] === 32 && i + 2 < to;
}

/** `net/http.(*conn).serve(0xc000186000, {0x7f0, 0xc0})`: a dotted name and arguments that are addresses or elided. */
function isGoCall(bytes: Uint8Array, from: number, to: number): boolean {
  if (bytes[to - 1] !== 41) return false;
  let open = to - 2;
  while (open > from && isGoArgument(bytes[open]!)) open--;
  if (bytes[open] !== 40) return false;
  if (startsWith(bytes, from, to, PANIC) && open === from + PANIC.length - 1) return open + 2 < to;
  if (open - from < 3) return false;
  if (open + 2 < to && bytes[open + 1] !== 48 && bytes[open + 1] !== 46 && bytes[open + 1] !== 123)
    return false;
  let dots = 0;
  let slashes = 0;
  for (let i = from; i < open; i++) {
    if ((BYTE_CLASS[bytes[i]!]! & SPACE) !== 0) return false;
    if (bytes[i] === 46) dots++;
    else if (bytes[i] === 47) slashes++;
  }
  // `f.g()` alone is as often a sentence's; a package's path or `main.` in front tells.
  if (open + 2 === to && slashes === 0 && !startsWith(bytes, from, to, MAIN)) return false;
  return dots > 0;
}

/** A call over an indented `/x/y.go:12`: whatever its arguments are. */
function isCallInGo(bytes: Uint8Array, from: number, to: number, stop: number, end: number): boolean {
  if (bytes[to - 1] !== 41 || stop + 1 >= end || bytes[stop + 1] !== 9) return false;
  for (let i = from; i < to && bytes[i] !== 40; i++) if (bytes[i] === 32) return false;
  const next = lineEnd(bytes, stop + 1, end);
  return isFileAndLine(bytes, stop + 2, trimEnd(bytes, stop + 2, next));
}

/** Hexadecimal digits, `x`, commas, spaces, dots, braces, `?`. */
function isGoArgument(c: number): boolean {
  if ((BYTE_CLASS[c]! & DIGIT) !== 0 || (c >= 97 && c <= 102)) return true;
  return c === 120 || c === 44 || c === 32 || c === 46 || c === 123 || c === 125 || c === 63;
}

/** A line of source code, as Python prints it under a frame, or the carets under that. */
function isSourceLine(bytes: Uint8Array, from: number, to: number): boolean {
  if (bytes[from] === 94 || bytes[from] === 126) return onlyCarets(bytes, from, to);
  for (const word of SOURCE_WORDS) if (startsWith(bytes, from, to, word)) return true;
  for (let i = from + 1; i < to; i++) {
    const before = BYTE_CLASS[bytes[i - 1]!]!;
    if (bytes[i] === 40 && (before & (LOWER | UPPER | UNDERSCORE)) !== 0) return true;
    if (bytes[i] === 61 && (before & SPACE) !== 0 && i + 1 < to && bytes[i + 1] === 32) return true;
  }
  return bytes[to - 1] === 41;
}

function onlyCarets(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 94 && bytes[i] !== 126 && bytes[i] !== 32) return false;
  return true;
}

function onlySpace(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if ((BYTE_CLASS[bytes[i]!]! & SPACE) === 0) return false;
  return true;
}

function lineEnd(bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i < end && bytes[i] !== 10) i++;
  return i;
}

/** Over blanks, tabs and the bars that Python draws beside the members of an exception group. */
function skipIndent(bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  while (
    i < to &&
    (bytes[i] === 32 || bytes[i] === 9 || (bytes[i] === 124 && i > from && bytes[i + 1] === 32))
  )
    i++;
  return i;
}

function trimEnd(bytes: Uint8Array, from: number, to: number): number {
  let i = to;
  while (i > from && (BYTE_CLASS[bytes[i - 1]!]! & SPACE) !== 0) i--;
  return i;
}

/** First bytes that an unindented frame can have: `at `, `File "`, `... `, `from `, `#0`, `goroutine`, `created`, `/`. */
function mayBeginFrame(first: number, second: number): boolean {
  switch (first) {
    case 97:
      return second === 116;
    case 70:
      return second === 105;
    case 46:
      return second === 46;
    case 102:
    case 99:
      return second === 114;
    case 103:
      return second === 111;
    case 35:
      return (BYTE_CLASS[second]! & DIGIT) !== 0;
    case 45:
      return second === 45;
    case 110:
      return second === 111;
    default:
      return first === 47;
  }
}
