import {
  SEVERITY_ALERT,
  SEVERITY_CRITICAL,
  SEVERITY_DEBUG,
  SEVERITY_ERROR,
  SEVERITY_FATAL,
  SEVERITY_INFO,
  SEVERITY_NOTICE,
  SEVERITY_TRACE,
  SEVERITY_WARN,
} from '../severity.ts';
import { asciiBytes, isDigit, isLetter } from './ascii.ts';

/** Bytes of a line in which a level is looked for: time stamp, host, process and thread names stand in front of it. */
const HEAD_BYTES = 160;

/** Longest level word (INFORMATIONAL). */
const MAX_WORD_BYTES = 13;

/**
 * Level words. Python and .NET have CRITICAL as their highest level, so it is FATAL here; `crit` is nginx's and
 * syslog's, and is ERROR2 as in the OTel log data model, appendix B.
 */
const LEVEL_WORDS: readonly (readonly [string, number])[] = [
  ['trace', SEVERITY_TRACE],
  ['verbose', SEVERITY_TRACE],
  ['debug', SEVERITY_DEBUG],
  ['dbg', SEVERITY_DEBUG],
  ['info', SEVERITY_INFO],
  ['inf', SEVERITY_INFO],
  ['information', SEVERITY_INFO],
  ['informational', SEVERITY_INFO],
  ['notice', SEVERITY_NOTICE],
  ['warn', SEVERITY_WARN],
  ['wrn', SEVERITY_WARN],
  ['warning', SEVERITY_WARN],
  ['error', SEVERITY_ERROR],
  ['err', SEVERITY_ERROR],
  ['severe', SEVERITY_ERROR],
  ['crit', SEVERITY_CRITICAL],
  ['alert', SEVERITY_ALERT],
  ['critical', SEVERITY_FATAL],
  ['fatal', SEVERITY_FATAL],
  ['panic', SEVERITY_FATAL],
  ['emerg', SEVERITY_FATAL],
  ['emergency', SEVERITY_FATAL],
];

/** Endings of keys that hold a level: `level`, `log.level`, `loglevel`, `lvl`, `severity`, `severity_text` … */
const KEY_ENDINGS: readonly Uint8Array[] = [
  'level',
  'lvl',
  'severity',
  'severitytext',
  'severity_text',
  'levelname',
].map(asciiBytes);

/** Syslog severities 0–7 (RFC 5424, table 2) as OTLP numbers (OTel log data model, appendix B). */
const SYSLOG_SEVERITY: readonly number[] = [
  SEVERITY_FATAL,
  SEVERITY_ALERT,
  SEVERITY_CRITICAL,
  SEVERITY_ERROR,
  SEVERITY_WARN,
  SEVERITY_NOTICE,
  SEVERITY_INFO,
  SEVERITY_DEBUG,
];

const UPPER = 1;
const LOWER = 2;
/** UPPER or LOWER for letters, 0 for all other bytes. */
const LETTERS: Uint8Array = Uint8Array.from({ length: 256 }, (_, c) =>
  isLetter(c) ? (c <= 0x5a ? UPPER : LOWER) : 0,
);

const TABLE_SLOTS = 64;
const WORDS = wordTable();
const LENGTHS = lengthsByFirstLetter();

/** The level that `bytes[start, end)` names as a whole (`Error`, `WARN`, `info2`, ` error `), or 0. */
export function severityOfName(bytes: Uint8Array, start: number, end: number): number {
  let from = start;
  let to = end;
  while (from < to && bytes[from]! <= 0x20) from++;
  while (to > from && bytes[to - 1]! <= 0x20) to--;
  const last = to > from ? bytes[to - 1]! : 0;
  // INFO2, ERROR3: steps within a range.
  const step = last >= 0x32 && last <= 0x34 ? last - 0x31 : 0;
  const word = lookUp(bytes, from, step === 0 ? to : to - 1);
  if (word === 0 || step === 0) return word;
  return ((word - 1) & ~3) + 1 + step;
}

