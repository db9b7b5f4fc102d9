// The simplest valid encoders: everything is a literal. Real compressors' output is in kafka-samples.ts and in the broker.

const LITERAL_BYTES_MAX = 60_000;

/** A bare snappy block of literals. */
export function encodeSnappy(bytes: Uint8Array): Buffer {
  const parts: Uint8Array[] = [varint(bytes.length)];
  for (let at = 0; at < bytes.length; at += LITERAL_BYTES_MAX) {
    const literal = bytes.subarray(at, at + LITERAL_BYTES_MAX);
    const length = literal.length - 1;
    parts.push(Buffer.from([61 << 2, length & 0xff, length >> 8]), literal);
  }
  return Buffer.concat(parts);
}

/** xerial framing around blocks of literals. */
export function encodeSnappyXerial(bytes: Uint8Array, blockBytes = 32 * 1024): Buffer {
  const parts: Uint8Array[] = [
    Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1]),
  ];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = encodeSnappy(bytes.subarray(at, at + blockBytes));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

/** An LZ4 frame of blocks of 64 KiB; `stored` leaves them uncompressed, else each is one sequence of literals. */
export function encodeLz4(bytes: Uint8Array, stored: boolean): Buffer {
  const parts: Uint8Array[] = [Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0])];
  for (let at = 0; at < bytes.length; at += LITERAL_BYTES_MAX) {
    const literal = bytes.subarray(at, at + LITERAL_BYTES_MAX);
    const block = stored ? literal : Buffer.concat([lz4Literals(literal.length), literal]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(stored ? block.length + 0x80000000 : block.length);
    parts.push(length, block);
  }
  parts.push(Buffer.alloc(4));
  return Buffer.concat(parts);
}

function lz4Literals(length: number): Buffer {
  if (length < 15) return Buffer.from([length << 4]);
  const rest = length - 15;
  return Buffer.concat([
    Buffer.from([0xf0]),
    Buffer.alloc(Math.floor(rest / 255), 255),
    Buffer.from([rest % 255]),
  ]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}
