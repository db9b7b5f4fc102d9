/**
 * CRC-32C (Castagnoli) of `bytes[from, end)`, unsigned: the checksum of Kafka's record batches. Eight bytes a step.
 * Polynomial: RFC 3720 appendix B.4; method: M. Kounavis, F. Berry, "Slicing-by-8" (Intel, 2008).
 */
export function crc32c(bytes: Uint8Array, from: number, end: number): number {
  const table = TABLE;
  let crc = -1;
  let at = from;
  for (const stop = end - 7; at < stop; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      table[1792 | (crc & 0xff)]! ^
      table[1536 | ((crc >>> 8) & 0xff)]! ^
      table[1280 | ((crc >>> 16) & 0xff)]! ^
      table[1024 | (crc >>> 24)]! ^
      table[768 | bytes[at + 4]!]! ^
      table[512 | bytes[at + 5]!]! ^
      table[256 | bytes[at + 6]!]! ^
      table[bytes[at + 7]!]!;
  }
  for (; at < end; at++) crc = table[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** The polynomial 0x1edc6f41 with its bits reversed. */
const POLYNOMIAL = 0x82f63b78;

/** Entry 256 n + b: the checksum of byte b that n zero bytes follow. One array of all: looked up faster than eight. */
const TABLE = makeTable();

function makeTable(): Int32Array {
  const table = new Int32Array(8 * 256);
  for (let i = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    table[i] = crc;
  }
  for (let i = 256; i < table.length; i++) {
    const crc = table[i - 256]!;
    table[i] = table[crc & 0xff]! ^ (crc >>> 8);
  }
  return table;
}