/**
 * The level that the head of a line states, or 0. Counted are: a syslog priority `<3>` and a klog head `E0102 ` at the
 * start; a level word after a level key (`level=error`, `"severity":"WARNING"`); in brackets (`[error]`, `[core:error]`,
 * `<warn>`, `|info|`); at the start before a colon (`error: …`); and, as a whole token, in capitals. A lower-case
 * word in prose never counts. The first that counts wins.
 */
export function inferSeverity(bytes: Uint8Array, start: number, end: number): number {
  const first = start < end ? bytes[start]! : 0;
  if (first === 0x3c) {
    const priority = syslogPriority(bytes, start, end);
    if (priority >= 0) return SYSLOG_SEVERITY[priority & 7]!;
  } else if (isKlogHead(bytes, start, end)) return klogSeverity(first);
  const limit = Math.min(end, start + HEAD_BYTES);
  // A word that begins within the head is read to its end, but no further than a level word can be long.
  const wordLimit = Math.min(end, limit + MAX_WORD_BYTES + 1);
  let at = start;
  while (at < limit) {
    let letter = LETTERS[bytes[at]!]!;
    if (letter === 0) {
      at++;
      continue;
    }
    const wordStart = at;
    let seen = 0;
    do {
      seen |= letter;
      at++;
      letter = at < wordLimit ? LETTERS[bytes[at]!]! : 0;
    } while (letter !== 0);
    const size = at - wordStart;
    if (size < 3 || size > MAX_WORD_BYTES) continue;
    if ((LENGTHS[bytes[wordStart]! & 31]! & (1 << size)) === 0) continue;
    const severity = lookUp(bytes, wordStart, at);
    const isUpper = seen === UPPER;
    if (severity !== 0 && counts(bytes, start, end, wordStart, at, isUpper)) return severity;
  }
  return 0;
}

/** Whether the level word in `[wordStart, wordEnd)` stands where levels stand. */
function counts(
  bytes: Uint8Array,
  start: number,
  end: number,
  wordStart: number,
  wordEnd: number,
  upper: boolean,
): boolean {
  const before = wordStart > start ? bytes[wordStart - 1]! : 0;
  const after = wordEnd < end ? bytes[wordEnd]! : 0;
  if (isWordByte(after) && after !== 0x2d) return false;
  if (before === 0x3d || before === 0x22 || before === 0x27 || before === 0x3a) {
    if (isLevelKeyBefore(bytes, start, wordStart)) return true;
    // Apache's `[core:error]`; nothing else counts behind these.
    return before === 0x3a && after === 0x5d;
  }
  if (before === 0x20 && isLevelKeyBefore(bytes, start, wordStart)) return true;
  if (before === 0x5b && after === 0x5d) return true;
  if (before === 0x3c && after === 0x3e) return true;
  if (before === 0x7c && after === 0x7c) return true;
  if (wordStart === start && after === 0x3a) return true;
  if (!upper) return false;
  return opensToken(before) && closesToken(bytes, wordEnd, end);
}

/** Start, blank, and the brackets and bars that log formats put around a level. */
function opensToken(byte: number): boolean {
  return (
    byte <= 0x20 ||
    byte === 0x5b ||
    byte === 0x28 ||
    byte === 0x3c ||
    byte === 0x7c ||
    byte === 0x2a ||
    byte === 0x5d
  );
}

function closesToken(bytes: Uint8Array, at: number, end: number): boolean {
  if (at >= end) return true;
  const byte = bytes[at]!;
  switch (byte) {
    case 0x5b: // [
    case 0x5d: // ]
    case 0x29: // )
    case 0x3e: // >
    case 0x7c: // |
    case 0x3a: // :
    case 0x2c: // ,
    case 0x3b: // ;
    case 0x2f: // /
    case 0x2a: // *
      return true;
    default:
      return byte <= 0x20;
  }
}

