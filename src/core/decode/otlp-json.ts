import { type EncodableValue, writeValue } from './any-value-writer.ts';
import { base64Bytes, hexBytes } from './byte-text.ts';
import { Nanos } from './nanos.ts';
import {
  KEY_VALUE_KEY,
  KEY_VALUE_VALUE,
  LIST_VALUES,
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
  VALUE_ARRAY,
  VALUE_BOOL,
  VALUE_BYTES,
  VALUE_DOUBLE,
  VALUE_INT,
  VALUE_KVLIST,
  VALUE_STRING,
} from './otlp-fields.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';
import { severityNumberOfText } from './severity-name.ts';
import type { Defect } from './wire.ts';

/** Any JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Writes a parsed OTLP/JSON request as protobuf, so that there is one reader of records. It is as lenient as the
 * Collector: camel and snake case, 64-bit integers as string or number, enums as number or name, hex ids in either
 * case; null counts as absent, unknown fields are passed over, and a field of the wrong type counts as absent.
 *
 * JSON numbers beyond 2^53 come rounded from JSON.parse: a nanosecond time stamp written as a number instead of a
 * string (OTLP asks for a string) is exact to 256 ns.
 */
export class OtlpJsonWriter {
  private readonly writer: ProtobufWriter;
  private readonly maxDepth: number;
  private readonly nanos = new Nanos();
  private tooDeep = false;

  constructor(writer: ProtobufWriter, maxDepth: number) {
    this.writer = writer;
    this.maxDepth = maxDepth;
  }

  /** Appends the request to the writer. Returns why it is none, or null. */
  write(request: unknown): Defect | null {
    if (!isObject(request)) return 'not_otlp';
    const groups = field(request, 'resourceLogs', 'resource_logs');
    if (groups === undefined) return Object.keys(request).length === 0 ? null : 'not_otlp';
    if (!Array.isArray(groups)) return 'not_otlp';
    this.tooDeep = false;
    for (const group of groups) if (isObject(group)) this.resourceLogs(group);
    return this.tooDeep ? 'too_large' : null;
  }

  private resourceLogs(group: JsonObject): void {
    const writer = this.writer;
    const start = writer.begin(REQUEST_RESOURCE_LOGS);
    const resource = group.resource;
    if (isObject(resource)) {
      const resourceStart = writer.begin(RESOURCE_LOGS_RESOURCE);
      this.attributes(RESOURCE_ATTRIBUTES, resource.attributes);
      writer.end(resourceStart);
    }
    const scopes = field(group, 'scopeLogs', 'scope_logs');
    if (Array.isArray(scopes)) for (const scope of scopes) if (isObject(scope)) this.scopeLogs(scope);
    writer.end(start);
  }

  private scopeLogs(scope: JsonObject): void {
    const records = field(scope, 'logRecords', 'log_records');
    if (!Array.isArray(records)) return;
    const start = this.writer.begin(RESOURCE_LOGS_SCOPE_LOGS);
    for (const record of records) if (isObject(record)) this.logRecord(record);
    this.writer.end(start);
  }

  private logRecord(record: JsonObject): void {
    const writer = this.writer;
    const start = writer.begin(SCOPE_LOGS_LOG_RECORDS);
    this.time(RECORD_TIME, field(record, 'timeUnixNano', 'time_unix_nano'));
    this.time(RECORD_OBSERVED_TIME, field(record, 'observedTimeUnixNano', 'observed_time_unix_nano'));
    const severity = severityNumberOf(field(record, 'severityNumber', 'severity_number'));
    if (severity > 0) writer.varintField(RECORD_SEVERITY_NUMBER, severity);
    this.string(RECORD_SEVERITY_TEXT, field(record, 'severityText', 'severity_text'));
    const body = record.body;
    if (body !== undefined && body !== null) {
      const bodyStart = writer.begin(RECORD_BODY);
      this.anyValue(body, 0);
      writer.end(bodyStart);
    }
    this.attributes(RECORD_ATTRIBUTES, record.attributes);
    const dropped = uint32Of(field(record, 'droppedAttributesCount', 'dropped_attributes_count'));
    if (dropped > 0) writer.varintField(RECORD_DROPPED_ATTRIBUTES_COUNT, dropped);
    const flags = uint32Of(record.flags);
    if (flags > 0) writer.fixed32Field(RECORD_FLAGS, flags);
    this.id(RECORD_TRACE_ID, field(record, 'traceId', 'trace_id'), TRACE_ID_BYTES);
    this.id(RECORD_SPAN_ID, field(record, 'spanId', 'span_id'), SPAN_ID_BYTES);
    this.string(RECORD_EVENT_NAME, field(record, 'eventName', 'event_name'));
    writer.end(start);
  }

  private time(fieldNumber: number, value: unknown): void {
    if (typeof value === 'number' && value > 0) this.nanos.setNumber(value);
    else if (typeof value !== 'string' || !this.nanos.setDecimal(value)) return;
    this.writer.fixed64Field(fieldNumber, this.nanos.low, this.nanos.high);
  }

