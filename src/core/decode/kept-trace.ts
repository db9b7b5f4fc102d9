import type { KeptRecord } from '../../contracts.ts';
import { RECORD_TRACE_ID, TRACE_ID_BYTES } from './otlp-fields.ts';
import { WireReader } from './wire.ts';

/**
 * The trace id of a kept record, a character for each of its bytes, or empty: to compare, not to show. Reads nothing else;
 * samples are asked by the thousand, and hex digits would take longer than finding them.
 */
export function readTraceId(kept: KeptRecord): string {
  const { wire } = kept;
  const reader = new WireReader();
  let traceId = '';
  reader.open(wire, 0);
  while (reader.at < wire.length) {
    const tag = reader.tag(wire.length);
    const start = reader.at;
    if (tag === 0 || !reader.skip(tag, wire.length)) break;
    if (tag !== RECORD_TRACE_ID * 8 + 2) continue;
    const end = reader.at;
    reader.at = start;
    reader.payloadEnd(end);
    traceId = end - reader.at === TRACE_ID_BYTES ? textOfBytes(wire, reader.at) : '';
    reader.at = end;
  }
  return traceId;
}

/** In one call, so that it is one string; as a sum it would be put together again to be looked up. */
function textOfBytes(b: Uint8Array, at: number): string {
  return String.fromCharCode(
    b[at]!,
    b[at + 1]!,
    b[at + 2]!,
    b[at + 3]!,
    b[at + 4]!,
    b[at + 5]!,
    b[at + 6]!,
    b[at + 7]!,
    b[at + 8]!,
    b[at + 9]!,
    b[at + 10]!,
    b[at + 11]!,
    b[at + 12]!,
    b[at + 13]!,
    b[at + 14]!,
    b[at + 15]!,
  );
}
