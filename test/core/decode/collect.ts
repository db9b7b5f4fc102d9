// Decodes a message into plain copies of its records, so that tests can compare them.
import type { Decoder, Encoding, LogRecord, Malformed, Resource } from '../../../src/contracts.ts';
import { createDecoder, type DecoderOptions } from '../../../src/core/decode/decoder.ts';
import { createTextResource } from '../../../src/core/decode/resource.ts';

export interface Collected {
  readonly body: string;
  readonly resource: Resource;
  readonly timeMs: number;
  readonly timeFrom: string;
  readonly observedMs: number;
  readonly severityNumber: number;
  readonly severityInferred: boolean;
  readonly traceId: string;
  readonly index: number;
  readonly wire: Uint8Array;
}

export interface Outcome {
  readonly records: Collected[];
  readonly malformed: Malformed | null;
}

export const TEXT_RESOURCE = createTextResource('', 'lines');

export function decodeWith(
  decoder: Decoder,
  bytes: Uint8Array | string,
  referenceTimeMs = Number.NaN,
): Outcome {
  const value = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  const records: Collected[] = [];
  const sink = { onRecord: (record: LogRecord) => void records.push(copyOf(record)) };
  const malformed = decoder.decode({ value, offset: 0, referenceTimeMs }, TEXT_RESOURCE, sink);
  return { records, malformed };
}

export function decode(
  encoding: Encoding,
  bytes: Uint8Array | string,
  referenceTimeMs = Number.NaN,
  options: DecoderOptions = {},
): Outcome {
  return decodeWith(createDecoder(encoding, options), bytes, referenceTimeMs);
}

/** The records of bytes that must have no defect. */
export function recordsOf(
  encoding: Encoding,
  bytes: Uint8Array | string,
  referenceTimeMs = Number.NaN,
): Collected[] {
  const { records, malformed } = decode(encoding, bytes, referenceTimeMs);
  if (malformed !== null) throw new Error(`unexpected defect ${malformed.reason} at ${malformed.at}`);
  return records;
}

function copyOf(record: LogRecord): Collected {
  const { wire, traceIdStart } = record;
  const traceId =
    traceIdStart < 0 ? '' : Buffer.from(wire.subarray(traceIdStart, traceIdStart + 16)).toString('hex');
  return {
    body: Buffer.from(record.body.subarray(record.bodyStart, record.bodyEnd)).toString('utf8'),
    resource: record.resource,
    timeMs: record.timeMs,
    timeFrom: record.timeFrom,
    observedMs: record.observedMs,
    severityNumber: record.severityNumber,
    severityInferred: record.severityInferred,
    traceId,
    index: record.index,
    wire: wire.slice(record.wireStart, record.wireEnd),
  };
}
