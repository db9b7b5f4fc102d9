import type { KeptContent, KeptRecord, LogRecord } from '../../contracts.ts';
import { isStackTrace, putCutTrace } from './cut-trace.ts';
import { KeptReader } from './kept-reader.ts';
import { Nanos } from './nanos.ts';
import {
  RECORD_ATTRIBUTES,
  RECORD_BODY,
  RECORD_SEVERITY_NUMBER,
  RECORD_TIME,
  VALUE_STRING,
} from './otlp-fields.ts';
import { varintSize } from './protobuf-writer.ts';
import { WireReader } from './wire.ts';

/** Longest field other than body and attributes that a cut record keeps (severity text, event name). */
const MAX_SMALL_FIELD_BYTES = 128;

/** Share of what is left that the body of a cut record may take while there are attributes. */
const BODY_SHARE = 0.75;

/** Decodes one kept record for evidence; who reads many keeps a `KeptReader`. */
export function readKept(kept: KeptRecord): KeptContent {
  return new KeptReader().read(kept);
}

/**
 * Writes a record that is to be kept as LogRecord protobuf: at most `capBytes` at `out[at…]`, which must have that much
 * room. Returns the bytes written, as a negative number when the body did not fit and was cut; attributes that do not fit
 * are left out. Called for every sampled record: the usual case is one copy.
 */
export function encodeKept(record: LogRecord, out: Uint8Array, at: number, capBytes: number): number {
  const size = record.wireEnd - record.wireStart;
  if (size > 0 && size <= capBytes) {
    copy(record.wire, record.wireStart, record.wireEnd, out, at);
    return size;
  }
  return size > 0 ? encodeCut(record, out, at, at + capBytes) : encodeBody(record, out, at, at + capBytes);
}

/** A record without a wire form: time, severity and body. */
function encodeBody(record: LogRecord, out: Uint8Array, start: number, limit: number): number {
  let at = start;
  if (record.timeFrom === 'record' && at + 9 <= limit) {
    const nanos = new Nanos();
    nanos.setMs(record.timeMs);
    out[at] = RECORD_TIME * 8 + 1;
    putUint32(out, at + 1, nanos.low);
    putUint32(out, at + 5, nanos.high);
    at += 9;
  }
  if (record.severityNumber > 0 && at + 2 <= limit) {
    out[at++] = RECORD_SEVERITY_NUMBER * 8;
    out[at++] = record.severityNumber;
  }
  const wanted = record.bodyEnd - record.bodyStart;
  const end = putBody(record, wanted, out, at, limit);
  const fits = wanted === 0 || end - at === bodyFieldSize(wanted);
  return fits ? end - start : start - end;
}

/**
 * A record larger than its cap: small fields whole, the body cut to its share, attributes while they fit, of a stack
 * trace what there is room for.
 */
function encodeCut(record: LogRecord, out: Uint8Array, start: number, limit: number): number {
  let at = copyFields(record, out, start, limit, false);
  const withAttributes = hasAttributes(record);
  const room = withAttributes ? Math.floor((limit - at) * BODY_SHARE) : limit - at;
  const wanted = record.bodyEnd - record.bodyStart;
  const end = putBody(record, wanted, out, at, at + room);
  const isWhole = withAttributes && (wanted === 0 || end - at === bodyFieldSize(wanted));
  at = end;
  if (withAttributes) at = copyFields(record, out, at, limit, true);
  return isWhole ? at - start : start - at;
}

/** Copies whole fields that fit: the attributes, a stack trace last; or all small fields that are neither they nor body. */
function copyFields(
  record: LogRecord,
  out: Uint8Array,
  start: number,
  limit: number,
  attributes: boolean,
): number {
  const { wire, wireEnd } = record;
  const reader = new WireReader();
  let at = start;
  let traceStart = 0;
  let traceEnd = 0;
  reader.open(wire, record.wireStart);
  while (reader.at < wireEnd) {
    const from = reader.at;
    const tag = reader.tag(wireEnd);
    const payload = reader.at;
    if (tag === 0 || !reader.skip(tag, wireEnd)) break;
    const size = reader.at - from;
    const field = tag >>> 3;
    if (field === RECORD_BODY || (field === RECORD_ATTRIBUTES) !== attributes) continue;
    const content = attributes ? afterLength(wire, payload) : 0;
    if (attributes && isStackTrace(wire, content, reader.at)) {
      traceStart = content;
      traceEnd = reader.at;
      continue;
    }
    if (at + size > limit || (!attributes && size > MAX_SMALL_FIELD_BYTES)) continue;
    copy(wire, from, reader.at, out, at);
    at += size;
  }
  return traceEnd > 0 ? putCutTrace(wire, traceStart, traceEnd, out, at, limit) : at;
}

/** Behind the length that begins at `at`. */
function afterLength(bytes: Uint8Array, at: number): number {
  let i = at;
  while (bytes[i]! > 127) i++;
  return i + 1;
}

function hasAttributes(record: LogRecord): boolean {
  const reader = new WireReader();
  reader.open(record.wire, record.wireStart);
  while (reader.at < record.wireEnd) {
    const tag = reader.tag(record.wireEnd);
    if (tag >>> 3 === RECORD_ATTRIBUTES) return true;
    if (tag === 0 || !reader.skip(tag, record.wireEnd)) return false;
  }
  return false;
}

/** Writes the body field with as much of the text as ends before `limit`, cut between characters. Returns its end. */
function putBody(record: LogRecord, wanted: number, out: Uint8Array, start: number, limit: number): number {
  if (wanted === 0) return start;
  let size = wanted;
  while (size > 0 && start + bodyFieldSize(size) > limit) {
    const over = start + bodyFieldSize(size) - limit;
    size = Math.max(0, size - over);
  }
  if (size < wanted) {
    // A byte 10xxxxxx continues a character: the cut goes in front of that character.
    while (size > 0 && (record.body[record.bodyStart + size]! & 0xc0) === 0x80) size--;
    if (size === 0) return start;
  }
  out[start] = RECORD_BODY * 8 + 2;
  let at = putVarint(out, start + 1, 1 + varintSize(size) + size);
  out[at] = VALUE_STRING * 8 + 2;
  at = putVarint(out, at + 1, size);
  copy(record.body, record.bodyStart, record.bodyStart + size, out, at);
  return at + size;
}

function bodyFieldSize(textBytes: number): number {
  const value = 1 + varintSize(textBytes) + textBytes;
  return 1 + varintSize(value) + value;
}

function copy(source: Uint8Array, start: number, end: number, out: Uint8Array, at: number): void {
  // Below this a loop is faster than making the view that `set` needs.
  if (end - start < 64) for (let i = start; i < end; i++) out[at + i - start] = source[i]!;
  else out.set(source.subarray(start, end), at);
}

function putVarint(out: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  for (; rest > 127; rest >>>= 7) out[at++] = (rest & 127) | 128;
  out[at] = rest;
  return at + 1;
}

function putUint32(out: Uint8Array, at: number, value: number): void {
  out[at] = value & 255;
  out[at + 1] = (value >>> 8) & 255;
  out[at + 2] = (value >>> 16) & 255;
  out[at + 3] = (value >>> 24) & 255;
}
