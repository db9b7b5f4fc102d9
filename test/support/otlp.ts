// Requests for tests: `encodeRequest` makes the bytes of an ExportLogsServiceRequest.
import {
  type EncodableGroup,
  type EncodableRecord,
  encodeLogsRequest,
} from '../../src/core/decode/otlp-encode.ts';

export function encodeRequest(resourceLogs: readonly EncodableGroup[]): Uint8Array {
  return encodeLogsRequest(resourceLogs);
}

/** A request with one service. */
export function requestOf(service: string, records: readonly EncodableRecord[]): Uint8Array {
  return encodeLogsRequest([{ resource: { 'service.name': service }, records }]);
}

/** Milliseconds of Unix time as the decimal nanoseconds that OTLP carries. */
export function nanosOf(timeMs: number): string {
  const whole = Math.floor(timeMs);
  return (BigInt(whole) * 1_000_000n + BigInt(Math.round((timeMs - whole) * 1e6))).toString();
}
