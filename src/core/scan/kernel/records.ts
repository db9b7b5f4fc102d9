// Skims LogRecords of the message in memory: finds the fields of those that are written as all exporters write them, with
// lengths of one or two bytes and a text as the body. Any other, and any defect, is left to the reader of `core/decode`.
import * as fields from '../../decode/otlp-fields';
import { FIXED32, FIXED64, LENGTH_DELIMITED, VARINT } from '../../decode/wire-types';
import * as layout from '../kernel-layout';
import { hashBytes } from './bytes';

const MESSAGE = layout.MESSAGE;

const LOG_RECORD: u32 = (fields.SCOPE_LOGS_LOG_RECORDS << 3) | LENGTH_DELIMITED;
const TIME: u32 = (fields.RECORD_TIME << 3) | FIXED64;
const OBSERVED_TIME: u32 = (fields.RECORD_OBSERVED_TIME << 3) | FIXED64;
const SEVERITY: u32 = (fields.RECORD_SEVERITY_NUMBER << 3) | VARINT;
const SEVERITY_TEXT: u32 = (fields.RECORD_SEVERITY_TEXT << 3) | LENGTH_DELIMITED;
const BODY: u32 = (fields.RECORD_BODY << 3) | LENGTH_DELIMITED;
const ATTRIBUTE: u32 = (fields.RECORD_ATTRIBUTES << 3) | LENGTH_DELIMITED;
const TRACE_ID: u32 = (fields.RECORD_TRACE_ID << 3) | LENGTH_DELIMITED;
const EVENT_NAME: u32 = (fields.RECORD_EVENT_NAME << 3) | LENGTH_DELIMITED;
const STRING_VALUE: u32 = (fields.VALUE_STRING << 3) | LENGTH_DELIMITED;

const NO_TRACE_ID: u32 = -1;
const SEVERITY_MAX: u32 = 24;
const NANOS_PER_MS: f64 = 1e6;
/** The key `event.name`, its length in front: what a record's event is called may be an attribute. */
const LEGACY_NAME_HEAD: u64 = 0x6e2e746e6576650a;
const LEGACY_NAME_TAIL: u32 = 0x656d61;

/** No payload is as long, so that it ends behind everything. */
const TOO_LONG: usize = 0x1fffffff;

/** Where skimming stopped. */
let stopped: usize = 0;

export function skimmedTo(): usize {
  return stopped;
}

/** Skims LogRecords from `start` on, at most `SKIMMED_MAX`, up to one that is not ordinary; returns how many. */
export function skimRecords(start: usize, end: usize): u32 {
  let row: usize = layout.SKIMMED;
  let at = start;
  let records: u32 = 0;
  while (at < end && records < <u32>layout.SKIMMED_MAX && <u32>load<u8>(at, MESSAGE) === LOG_RECORD) {
    const from = payloadAt(at + 1);
    const to = from + lengthAt(at + 1);
    if (to > end || !skimRecord(from, to, row)) break;
    at = to;
    row += layout.RECORD_BYTES;
    records++;
  }
  stopped = at;
  return records;
}

/** False: the record is not ordinary. */
function skimRecord(start: usize, end: usize, row: usize): bool {
  begin(row, start, end);
  for (let at = start; at < end; ) {
    const tag = <u32>load<u8>(at, MESSAGE);
    const wireType = tag & 7;
    if (wireType === LENGTH_DELIMITED) {
      const from = payloadAt(at + 1);
      const to = from + lengthAt(at + 1);
      if (to > end) return false;
      if (tag === ATTRIBUTE) {
        if (isLegacyName(from)) return false;
      } else if (tag === BODY) setRange(row + layout.BODY_FROM, from, to);
      else if (tag === SEVERITY_TEXT) setRange(row + layout.SEVERITY_TEXT_FROM, from, to);
      else if (tag === TRACE_ID) setTraceId(row, from, to);
      else if (tag === EVENT_NAME) setRange(row + layout.EVENT_FROM, from, to);
      else if (!isTag(tag)) return false;
      at = to;
    } else if (wireType === FIXED64) {
      if (tag === TIME) store<f64>(row, millisAt(at + 1), layout.TIME);
      else if (tag === OBSERVED_TIME) store<f64>(row, millisAt(at + 1), layout.OBSERVED_TIME);
      else if (!isTag(tag)) return false;
      at += 9;
    } else if (wireType === VARINT) {
      const value = <u32>load<u8>(at, MESSAGE + 1);
      if (value > 127 || !isTag(tag)) return false;
      if (tag === SEVERITY) store<u32>(row, value > SEVERITY_MAX ? 0 : value, layout.SEVERITY);
      at += 2;
    } else if (wireType === FIXED32 && isTag(tag)) at += 5;
    else return false;
    if (at > end) return false;
  }
  return takeText(row);
}

