import type { LogRecord } from '../../contracts.ts';
import { hashBytes } from '../hash.ts';
import * as severities from '../severity.ts';
import { readValue, type ValueRenderer, type ValueSlot } from './any-value.ts';
import * as legacy from './event-line.ts';
import { takeLegacyEventName } from './event-line.ts';
import { setTime } from './log-record.ts';
import * as fields from './otlp-fields.ts';
import { inferSeverity, severityOfName } from './severity-text.ts';
import { tagOf, uint32At, type WireReader } from './wire.ts';
import * as wireTypes from './wire-types.ts';

const TWO_TO_32 = 4294967296;
const NANOS_PER_MS = 1e6;

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { SEVERITY_MAX } = severities;
const { LEGACY_NAME_BEGIN, LEGACY_NAME_LENGTH } = legacy;
const { TRACE_HASH_SEED, TRACE_ID_BYTES, VALUE_STRING } = fields;
const { FIXED64, LENGTH_DELIMITED, VARINT } = wireTypes;
const ATTRIBUTE = tagOf(fields.RECORD_ATTRIBUTES, LENGTH_DELIMITED);
const BODY = tagOf(fields.RECORD_BODY, LENGTH_DELIMITED);
const SEVERITY_TEXT = tagOf(fields.RECORD_SEVERITY_TEXT, LENGTH_DELIMITED);
const TRACE_ID = tagOf(fields.RECORD_TRACE_ID, LENGTH_DELIMITED);
const EVENT_NAME = tagOf(fields.RECORD_EVENT_NAME, LENGTH_DELIMITED);
const TIME = tagOf(fields.RECORD_TIME, FIXED64);
const OBSERVED_TIME = tagOf(fields.RECORD_OBSERVED_TIME, FIXED64);
const SEVERITY_NUMBER = tagOf(fields.RECORD_SEVERITY_NUMBER, VARINT);
const STRING_VALUE = tagOf(VALUE_STRING, LENGTH_DELIMITED);

/** Reads LogRecords of whatever the wire reader has open. Nothing is allocated per record. */
export class LogRecordReader {
  /** Time of records that have none of their own; NaN = not known. */
  referenceMs = Number.NaN;
  private readonly reader: WireReader;
  private readonly renderer: ValueRenderer;
  private readonly slot: ValueSlot = { field: 0, start: 0, end: 0, low: 0, high: 0 };

  constructor(reader: WireReader, renderer: ValueRenderer) {
    this.reader = reader;
    this.renderer = renderer;
  }

  /**
   * Fills the record from the LogRecord in `[start, end)`, but for its resource and index; false: a defect.
   *
   * The usual one-byte tags and one- or two-byte lengths are read here with the cursor in a local; calls of the reader cost
   * half the rate (`npm run bench -- --only encodings`).
   */
  read(record: LogRecord, start: number, end: number): boolean {
    const reader = this.reader;
    const bytes = reader.bytes;
    let timeMs = Number.NaN;
    let observedMs = Number.NaN;
    let severity = 0;
    let nameStart = 0;
    let nameEnd = 0;
    let bodyStart = 0;
    let bodyEnd = 0;
    let traceIdStart = -1;
    record.eventStart = record.eventEnd = start;
    let at = start;
    while (at < end) {
      let tag = bytes[at]!;
      let from = at + 1;
      if (tag > 127 || tag < 8) {
        reader.at = at;
        tag = reader.tag(end);
        if (tag === 0) return false;
        from = reader.at;
      }
      if ((tag & 7) === LENGTH_DELIMITED) {
        let size = from < end ? bytes[from]! : 128;
        if (size > 127) {
          const second = from + 1 < end ? bytes[from + 1]! : 128;
          if (second < 128) {
            size = (size & 127) | (second << 7);
            from += 2;
          } else {
            reader.at = from;
            const stop = reader.payloadEnd(end);
            if (stop < 0) return false;
            from = reader.at;
            size = stop - from;
          }
        } else from++;
        const stop = from + size;
        if (stop > end) return reader.fail('truncated', at);
        if (tag === ATTRIBUTE) {
          // Most fields are attributes, and most attributes are ruled out by the length of their key.
          if (bytes[from + 1] === LEGACY_NAME_LENGTH && bytes[from + 2] === LEGACY_NAME_BEGIN)
            takeLegacyEventName(record, bytes, from, stop);
        } else if (tag === BODY) {
          bodyStart = from;
          bodyEnd = stop;
        } else if (tag === SEVERITY_TEXT) {
          nameStart = from;
          nameEnd = stop;
        } else if (tag === TRACE_ID) {
          traceIdStart = isTraceId(bytes, from, stop) ? from : -1;
        } else if (tag === EVENT_NAME) {
          record.eventStart = from;
          record.eventEnd = stop;
        }
        at = stop;
      } else if (tag === TIME || tag === OBSERVED_TIME) {
        if (from + 8 > end) return reader.fail('truncated', at);
        const millis = millisOf(uint32At(bytes, from), uint32At(bytes, from + 4));
        if (tag === TIME) timeMs = millis;
        else observedMs = millis;
        at = from + 8;
      } else if (tag === SEVERITY_NUMBER && from < end && bytes[from]! <= SEVERITY_MAX) {
        severity = bytes[from]!;
        at = from + 1;
      } else {
        reader.at = from;
        if (!reader.skip(tag, end)) return false;
        if (tag === SEVERITY_NUMBER) {
          severity = reader.high === 0 && reader.low <= SEVERITY_MAX ? reader.low : 0;
        }
        at = reader.at;
      }
    }
    record.wireStart = start;
    record.wireEnd = end;
    record.traceIdStart = traceIdStart;
    record.traceHash = traceIdStart < 0 ? 0 : traceHash(bytes, traceIdStart);
    record.known = 0;
    record.severityNumber = severity;
    // Doubles as arguments would be allocated; as fields they are not.
    record.observedMs = observedMs;
    record.timeMs = timeMs;
    if (!this.body(record, bodyStart, bodyEnd)) return false;
    this.complete(record, nameStart, nameEnd);
    return true;
  }

