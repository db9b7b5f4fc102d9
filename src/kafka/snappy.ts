import { WinnowError } from '../errors.ts';
import { copyBytes } from './copy-bytes.ts';

/**
 * Decodes a snappy block, bare or in the framing that Java producers write (xerial snappy-java).
 * Output never exceeds `limitBytes`; input is never read past its end; any defect throws `WINNOW_KAFKA_CODEC`.
 * Format: https://github.com/google/snappy/blob/main/format_description.txt
 */
export function decodeSnappy(input: Uint8Array, limitBytes: number): Uint8Array {
  if (!isXerial(input)) {
    const output = new Uint8Array(blockLength(input, 0, input.length, limitBytes));
    decodeBlock(input, 0, input.length, output, 0);
    return output;
  }
  let total = 0;
  for (let at = XERIAL_HEADER_BYTES; at < input.length; ) {
    const end = xerialBlockEnd(input, at);
    total += blockLength(input, at + 4, end, limitBytes - total);
    at = end;
  }
  const output = new Uint8Array(total);
  let written = 0;
  for (let at = XERIAL_HEADER_BYTES; at < input.length; ) {
    const end = xerialBlockEnd(input, at);
    written = decodeBlock(input, at + 4, end, output, written);
    at = end;
  }
  return output;
}

/** snappy-java SnappyCodec.java: magic, then version and lowest compatible version as two int32. */
const XERIAL_MAGIC = [0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00];
const XERIAL_HEADER_BYTES = 16;
/** A copy of 64 bytes takes at least 3: a block that promises more than this ratio lies about its length. */
const EXPANSION_MAX = 64 / 3;

function isXerial(input: Uint8Array): boolean {
  return input.length >= XERIAL_HEADER_BYTES && XERIAL_MAGIC.every((byte, i) => input[i] === byte);
}

function xerialBlockEnd(input: Uint8Array, at: number): number {
  if (at + 4 > input.length) throw corrupt(`block length at ${at} is cut off`);
  const length = ((input[at]! << 24) | (input[at + 1]! << 16) | (input[at + 2]! << 8) | input[at + 3]!) >>> 0;
  if (length > input.length - at - 4) throw corrupt(`block at ${at} of ${length} bytes is cut off`);
  return at + 4 + length;
}

/** The block's promise of its decoded length, checked before anything is allocated for it. */
function blockLength(input: Uint8Array, from: number, end: number, limitBytes: number): number {
  const length = readVarint(input, from, end);
  if (length > limitBytes) throw corrupt(`decoded length ${length} exceeds the limit of ${limitBytes} bytes`);
  if (length > (end - from) * EXPANSION_MAX)
    throw corrupt(`decoded length ${length} is impossible for ${end - from} bytes`);
  return length;
}

function readVarint(input: Uint8Array, from: number, end: number): number {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    if (from + i >= end) throw corrupt('length is cut off');
    const byte = input[from + i]!;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return value;
  }
  throw corrupt('length is longer than 5 bytes');
}

/** Decodes `input[from, end)` into `output` from `start` on; returns the position after the block's last byte. */
function decodeBlock(
  input: Uint8Array,
  from: number,
  end: number,
  output: Uint8Array,
  start: number,
): number {
  const limit = start + readVarint(input, from, end);
  let at = from;
  while (input[at]! >= 0x80) at++;
  at++;
  let out = start;
  while (at < end) {
    const tag = input[at++]!;
    let length: number;
    let distance: number;
    if ((tag & 3) === 0) {
      length = (tag >> 2) + 1;
      if (length > 60) {
        const extra = length - 60;
        if (at + extra > end) throw corrupt('literal length is cut off');
        length = readLittleEndian(input, at, extra) + 1;
        at += extra;
      }
      if (length > end - at || length > limit - out) throw corrupt(`literal of ${length} bytes does not fit`);
      copyBytes(input, at, output, out, length);
      at += length;
      out += length;
      continue;
    }
    const distanceBytes = (tag & 3) === 3 ? 4 : tag & 3;
    if (at + distanceBytes > end) throw corrupt('copy is cut off');
    if (distanceBytes === 1) {
      length = ((tag >> 2) & 7) + 4;
      distance = ((tag & 0xe0) << 3) | input[at]!;
    } else {
      length = (tag >> 2) + 1;
      distance = readLittleEndian(input, at, distanceBytes);
    }
    at += distanceBytes;
    if (distance === 0 || distance > out - start)
      throw corrupt(`copy from ${distance} bytes back is out of range`);
    if (length > limit - out) throw corrupt(`copy of ${length} bytes does not fit`);
    copyBytes(output, out - distance, output, out, length);
    out += length;
  }
  if (out !== limit) throw corrupt(`block ended ${limit - out} bytes short`);
  return out;
}

function readLittleEndian(input: Uint8Array, at: number, bytes: number): number {
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + input[at + i]!;
  return value;
}

function corrupt(detail: string): WinnowError {
  return new WinnowError('WINNOW_KAFKA_CODEC', `decode snappy: ${detail}`);
}
