// Lines of stack traces: frames as Java, .NET, JavaScript, Python, Go, Ruby, Rust and PHP print them.

import { startsWith } from './bytes.ts';
import { BYTE_CLASS, DIGIT, DOT, LETTER, LOWER, SPACE, UNDERSCORE, UPPER } from './classes.ts';

const AT = text('at ');
const FILE = text('File "');
const LINE = text('", line ');
const FROM = text('from ');
const MORE = text(' more');
const OMITTED = text(' omitted');
const GOROUTINE = text('goroutine ');
const CREATED_BY = text('created by ');
const END_OF_TRACE = text('--- End of ');
const RUBY_IN = text(':in ');
/** Words that a line of Python source begins with. */
const SOURCE_WORDS = [
  'return ',
  'raise ',
  'yield ',
  'assert ',
  'await ',
  'self.',
  'for ',
  'with ',
  'if ',
].map(text);
/** Spaces that a source line is indented by under its frame, and at least that much behind a logger's name. */
const SOURCE_INDENT = 4;

/** True when the whole line `[start, end)` is a frame, or the source line of one, maybe behind a logger's name. */
export function isFrame(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start]!;
  const indented = (BYTE_CLASS[first]! & SPACE) !== 0;
  if (!indented && !mayBeginFrame(first, bytes[start + 1] ?? 0) && bytes[end - 1] !== 41) {
    return isFrameBehindLogger(bytes, start, end);
  }
  const stop = frameEnd(bytes, start, end);
  if (stop >= 0) return onlySpace(bytes, stop, end);
  return isFrameBehindLogger(bytes, start, end);
}

/** If the line that begins at `from` is a frame: the offset of its end (a line feed or `end`); else -1. */
export function frameEnd(bytes: Uint8Array, from: number, end: number): number {
  let begin = from;
  while (begin < end && (bytes[begin] === 32 || bytes[begin] === 9)) begin++;
  let stop = begin;
  while (stop < end && bytes[stop] !== 10) stop++;
  if (begin >= stop) return -1;
  let last = stop;
  while (last > begin && (BYTE_CLASS[bytes[last - 1]!]! & SPACE) !== 0) last--;
  const indent = bytes[from] === 9 ? SOURCE_INDENT : begin - from;
  const found =
    isFrameText(bytes, begin, last, indent) || (indent >= SOURCE_INDENT && isSourceLine(bytes, begin, last));
  return found ? stop : -1;
}

/** `some.logger   File "x.py", line 3, in f` and the source line under it; `[context]` may stand behind the name. */
function isFrameBehindLogger(bytes: Uint8Array, start: number, end: number): boolean {
  let i = start;
  while (i < end && bytes[i]! > 32) i++;
  if (i + 2 >= end || bytes[i] !== 32) return false;
  const nameEnd = i;
  if (bytes[i + 1] !== 32 && bytes[i + 1] !== 91) return false;
  if (bytes[i + 1] === 91) {
    while (i < end && bytes[i] !== 93) i++;
    i++;
  }
  const gap = i;
  while (i < end && bytes[i] === 32) i++;
  if (i >= end || i - gap < 2) return false;
  const dots = dotsOfName(bytes, start, nameEnd);
  if (dots < 0) return false;
  if (isPythonFrame(bytes, i, end)) return true;
  return dots > 0 && i - gap > SOURCE_INDENT && isSourceLine(bytes, i, end);
}

/** Number of dots in a name of letters, digits and underscores; -1 when it holds anything else or nothing. */
function dotsOfName(bytes: Uint8Array, from: number, to: number): number {
  let dots = 0;
  for (let i = from; i < to; i++) {
    const is = BYTE_CLASS[bytes[i]!]!;
    if ((is & DOT) !== 0) dots++;
    else if ((is & (LETTER | DIGIT | UNDERSCORE)) === 0) return -1;
  }
  return to > from ? dots : -1;
}

function isFrameText(bytes: Uint8Array, from: number, to: number, indent: number): boolean {
  const c = bytes[from]!;
  if (c === 97 && startsWith(bytes, from, to, AT)) return isAtFrame(bytes, from + AT.length, to, indent);
  if (c === 70) return isPythonFrame(bytes, from, to);
  if (c === 46) return isElision(bytes, from, to);
  if (c === 102 && startsWith(bytes, from, to, FROM)) return indexOf(bytes, from, to, RUBY_IN) > 0;
  if (c === 35) return isPhpFrame(bytes, from, to);
  if (c === 103 && startsWith(bytes, from, to, GOROUTINE))
    return bytes[to - 1] === 58 && bytes[to - 2] === 93;
  if (c === 99 && startsWith(bytes, from, to, CREATED_BY)) {
    return isDottedName(bytes, from + CREATED_BY.length, to);
  }
  if (c === 45 && startsWith(bytes, from, to, END_OF_TRACE)) return true;
  if ((BYTE_CLASS[c]! & DIGIT) !== 0) return indent > 0 && isRustFrame(bytes, from, to);
  if (c === 47) return indent > 0 ? isFileAndLine(bytes, from, to) : indexOf(bytes, from, to, RUBY_IN) > 0;
  return isGoCall(bytes, from, to);
}

