// Decodes a message into plain copies of its records, so that tests can compare them.
import { expect } from 'vitest';
import type { Decoder, Encoding, LogRecord, Malformed, Resource } from '../../../src/contracts.ts';
import { createDecoder, type DecoderOptions } from '../../../src/core/decode/decoder.ts';
import { createTextResource } from '../../../src/core/decode/resource.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';

export interface Collected {
  readonly body: string;
  readonly resource: Resource;
  readonly timeMs: number;
  readonly timeFrom: string;
  readonly observedMs: number;
  readonly severityNumber: number;
  readonly severityInferred: boolean;
  readonly traceId: string;
  readonly traceHash: number;
  readonly event: string;
  readonly index: number;
  readonly wire: Uint8Array;
}

export interface Outcome {
  readonly records: Collected[];
  readonly malformed: Malformed | null;
}

export const TEXT_RESOURCE = createTextResource('', 'lines');

const scanner = createScanner();

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

/** Ordinary records of a request may be skimmed: both ways must give the same, here and wherever else this is called. */
export function decode(
  encoding: Encoding,
  bytes: Uint8Array | string,
  referenceTimeMs = Number.NaN,
  options: DecoderOptions = {},
): Outcome {
  const outcome = decodeWith(createDecoder(encoding, options), bytes, referenceTimeMs);
  const value = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes;
  const skimming = createDecoder(encoding, options, scanner.skimmer);
  expect(decodeWith(skimming, scanner.load(value), referenceTimeMs)).toEqual(outcome);
  return outcome;
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
  const text = (bytes: Uint8Array, start: number, end: number): string =>
    Buffer.from(bytes.subarray(start, end)).toString('utf8');
  const traceId =
    traceIdStart < 0 ? '' : Buffer.from(wire.subarray(traceIdStart, traceIdStart + 16)).toString('hex');
  return {
    body: text(record.body, record.bodyStart, record.bodyEnd),
    resource: record.resource,
    timeMs: record.timeMs,
    timeFrom: record.timeFrom,
    observedMs: record.observedMs,
    severityNumber: record.severityNumber,
    severityInferred: record.severityInferred,
    traceId,
    traceHash: record.traceHash,
    event: text(wire, record.eventStart, record.eventEnd),
    index: record.index,
    wire: wire.slice(record.wireStart, record.wireEnd),
  };
}
