import type { LogRecord, Malformed, RecordSink, Resource } from '../../contracts.ts';
import { readValue, type ValueRenderer, type ValueSlot } from './any-value.ts';
import * as legacy from './event-line.ts';
import { takeLegacyEventName } from './event-line.ts';
import { createLogRecord, setTime } from './log-record.ts';
import * as fields from './otlp-fields.ts';
import { createTextResource } from './resource.ts';
import type { ResourceCache } from './resource-cache.ts';
import { inferSeverity, severityOfName } from './severity-text.ts';
import { uint32At, WireReader } from './wire.ts';

const TWO_TO_32 = 4294967296;
const NANOS_PER_MS = 1e6;
const MAX_SEVERITY = 24;

/** Wire types (protobuf.dev/programming-guides/encoding). */
const VARINT = 0;
const FIXED64 = 1;
const LENGTH_DELIMITED = 2;

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { LEGACY_NAME_BEGIN, LEGACY_NAME_LENGTH } = legacy;
const { TRACE_ID_BYTES, VALUE_STRING } = fields;
const RESOURCE_LOGS = tagOf(fields.REQUEST_RESOURCE_LOGS, LENGTH_DELIMITED);
const RESOURCE = tagOf(fields.RESOURCE_LOGS_RESOURCE, LENGTH_DELIMITED);
const SCOPE_LOGS = tagOf(fields.RESOURCE_LOGS_SCOPE_LOGS, LENGTH_DELIMITED);
const LOG_RECORD = tagOf(fields.SCOPE_LOGS_LOG_RECORDS, LENGTH_DELIMITED);
const ATTRIBUTE = tagOf(fields.RECORD_ATTRIBUTES, LENGTH_DELIMITED);
const BODY = tagOf(fields.RECORD_BODY, LENGTH_DELIMITED);
const SEVERITY_TEXT = tagOf(fields.RECORD_SEVERITY_TEXT, LENGTH_DELIMITED);
const TRACE_ID = tagOf(fields.RECORD_TRACE_ID, LENGTH_DELIMITED);
const EVENT_NAME = tagOf(fields.RECORD_EVENT_NAME, LENGTH_DELIMITED);
const TIME = tagOf(fields.RECORD_TIME, FIXED64);
const OBSERVED_TIME = tagOf(fields.RECORD_OBSERVED_TIME, FIXED64);
const SEVERITY_NUMBER = tagOf(fields.RECORD_SEVERITY_NUMBER, VARINT);
const STRING_VALUE = tagOf(VALUE_STRING, LENGTH_DELIMITED);

const NO_SINK: RecordSink = { onRecord: () => undefined };

/**
 * Reads an ExportLogsServiceRequest in one pass. Nothing is allocated per record: the record and its ranges point
 * into the request. A container that the message's end cuts off is still read as far as it goes, so the records
 * in front of the cut stand; its resource must be whole for that.
 */
export class OtlpProtobufReader {
  private readonly reader = new WireReader();
  private readonly slot: ValueSlot = { field: 0, start: 0, end: 0, low: 0, high: 0 };
  private readonly resources: ResourceCache;
  private readonly renderer: ValueRenderer;
  private readonly record: LogRecord;
  private index = 0;
  private referenceMs = Number.NaN;
  private defaultResource: Resource;
  private sink: RecordSink = NO_SINK;

  constructor(resources: ResourceCache, renderer: ValueRenderer) {
    this.resources = resources;
    this.renderer = renderer;
    this.defaultResource = createTextResource('', '');
    this.record = createLogRecord(this.defaultResource);
  }

  /** What follows belongs to a new message. `defaultResource` is for ResourceLogs whose resource is absent or empty. */
  startMessage(referenceMs: number, defaultResource: Resource, sink: RecordSink): void {
    this.index = 0;
    this.referenceMs = referenceMs;
    this.defaultResource = defaultResource;
    this.sink = sink;
  }

  /** Reads a request, part of the message or all of it. */
  read(bytes: Uint8Array, start: number, end: number): Malformed | null {
    const reader = this.reader;
    reader.open(bytes, start);
    this.record.wire = bytes;
    while (reader.at < end && reader.defect === null) {
      const tag = reader.tag(end);
      if (tag === 0) break;
      if (tag !== RESOURCE_LOGS) {
        if (!reader.skip(tag, end)) break;
        continue;
      }
      const stop = reader.payloadEndClamped(end);
      if (stop < 0 || !this.resourceLogs(stop)) break;
    }
    return this.malformed();
  }

