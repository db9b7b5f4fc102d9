/**
 * CRC-32C (Castagnoli) of `bytes[from, end)`, unsigned: the checksum of Kafka's record batches. Four words a step, each in a
 * checksum of its own, so that no look-up waits for another. Polynomial: RFC 3720 appendix B.4; method: K. Kadatch,
 * B. Jenkins, "Everything we know about CRC but afraid to forget" (2010), "interleaved word-by-word" (zlib's braids).
 */
export function crc32c(bytes: Uint8Array, from: number, end: number): number {
  let crc = -1;
  let at = from;
  if (end - from >= 2 * STEP_BYTES) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const apart = APART;
    let b = 0;
    let c = 0;
    let d = 0;
    for (const last = end - 2 * STEP_BYTES; at <= last; at += STEP_BYTES) {
      crc ^= view.getInt32(at, true);
      b ^= view.getInt32(at + 4, true);
      c ^= view.getInt32(at + 8, true);
      d ^= view.getInt32(at + 12, true);
      crc = fold(apart, crc);
      b = fold(apart, b);
      c = fold(apart, c);
      d = fold(apart, d);
    }
    // The next four words take in one checksum each, and hand all of it on.
    const near = NEAR;
    crc = fold(near, crc ^ view.getInt32(at, true));
    crc = fold(near, crc ^ b ^ view.getInt32(at + 4, true));
    crc = fold(near, crc ^ c ^ view.getInt32(at + 8, true));
    crc = fold(near, crc ^ d ^ view.getInt32(at + 12, true));
    at += STEP_BYTES;
  }
  for (; at < end; at++) crc = NEAR[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** Bytes of a step: four words. */
const STEP_BYTES = 16;

/** The polynomial 0x1edc6f41 with its bits reversed. */
const POLYNOMIAL = 0x82f63b78;

/** The checksum after the four bytes of `word`, and after the zeros that the table is for. */
function fold(table: Int32Array, word: number): number {
  return (
    table[768 | (word & 0xff)]! ^
    table[512 | ((word >>> 8) & 0xff)]! ^
    table[256 | ((word >>> 16) & 0xff)]! ^
    table[word >>> 24]!
  );
}

/** For words that follow each other, and for words a step apart. */
const NEAR = makeTable(0);
const APART = makeTable(STEP_BYTES - 4);

/** Entry 256 n + b: the checksum of byte b that `zeros` + n bytes of zero follow. */
function makeTable(zeros: number): Int32Array {
  const table = new Int32Array(4 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8 * (zeros + 1); bit++) crc = shifted(crc);
    for (let i = byte; i < table.length; i += 256) {
      table[i] = crc;
      for (let bit = 0; bit < 8; bit++) crc = shifted(crc);
    }
  }
  return table;
}

function shifted(crc: number): number {
  return crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
}
