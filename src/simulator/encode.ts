import {
  KEY_VALUE_KEY,
  KEY_VALUE_VALUE,
  LIST_VALUES,
  RECORD_ATTRIBUTES,
  RECORD_BODY,
  RECORD_OBSERVED_TIME,
  RECORD_SEVERITY_NUMBER,
  RECORD_SEVERITY_TEXT,
  RECORD_TIME,
  RECORD_TRACE_ID,
  REQUEST_RESOURCE_LOGS,
  RESOURCE_ATTRIBUTES,
  RESOURCE_LOGS_RESOURCE,
  RESOURCE_LOGS_SCOPE_LOGS,
  SCOPE_LOGS_LOG_RECORDS,
  VALUE_DOUBLE,
  VALUE_INT,
  VALUE_KVLIST,
  VALUE_STRING,
} from '../core/decode/otlp-fields.ts';
import { ProtobufWriter } from '../core/decode/protobuf-writer.ts';
import type { Pod } from './fleet.ts';
import { type Body, SEVERITY_NUMBER } from './line.ts';
import type { SimulatedRecord } from './record.ts';

const TRACE_ID_BYTES = 16;
const TWO_TO_32 = 4_294_967_296;

/**
 * Writes batches of records as ExportLogsServiceRequest bytes, one ResourceLogs per pod in order of first record.
 * Encodes straight from simulated records; the test holds its bytes against the general encoder.
 */
export class RequestEncoder {
  private readonly writer = new ProtobufWriter(256 * 1024);
  private readonly resources = new Map<Pod, Uint8Array>();
  private readonly traceId = new Uint8Array(TRACE_ID_BYTES);

  encode(records: readonly SimulatedRecord[]): Uint8Array {
    const writer = this.writer;
    writer.reset();
    for (const [pod, group] of groupByPod(records)) {
      const resourceLogs = writer.begin(REQUEST_RESOURCE_LOGS);
      const resource = this.resourceOf(pod);
      writer.raw(resource, 0, resource.length);
      const scopeLogs = writer.begin(RESOURCE_LOGS_SCOPE_LOGS);
      for (const record of group) {
        const start = writer.begin(SCOPE_LOGS_LOG_RECORDS);
        this.writeRecord(record);
        writer.end(start);
      }
      writer.end(scopeLogs);
      writer.end(resourceLogs);
    }
    return writer.finish();
  }

  private resourceOf(pod: Pod): Uint8Array {
    let bytes = this.resources.get(pod);
    if (bytes === undefined) {
      const writer = new ProtobufWriter(512);
      const start = writer.begin(RESOURCE_LOGS_RESOURCE);
      for (const [key, value] of pod.attributes) writeKeyValue(writer, RESOURCE_ATTRIBUTES, key, value);
      writer.end(start);
      bytes = writer.finish();
      this.resources.set(pod, bytes);
    }
    return bytes;
  }

  private writeRecord(record: SimulatedRecord): void {
    const writer = this.writer;
    if (record.hasTime) {
      writeNanos(writer, RECORD_TIME, record.timeMs);
      writeNanos(writer, RECORD_OBSERVED_TIME, record.arrivalMs);
    }
    if (record.hasSeverity) {
      writer.varintField(RECORD_SEVERITY_NUMBER, SEVERITY_NUMBER[record.severity]);
      writer.stringField(RECORD_SEVERITY_TEXT, record.severity);
    }
    const body = writer.begin(RECORD_BODY);
    writeBody(writer, record.body);
    writer.end(body);
    for (const [key, value] of record.attributes) writeKeyValue(writer, RECORD_ATTRIBUTES, key, value);
    if (record.traceId !== '') {
      for (let i = 0; i < TRACE_ID_BYTES; i++) {
        this.traceId[i] =
          hexDigit(record.traceId.charCodeAt(i * 2)) * 16 + hexDigit(record.traceId.charCodeAt(i * 2 + 1));
      }
      writer.bytesField(RECORD_TRACE_ID, this.traceId, 0, TRACE_ID_BYTES);
    }
  }
}

/** Records by pod, pods in order of first record. */
export function groupByPod(records: readonly SimulatedRecord[]): Map<Pod, SimulatedRecord[]> {
  const groups = new Map<Pod, SimulatedRecord[]>();
  for (const record of records) {
    const group = groups.get(record.pod);
    if (group === undefined) groups.set(record.pod, [record]);
    else group.push(record);
  }
  return groups;
}

/** Microsecond steps of a millisecond number, exact as nanoseconds in two halves (a double cannot hold them in one). */
function writeNanos(writer: ProtobufWriter, field: number, timeMs: number): void {
  const micros = Math.round(timeMs * 1000);
  const highMicros = Math.floor(micros / TWO_TO_32);
  const low = (micros - highMicros * TWO_TO_32) * 1000;
  const carry = Math.floor(low / TWO_TO_32);
  writer.fixed64Field(field, low - carry * TWO_TO_32, highMicros * 1000 + carry);
}

function writeBody(writer: ProtobufWriter, body: Body): void {
  if (typeof body === 'string') {
    writer.stringField(VALUE_STRING, body);
    return;
  }
  const start = writer.begin(VALUE_KVLIST);
  for (const [key, value] of body) writeKeyValue(writer, LIST_VALUES, key, value);
  writer.end(start);
}

function writeKeyValue(writer: ProtobufWriter, field: number, key: string, value: string | number): void {
  const start = writer.begin(field);
  writer.stringField(KEY_VALUE_KEY, key);
  const valueStart = writer.begin(KEY_VALUE_VALUE);
  if (typeof value === 'string') writer.stringField(VALUE_STRING, value);
  else if (Number.isSafeInteger(value)) writer.integerField(VALUE_INT, value);
  else writer.doubleField(VALUE_DOUBLE, value);
  writer.end(valueStart);
  writer.end(start);
}

/** Value of a lower-case hex digit's character code. */
function hexDigit(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}