/** A record without any field. */
function begin(row: usize, start: usize, end: usize): void {
  setRange(row + layout.RECORD_FROM, start, end);
  setRange(row + layout.BODY_FROM, 0, 0);
  setRange(row + layout.SEVERITY_TEXT_FROM, 0, 0);
  setRange(row + layout.EVENT_FROM, start, start);
  store<u32>(row, 0, layout.SEVERITY);
  store<f64>(row, NaN, layout.TIME);
  store<f64>(row, NaN, layout.OBSERVED_TIME);
  store<u32>(row, NO_TRACE_ID, layout.TRACE_ID);
  store<u32>(row, 0, layout.TRACE_HASH);
}

/** Two places side by side. */
function setRange(at: usize, from: usize, to: usize): void {
  store<u32>(at, <u32>from);
  store<u32>(at, <u32>to, 4);
}

/** Sixteen bytes that are not all zero, or none. */
function setTraceId(row: usize, from: usize, to: usize): void {
  const isId = to - from === fields.TRACE_ID_BYTES && v128.any_true(v128.load(from, MESSAGE));
  store<u32>(row, isId ? <u32>from : NO_TRACE_ID, layout.TRACE_ID);
  const hash = isId ? hashBytes(from + MESSAGE, fields.TRACE_ID_BYTES, fields.TRACE_HASH_SEED) : 0;
  store<u32>(row, hash, layout.TRACE_HASH);
}

/** Puts the body's text in the place of the body; false: it is no text. */
function takeText(row: usize): bool {
  const body = <usize>load<u32>(row, layout.BODY_FROM);
  const end = <usize>load<u32>(row, layout.BODY_TO);
  if (body === end) return true;
  const text = payloadAt(body + 1);
  store<u32>(row, <u32>text, layout.BODY_FROM);
  return <u32>load<u8>(body, MESSAGE) === STRING_VALUE && text + lengthAt(body + 1) === end;
}

/** Where the payload begins whose length is at `at`. */
function payloadAt(at: usize): usize {
  return at + 1 + (<usize>load<u8>(at, MESSAGE) >> 7);
}

/** A length of one or two bytes, or `TOO_LONG`. */
function lengthAt(at: usize): usize {
  const first = <usize>load<u8>(at, MESSAGE);
  if (first < 128) return first;
  const second = <usize>load<u8>(at, MESSAGE + 1);
  return second < 128 ? (first & 127) | (second << 7) : TOO_LONG;
}

/** One byte, and its field has a number. */
function isTag(tag: u32): bool {
  return tag < 128 && tag > 7;
}

/** True when the attribute at `at` has the key `event.name`: what an event is called may stand there. */
function isLegacyName(at: usize): bool {
  return (
    load<u64>(at, MESSAGE + 1) === LEGACY_NAME_HEAD &&
    (load<u32>(at, MESSAGE + 9) & 0xffffff) === LEGACY_NAME_TAIL
  );
}

/** Nanoseconds as milliseconds; 0 means "not set" in OTLP and gives NaN. */
function millisAt(at: usize): f64 {
  const nanos = load<u64>(at, MESSAGE);
  return nanos === 0 ? NaN : <f64>nanos / NANOS_PER_MS;
}
