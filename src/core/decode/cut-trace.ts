import { readKeyValue, readValue, type ValueSlot } from './any-value.ts';
import { asciiBytes } from './ascii.ts';
import { KEY_VALUE_KEY, KEY_VALUE_VALUE, RECORD_ATTRIBUTES, VALUE_STRING } from './otlp-fields.ts';
import { varintSize } from './protobuf-writer.ts';
import { WireReader } from './wire.ts';

const STACKTRACE = asciiBytes('exception.stacktrace');
/** Python prints the frame nearest to the fault last: of its traces the end is kept. */
const NEWEST_LAST = asciiBytes('Traceback (most recent call last)');
/** Bytes of a trace below which nothing of it is worth keeping. */
const BYTES_MIN = 64;

/** True when the attribute `[start, end)` is a stack trace. */
export function isStackTrace(bytes: Uint8Array, start: number, end: number): boolean {
  const at = start + 2;
  if (at + STACKTRACE.length > end || bytes[start] !== KEY_VALUE_KEY * 8 + 2) return false;
  return bytes[start + 1] === STACKTRACE.length && startsWith(bytes, at, STACKTRACE);
}

/**
 * Writes the attribute `[start, end)`, a stack trace, with as much of its text as ends before `limit`. Returns the end
 * of what was written; `at` when there is no room or it is no text. Cold: for records that are cut only.
 */
export function putCutTrace(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  at: number,
  limit: number,
): number {
  const reader = new WireReader();
  reader.open(bytes, start);
  const pair = { keyStart: 0, keyEnd: 0, valueStart: 0, valueEnd: 0 };
  const value: ValueSlot = { field: 0, start, end, low: 0, high: 0 };
  if (!readKeyValue(reader, start, end, pair)) return at;
  if (!readValue(reader, pair.valueStart, pair.valueEnd, value) || value.field !== VALUE_STRING) return at;
  let size = Math.min(value.end - value.start, limit - at);
  while (size > 0 && at + fieldSize(size) > limit) size--;
  if (size < BYTES_MIN) return at;
  let from = value.start;
  if (startsWith(bytes, from, NEWEST_LAST)) from = value.end - size;
  let to = from + size;
  // A byte 10xxxxxx continues a character.
  while (from < to && (bytes[from]! & 0xc0) === 0x80) from++;
  while (to > from && to < value.end && (bytes[to]! & 0xc0) === 0x80) to--;
  return put(bytes, from, to, out, at);
}

function put(bytes: Uint8Array, from: number, to: number, out: Uint8Array, start: number): number {
  const text = to - from;
  const value = 1 + varintSize(text) + text;
  let at = header(out, start, RECORD_ATTRIBUTES, keySize() + 1 + varintSize(value) + value);
  at = header(out, at, KEY_VALUE_KEY, STACKTRACE.length);
  out.set(STACKTRACE, at);
  at = header(out, at + STACKTRACE.length, KEY_VALUE_VALUE, value);
  at = header(out, at, VALUE_STRING, text);
  out.set(bytes.subarray(from, to), at);
  return at + text;
}

function fieldSize(textBytes: number): number {
  const value = 1 + varintSize(textBytes) + textBytes;
  const pair = keySize() + 1 + varintSize(value) + value;
  return 1 + varintSize(pair) + pair;
}

function keySize(): number {
  return 2 + STACKTRACE.length;
}

function header(out: Uint8Array, start: number, field: number, size: number): number {
  out[start] = field * 8 + 2;
  let at = start + 1;
  let rest = size;
  for (; rest > 127; rest >>>= 7) out[at++] = (rest & 127) | 128;
  out[at] = rest;
  return at + 1;
}

function startsWith(bytes: Uint8Array, from: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return false;
  return true;
}
