// protobufjs as an independent reader and writer of OTLP requests. Test oracle only: never imported by src.
import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';

const root = protobuf.parse(readFileSync(new URL('./otlp-logs.proto', import.meta.url), 'utf8')).root;

export const requestType = root.lookupType('ExportLogsServiceRequest');
export const logRecordType = root.lookupType('LogRecord');

/** What the oracle reads: 64-bit integers as decimal strings, enums as numbers, bytes as they are. */
export interface OracleRequest {
  resourceLogs?: OracleResourceLogs[];
}

export interface OracleResourceLogs {
  resource?: { attributes?: OracleKeyValue[]; droppedAttributesCount?: number };
  scopeLogs?: OracleScopeLogs[];
  schemaUrl?: string;
}

export interface OracleScopeLogs {
  scope?: { name?: string; version?: string };
  logRecords?: OracleRecord[];
  schemaUrl?: string;
}

export interface OracleRecord {
  timeUnixNano?: string;
  observedTimeUnixNano?: string;
  severityNumber?: number;
  severityText?: string;
  body?: OracleValue;
  attributes?: OracleKeyValue[];
  droppedAttributesCount?: number;
  flags?: number;
  traceId?: Uint8Array;
  spanId?: Uint8Array;
  eventName?: string;
}

export interface OracleKeyValue {
  key?: string;
  value?: OracleValue;
}

export interface OracleValue {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string;
  doubleValue?: number;
  arrayValue?: { values?: OracleValue[] };
  kvlistValue?: { values?: OracleKeyValue[] };
  bytesValue?: Uint8Array;
}

export function oracleEncode(request: OracleRequest): Uint8Array {
  return new Uint8Array(requestType.encode(requestType.fromObject(request)).finish());
}

/** Throws for bytes that are not a valid request. */
export function oracleDecode(bytes: Uint8Array): OracleRequest {
  return requestType.toObject(requestType.decode(bytes), { longs: String }) as OracleRequest;
}

export function oracleDecodeRecord(bytes: Uint8Array): OracleRecord {
  return logRecordType.toObject(logRecordType.decode(bytes), { longs: String }) as OracleRecord;
}
