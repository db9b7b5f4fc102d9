/**
 * What a zstd frame says it grows to, bytes; 0 = it does not say. Only a hint: nobody has checked it.
 * https://datatracker.ietf.org/doc/html/rfc8878#section-3.1.1.1
 */
export function zstdStatedSize(bytes: Uint8Array): number {
  if (bytes.length < ZSTD_HEADER_MAX) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== ZSTD_MAGIC) return 0;
  const descriptor = bytes[4]!;
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionaryIdBytes = [0, 1, 2, 4][descriptor & 3]!;
  const at = 5 + (isSingleSegment ? 0 : 1) + dictionaryIdBytes;
  switch (descriptor >> 6) {
    case 0:
      return isSingleSegment ? bytes[at]! : 0;
    case 1:
      return view.getUint16(at, true) + 256;
    case 2:
      return view.getUint32(at, true);
    default:
      return Number(view.getBigUint64(at, true));
  }
}

/** The same of a gzip member: what ends it, modulo 2³². https://datatracker.ietf.org/doc/html/rfc1952#section-2.3.1 */
export function gzipStatedSize(bytes: Uint8Array): number {
  if (bytes.length < 4) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(bytes.length - 4, true);
}

const ZSTD_MAGIC = 0xfd2fb528;
/** Bytes of the longest header; the shortest frame that holds anything worth a hint is longer. */
const ZSTD_HEADER_MAX = 18;