/** A dot stands in the first word. */
function isDottedName(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to && bytes[i] !== 32; i++) if (bytes[i] === 46) return true;
  return false;
}

/** `at a.b.C.m(File.java:3)`, `at f (/x/y.js:1:2)`, `at /x/y.js:1:2`, `at N.C.M(String s) in C:\x.cs:line 3`. */
function isAtFrame(bytes: Uint8Array, from: number, to: number, indent: number): boolean {
  const last = bytes[to - 1]!;
  if (last === 41) return indexOf(bytes, from, to, OPEN) > 0;
  if (indent === 0) return false;
  if ((BYTE_CLASS[last]! & DIGIT) !== 0) {
    const file = startsWith(bytes, from, to, ASYNC) ? from + ASYNC.length : from;
    return isFileAndLine(bytes, file, to) || indexOf(bytes, from, to, DOTNET_LINE) > 0;
  }
  return last === 93 && indexOf(bytes, from, to, OPEN) > 0;
}

const OPEN = text('(');
const ASYNC = text('async ');
const DOTNET_LINE = text(':line ');

function isPythonFrame(bytes: Uint8Array, from: number, to: number): boolean {
  return startsWith(bytes, from, to, FILE) && indexOf(bytes, from, to, LINE) > 0;
}

/** `... 12 more`, `... 3 common frames omitted`. */
function isElision(bytes: Uint8Array, from: number, to: number): boolean {
  if (bytes[from + 1] !== 46 || bytes[from + 2] !== 46) return false;
  return startsWith(bytes, to - MORE.length, to, MORE) || startsWith(bytes, to - OMITTED.length, to, OMITTED);
}

/** `#0 /x/y.php(12): f()` and `#3 {main}`. */
function isPhpFrame(bytes: Uint8Array, from: number, to: number): boolean {
  let i = from + 1;
  while (i < to && (BYTE_CLASS[bytes[i]!]! & DIGIT) !== 0) i++;
  if (i === from + 1 || bytes[i] !== 32) return false;
  return bytes[i + 1] === 47 || bytes[i + 1] === 123 || bytes[to - 1] === 41;
}

/** `3: std::panicking::begin_panic` under an indent. */
function isRustFrame(bytes: Uint8Array, from: number, to: number): boolean {
  let i = from;
  while (i < to && (BYTE_CLASS[bytes[i]!]! & DIGIT) !== 0) i++;
  return bytes[i] === 58 && bytes[i + 1] === 32 && indexOf(bytes, i + 2, to, PATH_SEPARATOR) > 0;
}

const PATH_SEPARATOR = text('::');

/** `/x/y.go:12`, with or without ` +0x1a` or `:34` behind it. */
function isFileAndLine(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from + 1; i + 1 < to; i++) {
    if (bytes[i] === 58 && (BYTE_CLASS[bytes[i + 1]!]! & DIGIT) !== 0)
      return (BYTE_CLASS[bytes[i - 1]!]! & (LETTER | DIGIT)) !== 0;
    if (bytes[i] === 32) return false;
  }
  return false;
}

/** `net/http.(*conn).serve(0xc000186000, {0x7f0, 0xc0})`: a dotted name and arguments that are addresses or elided. */
function isGoCall(bytes: Uint8Array, from: number, to: number): boolean {
  if (bytes[to - 1] !== 41) return false;
  let open = to - 2;
  while (open > from && isGoArgument(bytes[open]!)) open--;
  if (bytes[open] !== 40 || open - from < 3) return false;
  if (open + 2 < to && bytes[open + 1] !== 48 && bytes[open + 1] !== 46 && bytes[open + 1] !== 123)
    return false;
  if (open + 2 === to && bytes[from] !== 109) return false;
  let dots = 0;
  for (let i = from; i < open; i++) {
    if ((BYTE_CLASS[bytes[i]!]! & SPACE) !== 0) return false;
    if (bytes[i] === 46) dots++;
  }
  return dots > 0;
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

/** First bytes that an unindented frame can have: `at `, `File "`, `... `, `from `, `#0`, `goroutine`, `created`, `---`, `/`. */
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
    default:
      return first === 47;
  }
}

function indexOf(bytes: Uint8Array, from: number, to: number, part: Uint8Array): number {
  const first = part[0];
  for (let i = from; i + part.length <= to; i++)
    if (bytes[i] === first && startsWith(bytes, i, to, part)) return i;
  return -1;
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
