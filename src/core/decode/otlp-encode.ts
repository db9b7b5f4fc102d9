import { type EncodableValue, writeKeyValue, writeValue } from './any-value-writer.ts';
import {
  RECORD_ATTRIBUTES,
  RECORD_BODY,
  RECORD_EVENT_NAME,
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
import { ProtobufWriter } from './protobuf-writer.ts';

export interface EncodableRecord {
  readonly timeUnixNano?: bigint | string;
  readonly observedTimeUnixNano?: bigint | string;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly body?: EncodableValue;
  readonly attributes?: Readonly<Record<string, EncodableValue>>;
  /** 32 hex digits. */
  readonly traceId?: string;
  /** 16 hex digits. */
  readonly spanId?: string;
  readonly eventName?: string;
}

export interface EncodableGroup {
  readonly resource: Readonly<Record<string, EncodableValue>>;
  readonly records: readonly EncodableRecord[];
}

/** The bytes of an ExportLogsServiceRequest: one ResourceLogs with one ScopeLogs per group. */
export function encodeLogsRequest(groups: readonly EncodableGroup[]): Uint8Array {
  const writer = new ProtobufWriter(4096);
  for (const group of groups) {
    const resourceLogs = writer.begin(REQUEST_RESOURCE_LOGS);
    const resource = writer.begin(RESOURCE_LOGS_RESOURCE);
    for (const [key, value] of Object.entries(group.resource)) {
      writeKeyValue(writer, RESOURCE_ATTRIBUTES, key, value);
    }
    writer.end(resource);
    const scopeLogs = writer.begin(RESOURCE_LOGS_SCOPE_LOGS);
    for (const record of group.records) {
      const start = writer.begin(SCOPE_LOGS_LOG_RECORDS);
      writeRecord(writer, record);
      writer.end(start);
    }
    writer.end(scopeLogs);
    writer.end(resourceLogs);
  }
  return writer.finish();
}

function writeRecord(writer: ProtobufWriter, record: EncodableRecord): void {
  if (record.timeUnixNano !== undefined) writeNanos(writer, RECORD_TIME, record.timeUnixNano);
  if (record.observedTimeUnixNano !== undefined) {
    writeNanos(writer, RECORD_OBSERVED_TIME, record.observedTimeUnixNano);
  }
  if (record.severityNumber !== undefined) writer.varintField(RECORD_SEVERITY_NUMBER, record.severityNumber);
  if (record.severityText !== undefined) writer.stringField(RECORD_SEVERITY_TEXT, record.severityText);
  if (record.body !== undefined) {
    const body = writer.begin(RECORD_BODY);
    writeValue(writer, record.body);
    writer.end(body);
  }
  for (const [key, value] of Object.entries(record.attributes ?? {})) {
    writeKeyValue(writer, RECORD_ATTRIBUTES, key, value);
  }
  if (record.traceId !== undefined) writeHex(writer, RECORD_TRACE_ID, record.traceId, TRACE_ID_BYTES);
  if (record.spanId !== undefined) writeHex(writer, RECORD_SPAN_ID, record.spanId, SPAN_ID_BYTES);
  if (record.eventName !== undefined) writer.stringField(RECORD_EVENT_NAME, record.eventName);
}

function writeNanos(writer: ProtobufWriter, field: number, nanos: bigint | string): void {
  const value = BigInt(nanos);
  writer.fixed64Field(field, Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn));
}

function writeHex(writer: ProtobufWriter, field: number, hex: string, size: number): void {
  const bytes = new Uint8Array(size);
  for (let i = 0; i < size; i++) bytes[i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16);
  writer.bytesField(field, bytes, 0, size);
}
