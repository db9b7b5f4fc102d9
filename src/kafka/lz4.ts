import { WinnowError } from '../errors.ts';
import { copyBytes } from './copy-bytes.ts';

/**
 * Decodes LZ4 frames (linked and independent blocks, concatenated and skippable frames; no dictionaries).
 * Output never exceeds `limitBytes`; input is never read past its end; any defect throws `WINNOW_KAFKA_CODEC`.
 * Checksums are skipped, not verified. Format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 */
export function decodeLz4(input: Uint8Array, limitBytes: number): Uint8Array {
  const state: State = { input, at: 0, output: new Uint8Array(0), out: 0, limitBytes };
  if (input.length === 0) throw corrupt('no frame');
  while (state.at < input.length) {
    const magic = readUint32(state);
    if (magic === FRAME_MAGIC) decodeFrame(state);
    else if (magic >>> 4 === SKIPPABLE_MAGIC_HIGH) skip(state, readUint32(state));
    else throw corrupt(`unknown magic 0x${magic.toString(16)}`);
  }
  return state.output.subarray(0, state.out);
}

const FRAME_MAGIC = 0x184d2204;
/** 0x184D2A50 to 0x184D2A5F. */
const SKIPPABLE_MAGIC_HIGH = 0x184d2a5;
/** Block sizes 64 KiB, 256 KiB, 1 MiB and 4 MiB have the codes 4 to 7. */
const BLOCK_CODE_MIN = 4;

interface State {
  readonly input: Uint8Array;
  at: number;
  output: Uint8Array;
  out: number;
  readonly limitBytes: number;
}

function decodeFrame(state: State): void {
  const flags = readByte(state);
  const blockCode = (readByte(state) >> 4) & 7;
  if (flags >> 6 !== 1) throw corrupt(`unknown version ${flags >> 6}`);
  if ((flags & 1) !== 0) throw corrupt('dictionaries are not supported');
  if (blockCode < BLOCK_CODE_MIN) throw corrupt(`unknown block size ${blockCode}`);
  const independent = (flags & 0x20) !== 0;
  const blockChecksumBytes = (flags & 0x10) !== 0 ? 4 : 0;
  const blockBytesMax = 1 << (8 + 2 * blockCode);
  skip(state, ((flags & 8) !== 0 ? 8 : 0) + 1);
  const frameStart = state.out;
  for (;;) {
    const size = readUint32(state);
    if (size === 0) break;
    const length = size & 0x7fffffff;
    if (length > state.input.length - state.at) throw corrupt(`block of ${length} bytes is cut off`);
    if (length > blockBytesMax)
      throw corrupt(`block of ${length} bytes exceeds the frame's ${blockBytesMax}`);
    const end = state.at + length;
    if (size >= 0x80000000) {
      reserve(state, length);
      state.output.set(state.input.subarray(state.at, end), state.out);
      state.out += length;
    } else {
      // A sequence byte stands for at most 255 bytes, so a short block never makes room for a whole one.
      const roomBytes = Math.min(blockBytesMax, length * 255 + 64);
      reserve(state, Math.min(roomBytes, state.limitBytes - state.out));
      const outEnd = Math.min(state.out + roomBytes, state.limitBytes);
      state.out = decodeBlock(state, end, outEnd, independent ? state.out : frameStart);
    }
    state.at = end;
    skip(state, blockChecksumBytes);
  }
  skip(state, (flags & 4) !== 0 ? 4 : 0);
}

/** Makes room for `bytes` more; doubles, so that copying stays linear. */
function reserve(state: State, bytes: number): void {
  const needed = state.out + bytes;
  if (needed > state.limitBytes) throw corrupt(`output exceeds the limit of ${state.limitBytes} bytes`);
  if (needed <= state.output.length) return;
  const grown = new Uint8Array(Math.min(state.limitBytes, Math.max(needed, state.output.length * 2)));
  grown.set(state.output.subarray(0, state.out));
  state.output = grown;
}

/** Decodes one block up to `end`; copies may reach back to `historyStart`. Returns the new end of the output. */
function decodeBlock(state: State, end: number, outEnd: number, historyStart: number): number {
  const { input, output } = state;
  let at = state.at;
  let out = state.out;
  while (at < end) {
    const token = input[at++]!;
    let literals = token >> 4;
    if (literals === 15) {
      let byte = 255;
      while (byte === 255) {
        if (at >= end) throw corrupt('literal length is cut off');
        byte = input[at++]!;
        literals += byte;
      }
    }
    if (literals > end - at) throw corrupt(`${literals} literals are cut off`);
    if (literals > outEnd - out) throw corrupt(`output exceeds ${outEnd} bytes`);
    copyBytes(input, at, output, out, literals);
    at += literals;
    out += literals;
    if (at === end) return out;
    if (at + 2 > end) throw corrupt('copy is cut off');
    const distance = input[at]! | (input[at + 1]! << 8);
    at += 2;
    let length = (token & 15) + 4;
    if (length === 19) {
      let byte = 255;
      while (byte === 255) {
        if (at >= end) throw corrupt('copy length is cut off');
        byte = input[at++]!;
        length += byte;
      }
    }
    if (distance === 0 || distance > out - historyStart)
      throw corrupt(`copy from ${distance} bytes back is out of range`);
    if (length > outEnd - out) throw corrupt(`output exceeds ${outEnd} bytes`);
    copyBytes(output, out - distance, output, out, length);
    out += length;
  }
  throw corrupt('block ends without literals');
}

function readByte(state: State): number {
  if (state.at >= state.input.length) throw corrupt('header is cut off');
  return state.input[state.at++]!;
}

function readUint32(state: State): number {
  const { input, at } = state;
  if (at + 4 > input.length) throw corrupt('frame is cut off');
  state.at = at + 4;
  return (input[at]! | (input[at + 1]! << 8) | (input[at + 2]! << 16) | (input[at + 3]! << 24)) >>> 0;
}

function skip(state: State, bytes: number): void {
  if (bytes > state.input.length - state.at) throw corrupt(`${bytes} bytes to skip are cut off`);
  state.at += bytes;
}

function corrupt(detail: string): WinnowError {
  return new WinnowError('WINNOW_KAFKA_CODEC', `decode lz4: ${detail}`);
}
