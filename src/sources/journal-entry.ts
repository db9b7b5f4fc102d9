import { crc32 } from 'node:zlib';

export interface JournalEntry {
  readonly offset: number;
  readonly value: Uint8Array;
  /** NaN = unknown. */
  readonly referenceTimeMs: number;
  /** Bytes on disk, header included. */
  readonly storedBytes: number;
}

export interface DecodedEntries {
  readonly entries: readonly JournalEntry[];
  /** Bytes that the entries take. */
  readonly bytes: number;
  /** More bytes that the next entry needs; 0 = what follows is not an entry, or nothing follows. */
  readonly missingBytes: number;
}

/** Header: length of the value (4 bytes, big endian), CRC-32 of all that follows it (4), reference time (8, double). */
const HEADER_BYTES = 16;
const CHECKED_FROM = 8;

/** A request may have 64 MiB; more than this in a length field is damage, and is not allocated. */
export const MAX_ENTRY_BYTES = 65 * 1024 * 1024;

export function encodeEntry(value: Uint8Array, referenceTimeMs: number): Buffer {
  const entry = Buffer.allocUnsafeSlow(HEADER_BYTES + value.length);
  entry.writeUInt32BE(value.length, 0);
  entry.writeDoubleBE(referenceTimeMs, CHECKED_FROM);
  entry.set(value, HEADER_BYTES);
  entry.writeUInt32BE(checksum(entry), 4);
  return entry;
}

/** Whole entries at the beginning of `bytes`; values are views of it. Stops at the first that is damaged or not whole. */
export function decodeEntries(bytes: Buffer, firstOffset: number): DecodedEntries {
  const entries: JournalEntry[] = [];
  let start = 0;
  let missingBytes = 0;
  while (start + HEADER_BYTES <= bytes.length) {
    const length = bytes.readUInt32BE(start);
    const end = start + HEADER_BYTES + length;
    if (length > MAX_ENTRY_BYTES) break;
    if (end > bytes.length) {
      missingBytes = end - bytes.length;
      break;
    }
    const entry = bytes.subarray(start, end);
    if (entry.readUInt32BE(4) !== checksum(entry)) break;
    entries.push({
      offset: firstOffset + entries.length,
      value: entry.subarray(HEADER_BYTES),
      referenceTimeMs: entry.readDoubleBE(CHECKED_FROM),
      storedBytes: entry.length,
    });
    start = end;
  }
  return { entries, bytes: start, missingBytes };
}

/** Of the length too, so that a run of zero bytes, which file systems leave after a crash, is no entry. */
function checksum(entry: Buffer): number {
  return crc32(entry.subarray(CHECKED_FROM), entry.readUInt32BE(0));
}