/** Looks back over quotes, blanks and one `=` or `:` at a key that ends like one of KEY_ENDINGS. */
function isLevelKeyBefore(bytes: Uint8Array, start: number, wordStart: number): boolean {
  let at = wordStart - 1;
  while (at > start && isQuoteOrBlank(bytes[at]!)) at--;
  if (at <= start || (bytes[at] !== 0x3d && bytes[at] !== 0x3a)) return false;
  at--;
  while (at > start && isQuoteOrBlank(bytes[at]!)) at--;
  for (let i = 0; i < KEY_ENDINGS.length; i++)
    if (endsWith(bytes, start, at + 1, KEY_ENDINGS[i]!)) return true;
  return false;
}

function endsWith(bytes: Uint8Array, start: number, end: number, word: Uint8Array): boolean {
  if (end - start < word.length) return false;
  const from = end - word.length;
  for (let i = 0; i < word.length; i++) if (lower(bytes[from + i]!) !== word[i]) return false;
  return true;
}

/** `<0>` to `<191>` (RFC 5424, section 6.2.1), or -1. */
function syslogPriority(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  let at = start + 1;
  while (at < end && at < start + 4 && isDigit(bytes[at]!)) value = value * 10 + bytes[at++]! - 0x30;
  return at > start + 1 && at < end && bytes[at] === 0x3e && value < 192 ? value : -1;
}

/** klog's `Lmmdd hh:mm:ss` (k8s.io/klog, header format). */
function isKlogHead(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start < 8 || klogSeverity(bytes[start]!) === 0) return false;
  for (let i = 1; i <= 4; i++) if (!isDigit(bytes[start + i]!)) return false;
  return bytes[start + 5] === 0x20 && isDigit(bytes[start + 6]!) && isDigit(bytes[start + 7]!);
}

function klogSeverity(byte: number): number {
  switch (byte) {
    case 0x49: // I
      return SEVERITY_INFO;
    case 0x57: // W
      return SEVERITY_WARN;
    case 0x45: // E
      return SEVERITY_ERROR;
    case 0x46: // F
      return SEVERITY_FATAL;
    default:
      return 0;
  }
}

interface WordSlot {
  readonly word: Uint8Array;
  readonly severity: number;
}

/** Open addressing over lower-cased words: a string per word would be the only allocation of a record. */
function wordTable(): readonly (WordSlot | null)[] {
  const table: (WordSlot | null)[] = new Array(TABLE_SLOTS).fill(null);
  for (const [text, severity] of LEVEL_WORDS) {
    const word = asciiBytes(text);
    let slot = hashWord(word, 0, word.length);
    while (table[slot] !== null) slot = (slot + 1) % TABLE_SLOTS;
    table[slot] = { word, severity };
  }
  return table;
}

/** Per first letter, a bit for each length that a level word has: turns away nearly every word before it is hashed. */
function lengthsByFirstLetter(): Uint16Array {
  const lengths = new Uint16Array(32);
  for (const [text] of LEVEL_WORDS) lengths[text.charCodeAt(0) & 31]! |= 1 << text.length;
  return lengths;
}

function lookUp(bytes: Uint8Array, start: number, end: number): number {
  const size = end - start;
  if (size < 3 || size > MAX_WORD_BYTES || (LENGTHS[bytes[start]! & 31]! & (1 << size)) === 0) return 0;
  let slot = hashWord(bytes, start, end);
  for (;;) {
    const held = WORDS[slot];
    if (held === null || held === undefined) return 0;
    if (held.word.length === end - start && endsWith(bytes, start, end, held.word)) return held.severity;
    slot = (slot + 1) % TABLE_SLOTS;
  }
}

function hashWord(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  for (let i = start; i < end; i++) hash = (Math.imul(hash, 31) + lower(bytes[i]!)) | 0;
  return (hash ^ (hash >>> 8)) & (TABLE_SLOTS - 1);
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

function isWordByte(byte: number): boolean {
  return isLetter(byte) || isDigit(byte) || byte === 0x5f || byte === 0x2d || byte >= 0x80;
}

function isQuoteOrBlank(byte: number): boolean {
  return byte === 0x22 || byte === 0x27 || byte === 0x20 || byte === 0x5c;
}
