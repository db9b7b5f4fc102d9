/** Why a record batch cannot be read: its checksum, its compressed part, or what it would grow to. */
export type BatchDefect = 'checksum' | 'compression' | 'limit';

/**
 * A record batch that cannot be read must neither stop its partition for ever nor vanish. It is replaced by as many
 * records as its header promises, each with a value that no OTLP decoder accepts, so that the worker counts every one of
 * them as malformed at its own offset. Null: the header itself makes no sense.
 */
export function corruptBatchRecords(compressed: Uint8Array, defect: BatchDefect): Buffer | null {
  const header = headerBefore(compressed);
  if (header === null) return null;
  const value = VALUES[defect];
  const count = header.records;
  const output = Buffer.alloc(count * (RECORD_BYTES_MAX + value.length));
  let at = 0;
  for (let i = 0; i < count; i++) {
    // The last record ends the batch even where compaction left gaps, so that the next fetch starts behind it.
    const offsetDelta = i === count - 1 ? header.lastOffsetDelta : i;
    const headBytes = RECORD_FIXED_BYTES + zigZagBytes(offsetDelta) + zigZagBytes(value.length);
    at = writeZigZag(output, at, headBytes + value.length);
    output[at++] = 0; // attributes
    output[at++] = 0; // timestamp delta
    at = writeZigZag(output, at, offsetDelta);
    at = writeZigZag(output, at, -1); // no key
    at = writeZigZag(output, at, value.length);
    output.set(value, at);
    at += value.length;
    output[at++] = 0; // no headers
  }
  return output.subarray(0, at);
}

/** What is wrong with the batch that this value stands for a record of; null = the value is a message's own. */
export function batchDefect(value: Uint8Array): BatchDefect | null {
  if (value.length < PREFIX.length || value.length > LONGEST || value[0] !== 0xff) return null;
  return DEFECTS.find((defect) => VALUES[defect].equals(value)) ?? null;
}

/**
 * Marks the compressed part of a batch as one that must not be read. The batch's attributes must then say gzip, whose
 * own first byte is 0x1f. Less than two bytes cannot be marked, and are no gzip either.
 */
export function markDefect(compressed: Uint8Array, defect: BatchDefect): void {
  if (compressed.length < 2) return;
  compressed[0] = MARK;
  compressed[1] = MARK + DEFECTS.indexOf(defect);
}

/** What `markDefect` left, else null. */
export function markedDefect(compressed: Uint8Array): BatchDefect | null {
  return compressed[0] === MARK ? (DEFECTS[compressed[1]! - MARK] ?? null) : null;
}

const MARK = 0xe0;
const DEFECTS: readonly BatchDefect[] = ['checksum', 'compression', 'limit'];
/** Eleven bytes 0xff are a varint that never ends: malformed protobuf, invalid UTF-8 and invalid JSON. */
const PREFIX = Buffer.concat([Buffer.alloc(11, 0xff), Buffer.from('winnow: unreadable batch, ')]);
const VALUES: Readonly<Record<BatchDefect, Buffer>> = {
  checksum: Buffer.concat([PREFIX, Buffer.from('checksum')]),
  compression: Buffer.concat([PREFIX, Buffer.from('compression')]),
  limit: Buffer.concat([PREFIX, Buffer.from('limit')]),
};
const LONGEST = Math.max(...DEFECTS.map((defect) => VALUES[defect].length));
/** Attributes, timestamp delta, absent key, no headers. */
const RECORD_FIXED_BYTES = 4;
/** With the longest varints for the record's length, the offset delta and the value's length. */
const RECORD_BYTES_MAX = RECORD_FIXED_BYTES + 2 + 5 + 2;
/**
 * Most records that a batch may have. kafkajs passes them as the arguments of one call, of which V8's stack takes some
 * 125,000 (Node 24): more would fail for ever. A Java producer's default batch is 16 KiB, about a thousand short lines.
 */
export const RECORDS_MAX = 100_000;
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
  return records < 1 || records > RECORDS_MAX || records - 1 > lastOffsetDelta
    ? null
    : { records, lastOffsetDelta };
}

function zigZagBytes(value: number): number {
  let bytes = 1;
  for (let rest = value * 2; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes++;
  return bytes;
}

function writeZigZag(output: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value < 0 ? -value * 2 - 1 : value * 2;
  while (rest >= 0x80) {
    output[at++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  output[at++] = rest;
  return at;
}
