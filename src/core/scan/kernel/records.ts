// Skims LogRecords of the message in memory: finds the fields of those that are written as all exporters write them, with
// lengths of one or two bytes and a text as the body. Any other, and any defect, is left to the reader of `core/decode`.
import * as fields from '../../decode/otlp-fields';
import * as layout from '../kernel-layout';
import { hashOf } from './bytes';

const MESSAGE = layout.MESSAGE;

/** Wire types (protobuf.dev/programming-guides/encoding). */
const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const LENGTH_DELIMITED: u32 = 2;
const FIXED32: u32 = 5;

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

const NO_TRACE_ID: usize = -1;
const SEVERITY_MAX: u32 = 24;
const NANOS_PER_MS: f64 = 1e6;
/** The key `event.name` with its tag and length: what a record's event is called may be an attribute. */
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
  let time: u64 = 0;
  let observed: u64 = 0;
  let severity: u32 = 0;
  let severityTextFrom: usize = 0;
  let severityTextTo: usize = 0;
  let body: usize = 0;
  let bodyEnd: usize = 0;
  let traceId: usize = NO_TRACE_ID;
  let eventFrom = start;
  let eventTo = start;
  for (let at = start; at < end; ) {
    const tag = <u32>load<u8>(at, MESSAGE);
    const wireType = tag & 7;
    if (wireType === LENGTH_DELIMITED) {
      const from = payloadAt(at + 1);
      const to = from + lengthAt(at + 1);
      if (to > end) return false;
      if (tag === ATTRIBUTE) {
        if (isLegacyName(from)) return false;
      } else if (tag === BODY) {
        body = from;
        bodyEnd = to;
      } else if (tag === SEVERITY_TEXT) {
        severityTextFrom = from;
        severityTextTo = to;
      } else if (tag === TRACE_ID) {
        const isId = to - from === fields.TRACE_ID_BYTES && v128.any_true(v128.load(from, MESSAGE));
        traceId = isId ? from : NO_TRACE_ID;
      } else if (tag === EVENT_NAME) {
        eventFrom = from;
        eventTo = to;
      } else if (!isTag(tag)) return false;
      at = to;
    } else if (wireType === FIXED64) {
      if (tag === TIME) time = load<u64>(at, MESSAGE + 1);
      else if (tag === OBSERVED_TIME) observed = load<u64>(at, MESSAGE + 1);
      else if (!isTag(tag)) return false;
      at += 9;
    } else if (wireType === VARINT) {
      const value = <u32>load<u8>(at, MESSAGE + 1);
      if (value > 127 || !isTag(tag)) return false;
      if (tag === SEVERITY) severity = value > SEVERITY_MAX ? 0 : value;
      at += 2;
    } else if (wireType === FIXED32 && isTag(tag)) at += 5;
    else return false;
    if (at > end) return false;
  }
  let text = body;
  if (body !== bodyEnd) {
    if (<u32>load<u8>(body, MESSAGE) !== STRING_VALUE) return false;
    text = payloadAt(body + 1);
    if (text + lengthAt(body + 1) !== bodyEnd) return false;
  }
  store<u32>(row, <u32>start, layout.RECORD_FROM);
  store<u32>(row, <u32>end, layout.RECORD_TO);
  store<u32>(row, <u32>text, layout.BODY_FROM);
  store<u32>(row, <u32>bodyEnd, layout.BODY_TO);
  store<u32>(row, <u32>traceId, layout.TRACE_ID);
  store<u32>(
    row,
    traceId === NO_TRACE_ID ? 0 : hashOf(traceId + MESSAGE, fields.TRACE_ID_BYTES, fields.TRACE_HASH_SEED),
    layout.TRACE_HASH,
  );
  store<u32>(row, severity, layout.SEVERITY);
  store<u32>(row, <u32>severityTextFrom, layout.SEVERITY_TEXT_FROM);
  store<u32>(row, <u32>severityTextTo, layout.SEVERITY_TEXT_TO);
  store<f64>(row, millisOf(time), layout.TIME);
  store<f64>(row, millisOf(observed), layout.OBSERVED_TIME);
  store<u32>(row, <u32>eventFrom, layout.EVENT_FROM);
  store<u32>(row, <u32>eventTo, layout.EVENT_TO);
  return true;
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

/** 0 means "not set" in OTLP and gives NaN. */
function millisOf(nanos: u64): f64 {
  return nanos === 0 ? NaN : <f64>nanos / NANOS_PER_MS;
}
