import { FIXED32, FIXED64, LENGTH_DELIMITED, VARINT } from './wire-types.ts';

const TWO_TO_32 = 4294967296;

/**
 * Appends protobuf fields to one growing buffer; `reset` empties it and keeps the memory.
 * For everything but the hot path: tests, the simulator, and JSON on its way to the one protobuf reader.
 * `bytes[0, length)` is the result so far and is valid until the next write.
 */
export class ProtobufWriter {
  bytes: Uint8Array;
  length = 0;
  private readonly encoder = new TextEncoder();
  private readonly doubleView = new DataView(new ArrayBuffer(8));

  constructor(initialBytes = 1024) {
    this.bytes = new Uint8Array(initialBytes);
  }

  reset(): void {
    this.length = 0;
  }

  /** Makes room for `more` bytes, for a caller that writes into `bytes` itself. */
  room(more: number): void {
    this.reserve(more);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  /** Opens a nested message; give the result to `end`. */
  begin(field: number): number {
    this.tag(field, LENGTH_DELIMITED);
    this.reserve(1);
    this.length += 1;
    return this.length;
  }

  /** Closes the message that `begin` opened, writing its length in front of it. */
  end(start: number): void {
    const size = this.length - start;
    const lengthBytes = varintSize(size);
    if (lengthBytes > 1) {
      this.reserve(lengthBytes - 1);
      this.bytes.copyWithin(start + lengthBytes - 1, start, this.length);
    }
    this.putVarint(start - 1, size);
    this.length = start - 1 + lengthBytes + size;
  }

  /** An unsigned integer below 2^53. */
  varintField(field: number, value: number): void {
    this.tag(field, VARINT);
    this.varint(value);
  }

  /** An int64 in two's complement, given as two uint32 halves. */
  int64Field(field: number, low: number, high: number): void {
    this.tag(field, VARINT);
    let rest = high >>> 0;
    let bottom = low >>> 0;
    this.reserve(10);
    while (rest !== 0 || bottom > 127) {
      this.bytes[this.length++] = (bottom & 127) | 128;
      bottom = ((bottom >>> 7) | (rest << 25)) >>> 0;
      rest >>>= 7;
    }
    this.bytes[this.length++] = bottom;
  }

  /** An int64 held in a number: exact up to 2^53, the nearest representable integer beyond. */
  integerField(field: number, value: number): void {
    const high = Math.floor(value / TWO_TO_32);
    this.int64Field(field, value - high * TWO_TO_32, high);
  }

  bigintField(field: number, value: bigint): void {
    this.int64Field(field, Number(value & 0xffffffffn), Number((value >> 32n) & 0xffffffffn));
  }

  fixed64Field(field: number, low: number, high: number): void {
    this.tag(field, FIXED64);
    this.reserve(8);
    this.uint32(low);
    this.uint32(high);
  }

  doubleField(field: number, value: number): void {
    this.doubleView.setFloat64(0, value, true);
    this.fixed64Field(field, this.doubleView.getUint32(0, true), this.doubleView.getUint32(4, true));
  }

  fixed32Field(field: number, value: number): void {
    this.tag(field, FIXED32);
    this.reserve(4);
    this.uint32(value);
  }

  /** Writes also the empty string. Lone surrogates become U+FFFD. */
  stringField(field: number, value: string): void {
    this.tag(field, LENGTH_DELIMITED);
    const chars = value.length;
    if (chars < 128 && this.asciiString(value)) return;
    // UTF-8 takes at most three bytes per UTF-16 unit; the length in front is at most five bytes.
    this.reserve(chars * 3 + 5);
    const at = this.length;
    const room = varintSize(chars);
    const size = this.encoder.encodeInto(value, this.bytes.subarray(at + room)).written;
    const lengthBytes = varintSize(size);
    if (lengthBytes !== room) this.bytes.copyWithin(at + lengthBytes, at + room, at + room + size);
    this.putVarint(at, size);
    this.length = at + lengthBytes + size;
  }

  bytesField(field: number, source: Uint8Array, start: number, end: number): void {
    this.tag(field, LENGTH_DELIMITED);
    this.varint(end - start);
    this.raw(source, start, end);
  }

  /** Bytes as they are: already encoded fields. */
  raw(source: Uint8Array, start: number, end: number): void {
    const count = end - start;
    this.reserve(count);
    // Ids and short values: a loop is faster than making the view that `set` needs.
    if (count < 32) for (let i = 0; i < count; i++) this.bytes[this.length + i] = source[start + i]!;
    else this.bytes.set(source.subarray(start, end), this.length);
    this.length += count;
  }

  private tag(field: number, wireType: number): void {
    this.varint(field * 8 + wireType);
  }

  private varint(value: number): void {
    this.reserve(10);
    this.length = this.putVarint(this.length, value);
  }

  /** Writes into room that is there already; growing here would drop what lies behind `length`. */
  private putVarint(start: number, value: number): number {
    let at = start;
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) this.bytes[at++] = (rest % 128) | 128;
    this.bytes[at] = rest;
    return at + 1;
  }

  private uint32(value: number): void {
    this.bytes[this.length++] = value & 255;
    this.bytes[this.length++] = (value >>> 8) & 255;
    this.bytes[this.length++] = (value >>> 16) & 255;
    this.bytes[this.length++] = (value >>> 24) & 255;
  }

  /** Shorter than 128 characters and ASCII: copied here, which is faster than a call to the encoder. */
  private asciiString(value: string): boolean {
    this.reserve(value.length + 1);
    const at = this.length;
    for (let i = 0; i < value.length; i++) {
      const code = value.charCodeAt(i);
      if (code > 127) return false;
      this.bytes[at + 1 + i] = code;
    }
    this.bytes[at] = value.length;
    this.length = at + 1 + value.length;
    return true;
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

export function varintSize(value: number): number {
  let size = 1;
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size++;
  return size;
}
