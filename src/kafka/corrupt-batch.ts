/**
 * A record batch whose compressed part cannot be read must neither stop its partition for ever nor vanish. It is
 * replaced by as many records as its header promises, each with a value that no OTLP decoder accepts, so that the
 * worker counts every one of them as malformed at its own offset.
 */
export function corruptBatchRecords(compressed: Uint8Array): Buffer | null {
  const header = headerBefore(compressed);
  if (header === null) return null;
  const recordBytes = RECORD_HEAD_BYTES + CORRUPT_VALUE.length + 1;
  const output = Buffer.alloc(header.records * (recordBytes + 1));
  let at = 0;
  for (let i = 0; i < header.records; i++) {
    // The last record ends the batch even where compaction left gaps, so that the next fetch starts behind it.
    const offsetDelta = i === header.records - 1 ? header.lastOffsetDelta : i;
    const headBytes = RECORD_HEAD_BYTES - OFFSET_DELTA_BYTES_MAX + zigZagBytes(offsetDelta);
    at = writeZigZag(output, at, headBytes + CORRUPT_VALUE.length + 1);
    output[at++] = 0; // attributes
    output[at++] = 0; // timestamp delta
    at = writeZigZag(output, at, offsetDelta);
    at = writeZigZag(output, at, -1); // no key
    at = writeZigZag(output, at, CORRUPT_VALUE.length);
    output.set(CORRUPT_VALUE, at);
    at += CORRUPT_VALUE.length;
    output[at++] = 0; // no headers
  }
  return output.subarray(0, at);
}

/** True for a value that stands for a record of an unreadable batch. */
export function isCorruptValue(value: Uint8Array): boolean {
  if (value.length !== CORRUPT_VALUE.length) return false;
  for (let i = 0; i < value.length; i++) if (value[i] !== CORRUPT_VALUE[i]) return false;
  return true;
}

/** Eleven bytes 0xff are a varint that never ends: malformed protobuf, invalid UTF-8 and invalid JSON. */
const CORRUPT_VALUE = Buffer.concat([Buffer.alloc(11, 0xff), Buffer.from('winnow: unreadable batch')]);
/** Offset deltas below 2^20 take at most 3 bytes as zig-zag varint. */
const OFFSET_DELTA_LIMIT = 1 << 20;
const OFFSET_DELTA_BYTES_MAX = 3;
/** Attributes, timestamp delta, offset delta, absent key, length of the value. */
const RECORD_HEAD_BYTES = 4 + OFFSET_DELTA_BYTES_MAX;
/** More records than a batch of Kafka's largest sensible size holds; a header that promises more is itself corrupt. */
const RECORDS_MAX = 1 << 19;
/** Bytes from `lastOffsetDelta` to the compressed part, `records` being the last four. https://kafka.apache.org/documentation/#recordbatch */
const LAST_OFFSET_DELTA_BEFORE = 38;
const RECORDS_BEFORE = 4;

/** kafkajs hands the codec a view into the whole response: the fields of the batch's header lie right in front of it. */
function headerBefore(compressed: Uint8Array): { records: number; lastOffsetDelta: number } | null {
  if (compressed.byteOffset < LAST_OFFSET_DELTA_BEFORE) return null;
  const start = compressed.byteOffset - LAST_OFFSET_DELTA_BEFORE;
  const view = new DataView(compressed.buffer, start, LAST_OFFSET_DELTA_BEFORE);
  const lastOffsetDelta = view.getInt32(0);
  const records = view.getInt32(LAST_OFFSET_DELTA_BEFORE - RECORDS_BEFORE);
  if (records < 1 || records > RECORDS_MAX || records - 1 > lastOffsetDelta) return null;
  if (lastOffsetDelta >= OFFSET_DELTA_LIMIT) return null;
  return { records, lastOffsetDelta };
}

function zigZagBytes(value: number): number {
  const zigZag = value * 2;
  return zigZag < 0x80 ? 1 : zigZag < 0x4000 ? 2 : 3;
}

function writeZigZag(output: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value < 0 ? -value * 2 - 1 : value * 2;
  while (rest >= 0x80) {
    output[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  output[at++] = rest;
  return at;
}