  private string(fieldNumber: number, value: unknown): void {
    if (typeof value === 'string' && value !== '') this.writer.stringField(fieldNumber, value);
  }

  private id(fieldNumber: number, value: unknown, size: number): void {
    if (typeof value !== 'string' || value.length !== size * 2) return;
    const bytes = hexBytes(value);
    if (bytes !== null) this.writer.bytesField(fieldNumber, bytes, 0, size);
  }

  private attributes(fieldNumber: number, attributes: unknown): void {
    if (!Array.isArray(attributes)) return;
    for (const attribute of attributes) if (isObject(attribute)) this.keyValue(fieldNumber, attribute, 0);
  }

  private keyValue(fieldNumber: number, attribute: JsonObject, depth: number): void {
    const writer = this.writer;
    const key = attribute.key;
    const value = attribute.value;
    const start = writer.begin(fieldNumber);
    if (typeof key === 'string') writer.stringField(KEY_VALUE_KEY, key);
    if (value !== undefined && value !== null) {
      const valueStart = writer.begin(KEY_VALUE_VALUE);
      this.anyValue(value, depth);
      writer.end(valueStart);
    }
    writer.end(start);
  }

  private anyValue(value: unknown, depth: number): void {
    const writer = this.writer;
    // Not OTLP, but unambiguous: a bare string, number or boolean where an AnyValue belongs.
    if (!isObject(value)) {
      if (!Array.isArray(value)) writeValue(writer, value as EncodableValue);
      return;
    }
    if (depth > this.maxDepth) {
      this.tooDeep = true;
      return;
    }
    // Nearly every value is this one; looking at it first saves the walk over the keys.
    if (typeof value.stringValue === 'string') {
      writer.stringField(VALUE_STRING, value.stringValue);
      return;
    }
    for (const key in value) {
      const held = value[key];
      if (held === null || held === undefined) continue;
      switch (key) {
        case 'string_value':
          if (typeof held === 'string') writer.stringField(VALUE_STRING, held);
          break;
        case 'boolValue':
        case 'bool_value':
          writer.varintField(VALUE_BOOL, held === true || held === 'true' ? 1 : 0);
          break;
        case 'intValue':
        case 'int_value':
          writeInteger(writer, VALUE_INT, held);
          break;
        case 'doubleValue':
        case 'double_value':
          if (typeof held === 'number' || typeof held === 'string')
            writer.doubleField(VALUE_DOUBLE, Number(held));
          break;
        case 'bytesValue':
        case 'bytes_value':
          this.bytes(held);
          break;
        case 'arrayValue':
        case 'array_value':
        case 'kvlistValue':
        case 'kvlist_value':
          if (isObject(held))
            this.list(held, key.charCodeAt(0) === 0x6b ? VALUE_KVLIST : VALUE_ARRAY, depth + 1);
          break;
      }
    }
  }

  private list(list: JsonObject, kind: number, depth: number): void {
    const writer = this.writer;
    const start = writer.begin(kind);
    const values = list.values;
    if (Array.isArray(values)) {
      for (const item of values) {
        if (kind === VALUE_KVLIST) {
          if (isObject(item)) this.keyValue(LIST_VALUES, item, depth);
          continue;
        }
        const itemStart = writer.begin(LIST_VALUES);
        this.anyValue(item, depth);
        writer.end(itemStart);
      }
    }
    writer.end(start);
  }

  private bytes(value: unknown): void {
    const bytes = typeof value === 'string' ? base64Bytes(value) : null;
    if (bytes !== null) this.writer.bytesField(VALUE_BYTES, bytes, 0, bytes.length);
  }
}

/** An int64 from a number (truncated) or its decimal text; anything else is no value. */
export function writeInteger(writer: ProtobufWriter, fieldNumber: number, value: unknown): void {
  if (typeof value === 'number') {
    if (Number.isFinite(value)) writer.integerField(fieldNumber, Math.trunc(value));
    return;
  }
  if (typeof value !== 'string') return;
  const number = Number(value);
  if (Number.isSafeInteger(number) && value !== '') writer.integerField(fieldNumber, number);
  else if (/^-?\d{1,20}$/.test(value)) writer.bigintField(fieldNumber, BigInt(value));
}

/** 1–24 from a number, decimal digits, or a name such as `SEVERITY_NUMBER_ERROR2`; 0 = none. */
export function severityNumberOf(value: unknown): number {
  if (typeof value === 'number') return Number.isInteger(value) && value >= 1 && value <= 24 ? value : 0;
  return typeof value === 'string' ? severityNumberOfText(value) : 0;
}

function uint32Of(value: unknown): number {
  const number = typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : 0;
  return Number.isInteger(number) && number > 0 && number <= 0xffffffff ? number : 0;
}

function field(object: JsonObject, camel: string, snake: string): unknown {
  const value = object[camel];
  return value === undefined || value === null ? (object[snake] ?? undefined) : value;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
