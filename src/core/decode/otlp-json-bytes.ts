import { END, JsonCursor } from './json-cursor.ts';
import { Nanos } from './nanos.ts';
import {
  RECORD_ATTRIBUTES,
  RECORD_BODY,
  RECORD_DROPPED_ATTRIBUTES_COUNT,
  RECORD_EVENT_NAME,
  RECORD_FLAGS,
  RECORD_OBSERVED_TIME,
  RECORD_SEVERITY_NUMBER,
  RECORD_SEVERITY_TEXT,
  RECORD_SPAN_ID,
  RECORD_TIME,
  RECORD_TRACE_ID,
  REQUEST_RESOURCE_LOGS,
  RESOURCE_ATTRIBUTES,
  RESOURCE_LOGS_RESOURCE,
  RESOURCE_LOGS_SCOPE_LOGS,
  SCOPE_LOGS_LOG_RECORDS,
  SPAN_ID_BYTES,
  TRACE_ID_BYTES,
} from './otlp-fields.ts';
import { severityNumberOf } from './otlp-json.ts';
import {
  KEY_ATTRIBUTES,
  KEY_BODY,
  KEY_DROPPED_ATTRIBUTES_COUNT,
  KEY_EVENT_NAME,
  KEY_FLAGS,
  KEY_LOG_RECORDS,
  KEY_OBSERVED_TIME,
  KEY_RESOURCE,
  KEY_RESOURCE_LOGS,
  KEY_SCOPE_LOGS,
  KEY_SEVERITY_NUMBER,
  KEY_SEVERITY_TEXT,
  KEY_SPAN_ID,
  KEY_TIME,
  KEY_TRACE_ID,
  KEY_UNKNOWN,
} from './otlp-json-keys.ts';
import { OtlpJsonValues } from './otlp-json-value.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';

/** Room beyond the length of the JSON: a field may be begun that is then not taken. */
const SLACK_BYTES = 256;

const UINT32_MAX = 0xffffffff;

/**
 * Writes OTLP/JSON as protobuf straight from its bytes, in one pass, without a string or object for a record. It takes
 * requests as exporters write them; at anything else (a key twice, a bare value, a number with an odd spelling, invalid
 * UTF-8, not JSON at all) it gives up and says so, and `OtlpJsonWriter` decides what it means. Protobuf is never longer
 * than the JSON it comes from, so one reservation is room enough.
 */
export class OtlpJsonBytes {
  private readonly writer: ProtobufWriter;
  private readonly json = new JsonCursor();
  private readonly values: OtlpJsonValues;
  private readonly nanos = new Nanos();

  constructor(writer: ProtobufWriter, maxDepth: number) {
    this.writer = writer;
    this.values = new OtlpJsonValues(this.json, writer, maxDepth);
  }

  /** Writes the request that begins at `start`; returns where it ends, or -1 = not taken, the writer then holds a part. */
  write(bytes: Uint8Array, start: number, end: number): number {
    const { json, writer } = this;
    json.open(bytes, start, end);
    writer.reset();
    writer.room(end - start + SLACK_BYTES);
    this.values.open();
    const isRequest = json.peek() !== 0 && this.object(KEY_UNKNOWN) === 1 << KEY_RESOURCE_LOGS;
    return isRequest && this.values.isWhole ? json.at : -1;
  }

  /**
   * Reads the object that comes next, of which `of` says what it is: the key it stands under, KEY_UNKNOWN = the request.
   * Returns the keys that were read, one bit each, or -1 = not taken.
   */
  private object(of: number): number {
    const { json } = this;
    if (!json.openObject()) return -1;
    let seen = 0;
    let next = json.member(true);
    for (; next >= 0; next = json.member(false)) {
      if (!belongs(next, of)) {
        if (!json.skip()) return -1;
        continue;
      }
      // Of a key that stands there twice, JSON takes the last, protobuf both.
      if ((seen & (1 << next)) !== 0) return -1;
      seen |= 1 << next;
      if (!this.field(next)) return -1;
    }
    return next === END ? seen : -1;
  }

  private field(name: number): boolean {
    switch (name) {
      case KEY_RESOURCE_LOGS:
        return this.list(REQUEST_RESOURCE_LOGS, name);
      case KEY_SCOPE_LOGS:
        return this.list(RESOURCE_LOGS_SCOPE_LOGS, name);
      case KEY_RESOURCE: {
        if (this.json.isNull()) return true;
        const start = this.values.begin(RESOURCE_LOGS_RESOURCE);
        const isRead = this.object(KEY_RESOURCE) >= 0;
        this.values.end(start);
        return isRead;
      }
      case KEY_ATTRIBUTES:
        return this.values.attributes(RESOURCE_ATTRIBUTES);
      case KEY_LOG_RECORDS:
        return this.records();
      default:
        return false;
    }
  }