  /** Reads a LogRecord that stands alone, such as a line's; `index` is its place in the message. */
  readRecord(
    bytes: Uint8Array,
    start: number,
    end: number,
    resource: Resource,
    index: number,
  ): Malformed | null {
    this.reader.open(bytes, start);
    this.index = index;
    this.record.wire = bytes;
    this.record.resource = resource;
    if (this.logRecord(this.record, start, end)) this.sink.onRecord(this.record);
    return this.malformed();
  }

  private malformed(): Malformed | null {
    const { defect, defectAt } = this.reader;
    return defect === null ? null : { reason: defect, at: defectAt };
  }

  /** The resource may stand behind its records, so it is looked for first; that steps over whole ScopeLogs only. */
  private resourceLogs(end: number): boolean {
    const reader = this.reader;
    const defaultResource = this.defaultResource;
    const start = reader.at;
    const cutOff = reader.defect !== null;
    let resource = defaultResource;
    let found = false;
    while (reader.at < end) {
      const tag = reader.tag(end);
      if (tag === 0) break;
      if (tag !== RESOURCE) {
        if (!reader.skip(tag, end)) break;
        continue;
      }
      const fieldStart = reader.at;
      const stop = reader.payloadEnd(end);
      if (stop < 0) break;
      const read = this.resources.get(reader.bytes, reader.at, stop);
      if (read === null) return reader.fail('truncated', fieldStart);
      resource = read === this.resources.none ? defaultResource : read;
      found = true;
      reader.at = stop;
    }
    // Cut off, and the resource perhaps in the missing part: no records rather than records of the wrong service.
    if ((cutOff || reader.defect !== null) && !found) return false;
    this.record.resource = resource;
    reader.at = start;
    return this.scopeLogsOf(end);
  }

  private scopeLogsOf(end: number): boolean {
    const reader = this.reader;
    while (reader.at < end) {
      const tag = reader.tag(end);
      if (tag === 0) return false;
      if (tag !== SCOPE_LOGS) {
        if (!reader.skip(tag, end)) return false;
        continue;
      }
      const stop = reader.payloadEndClamped(end);
      if (stop < 0 || !this.scopeLogs(stop)) return false;
    }
    return true;
  }

  private scopeLogs(end: number): boolean {
    const reader = this.reader;
    const record = this.record;
    while (reader.at < end) {
      const tag = reader.tag(end);
      if (tag === 0) return false;
      if (tag !== LOG_RECORD) {
        if (!reader.skip(tag, end)) return false;
        continue;
      }
      const stop = reader.payloadEnd(end);
      if (stop < 0 || !this.logRecord(record, reader.at, stop)) return false;
      this.sink.onRecord(record);
      reader.at = stop;
    }
    return true;
  }

  /**
   * Fills the record from the LogRecord in `[start, end)`. The usual one-byte tags and one- or two-byte lengths are read
   * here with the cursor in a local; calls of the reader cost half the rate (`npm run bench -- --only encodings`).
   */
  private logRecord(record: LogRecord, start: number, end: number): boolean {
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
      } else if (tag === SEVERITY_NUMBER && from < end && bytes[from]! <= MAX_SEVERITY) {
        severity = bytes[from]!;
        at = from + 1;
      } else {
        reader.at = from;
        if (!reader.skip(tag, end)) return false;
        if (tag === SEVERITY_NUMBER) {
          severity = reader.high === 0 && reader.low <= MAX_SEVERITY ? reader.low : 0;
        }
        at = reader.at;
      }
    }
    this.place(record, start, end, traceIdStart);
    // Doubles as arguments would be allocated; as fields they are not.
    record.observedMs = observedMs;
    record.timeMs = timeMs;
    record.timeFrom = 'record';
    if (Number.isNaN(timeMs)) setTime(record, timeMs, observedMs, this.referenceMs);
    return this.body(record, bodyStart, bodyEnd) && this.severity(record, severity, nameStart, nameEnd);
  }

  private place(record: LogRecord, start: number, end: number, traceIdStart: number): void {
    record.wireStart = start;
    record.wireEnd = end;
    record.traceIdStart = traceIdStart;
    record.index = this.index++;
  }

  /** The number, else the level the text names, else the one the body's head states. */
  private severity(record: LogRecord, number: number, nameStart: number, nameEnd: number): true {
    let severity = number;
    record.severityInferred = false;
    if (severity === 0 && nameEnd > nameStart) severity = severityOfName(record.wire, nameStart, nameEnd);
    if (severity === 0) {
      severity = inferSeverity(record.body, record.bodyStart, record.bodyEnd);
      record.severityInferred = severity !== 0;
    }
    record.severityNumber = severity;
    return true;
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

function tagOf(field: number, wireType: number): number {
  return field * 8 + wireType;
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
