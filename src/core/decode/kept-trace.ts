import type { KeptRecord } from '../../contracts.ts';
import { hexText } from './byte-text.ts';
import { RECORD_TRACE_ID, TRACE_ID_BYTES } from './otlp-fields.ts';
import { WireReader } from './wire.ts';

/** The trace id of a kept record, 32 hex digits, or empty. Reads nothing else: samples are asked by the thousand. */
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
    traceId = end - reader.at === TRACE_ID_BYTES ? hexText(wire, reader.at, end) : '';
    reader.at = end;
  }
  return traceId;
}