  /** A list of objects, each as field `field`. */
  private list(field: number, name: number): boolean {
    const { json } = this;
    if (!json.openList()) return false;
    let next = json.item(true);
    for (; next >= 0; next = json.item(false)) {
      const start = this.values.begin(field);
      if (this.object(name) < 0) return false;
      this.values.end(start);
    }
    return next === END;
  }

  private records(): boolean {
    const { json } = this;
    if (!json.openList()) return false;
    let next = json.item(true);
    for (; next >= 0; next = json.item(false)) {
      const start = this.values.begin(SCOPE_LOGS_LOG_RECORDS);
      if (!this.record()) return false;
      this.values.end(start);
    }
    return next === END;
  }

  private record(): boolean {
    const { json } = this;
    if (!json.openObject()) return false;
    let seen = 0;
    let next = json.member(true);
    for (; next >= 0; next = json.member(false)) {
      if ((seen & (1 << next)) !== 0 && next !== KEY_UNKNOWN) return false;
      seen |= 1 << next;
      if (!this.recordField(next)) return false;
    }
    return next === END;
  }

  private recordField(name: number): boolean {
    switch (name) {
      case KEY_TIME:
        return this.time(RECORD_TIME);
      case KEY_OBSERVED_TIME:
        return this.time(RECORD_OBSERVED_TIME);
      case KEY_SEVERITY_NUMBER:
        return this.severity();
      case KEY_SEVERITY_TEXT:
        return this.values.string(RECORD_SEVERITY_TEXT, false);
      case KEY_BODY:
        return this.values.value(RECORD_BODY, 0);
      case KEY_ATTRIBUTES:
        return this.values.attributes(RECORD_ATTRIBUTES);
      case KEY_DROPPED_ATTRIBUTES_COUNT:
      case KEY_FLAGS:
        return this.uint32(name);
      case KEY_TRACE_ID:
        return this.values.id(RECORD_TRACE_ID, TRACE_ID_BYTES);
      case KEY_SPAN_ID:
        return this.values.id(RECORD_SPAN_ID, SPAN_ID_BYTES);
      case KEY_EVENT_NAME:
        return this.values.string(RECORD_EVENT_NAME, false);
      default:
        return this.json.skip();
    }
  }

  /** Nanoseconds as digits in quotes; a number goes the way of numbers, rounded as JSON.parse rounds it. */
  private time(field: number): boolean {
    const { json, nanos } = this;
    if (json.isNull()) return true;
    const isText = json.isString();
    const start = json.at + (isText ? 1 : 0);
    const end = isText ? json.plainString() : json.number();
    if (end < 0) return false;
    if (isText) {
      if (!nanos.setDigits(json.bytes, start, end)) return false;
    } else {
      const value = Number(json.text(start, end));
      if (!(value > 0)) return true;
      nanos.setNumber(value);
    }
    this.writer.fixed64Field(field, nanos.low, nanos.high);
    return true;
  }

  private severity(): boolean {
    const { json } = this;
    if (json.isNull()) return true;
    const isText = json.isString();
    const start = json.at + (isText ? 1 : 0);
    const end = isText ? json.plainString() : json.number();
    if (end < 0) return false;
    const digit = json.bytes[start]! - 0x30;
    const isDigit = !isText && end === start + 1 && digit >= 0 && digit <= 9;
    const text = isDigit ? '' : json.text(start, end);
    const severity = isDigit ? digit : severityNumberOf(isText ? text : Number(text));
    if (severity > 0) this.writer.varintField(RECORD_SEVERITY_NUMBER, severity);
    return true;
  }

  private uint32(name: number): boolean {
    const { json, writer } = this;
    if (json.isNull()) return true;
    const start = json.at;
    const end = json.number();
    if (end < 0) return false;
    const value = end === start + 1 ? json.bytes[start]! - 0x30 : Number(json.text(start, end));
    if (!Number.isInteger(value) || value <= 0 || value > UINT32_MAX) return true;
    if (name === KEY_FLAGS) writer.fixed32Field(RECORD_FLAGS, value);
    else writer.varintField(RECORD_DROPPED_ATTRIBUTES_COUNT, value);
    return true;
  }
}

/** Whether a key is one of the object `of`; elsewhere it is unknown. */
function belongs(name: number, of: number): boolean {
  switch (of) {
    case KEY_UNKNOWN:
      return name === KEY_RESOURCE_LOGS;
    case KEY_RESOURCE_LOGS:
      return name === KEY_RESOURCE || name === KEY_SCOPE_LOGS;
    case KEY_RESOURCE:
      return name === KEY_ATTRIBUTES;
    default:
      return name === KEY_LOG_RECORDS;
  }
}