  /**
   * Finds what the record does not state itself: its time; and its severity, which the text `[nameStart, nameEnd)` names, or
   * else the body's head.
   */
  complete(record: LogRecord, nameStart: number, nameEnd: number): void {
    record.timeFrom = 'record';
    if (Number.isNaN(record.timeMs)) setTime(record, record.timeMs, record.observedMs, this.referenceMs);
    record.severityInferred = false;
    if (record.severityNumber !== 0) return;
    if (nameEnd > nameStart) record.severityNumber = severityOfName(record.wire, nameStart, nameEnd);
    if (record.severityNumber !== 0) return;
    record.severityNumber = inferSeverity(record.body, record.bodyStart, record.bodyEnd);
    record.severityInferred = record.severityNumber !== 0;
  }

  /** A string body is used in place; any other is rendered as text. */
  private body(record: LogRecord, start: number, end: number): boolean {
    const reader = this.reader;
    if (start === end) {
      setBody(record, reader.bytes, start, start);
      return true;
    }
    if (reader.bytes[start] === STRING_VALUE) {
      reader.at = start + 1;
      const stop = reader.payloadEnd(end);
      if (stop < 0) return false;
      if (stop === end) {
        setBody(record, reader.bytes, reader.at, stop);
        return true;
      }
    }
    if (!readValue(reader, start, end, this.slot)) return false;
    if (this.slot.field === VALUE_STRING || this.slot.field === 0) {
      setBody(record, reader.bytes, this.slot.start, this.slot.end);
      return true;
    }
    if (!this.renderer.render(reader.bytes, start, end)) {
      return reader.fail(this.renderer.tooDeep ? 'too_large' : 'truncated', start);
    }
    setBody(record, this.renderer.bytes, 0, this.renderer.length);
    return true;
  }
}

function setBody(record: LogRecord, body: Uint8Array, start: number, end: number): void {
  record.body = body;
  record.bodyStart = start;
  record.bodyEnd = end;
}

/** Nanoseconds as milliseconds with a fraction; 0 means "not set" in OTLP and gives NaN. */
function millisOf(low: number, high: number): number {
  return low === 0 && high === 0 ? Number.NaN : (high * TWO_TO_32 + low) / NANOS_PER_MS;
}

function traceHash(bytes: Uint8Array, start: number): number {
  return hashBytes(bytes, start, start + TRACE_ID_BYTES, TRACE_HASH_SEED) | 0;
}

/** Sixteen bytes that are not all zero (W3C Trace Context, section 3.2.2.3). */
function isTraceId(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start !== TRACE_ID_BYTES) return false;
  return (
    (uint32At(bytes, start) |
      uint32At(bytes, start + 4) |
      uint32At(bytes, start + 8) |
      uint32At(bytes, start + 12)) !==
    0
  );
}
