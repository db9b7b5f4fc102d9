import {
  KEY_VALUE_KEY,
  KEY_VALUE_VALUE,
  LIST_VALUES,
  VALUE_ARRAY,
  VALUE_BOOL,
  VALUE_BYTES,
  VALUE_DOUBLE,
  VALUE_INT,
  VALUE_KVLIST,
  VALUE_STRING,
} from './otlp-fields.ts';
import { WireReader } from './wire.ts';

/**
 * Longest JSON text rendered for a structured body; the rest is cut. A body is compared by its head, and escapes
 * can make text six times as long as its bytes, so the scratch buffer needs a bound of its own.
 */
const MAX_RENDERED_BYTES = 1 << 20;

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const HEX = '0123456789abcdef';

/** One AnyValue: the field number that is set (0 = none) and where its payload lies. */
export interface ValueSlot {
  field: number;
  start: number;
  end: number;
  low: number;
  high: number;
}

/** Reads the AnyValue in `[start, end)`; of several fields the last one known counts. False = defect in `reader`. */
export function readValue(reader: WireReader, start: number, end: number, slot: ValueSlot): boolean {
  slot.field = 0;
  slot.start = start;
  slot.end = start;
  reader.at = start;
  while (reader.at < end) {
    const tag = reader.tag(end);
    if (tag === 0) return false;
    const field = tag >>> 3;
    if (tag === VALUE_DOUBLE * 8 + 1) {
      if (!reader.fixed64(end)) return false;
    } else if (tag === VALUE_BOOL * 8 || tag === VALUE_INT * 8) {
      if (!reader.varint(end)) return false;
    } else if ((tag & 7) === 2 && isLengthDelimitedKind(field)) {
      const stop = reader.payloadEnd(end);
      if (stop < 0) return false;
      slot.start = reader.at;
      slot.end = stop;
      reader.at = stop;
    } else {
      if (!reader.skip(tag, end)) return false;
      continue;
    }
    slot.field = field;
    slot.low = reader.low;
    slot.high = reader.high;
  }
  return true;
}

/** Renders AnyValues as text into one reused buffer: `bytes[0, length)`, valid until the next call. */
export class ValueRenderer {
  bytes = new Uint8Array(1024);
  length = 0;
  private readonly reader = new WireReader();
  private readonly double = new DataView(new ArrayBuffer(8));
  private readonly maxDepth: number;

  constructor(maxDepth: number) {
    this.maxDepth = maxDepth;
  }

  /**
   * The text of a value: strings and bytes (as base64) bare, numbers and booleans as in JSON, lists and maps as
   * JSON text. Nothing for an empty value. False = the value is broken or nested too deep.
   */
  render(bytes: Uint8Array, start: number, end: number): boolean {
    this.length = 0;
    this.reader.open(bytes, start);
    return this.value(start, end, 0, true);
  }

  get tooDeep(): boolean {
    return this.reader.defect === 'too_large';
  }

  private value(start: number, end: number, depth: number, bare: boolean): boolean {
    const slot: ValueSlot = { field: 0, start, end, low: 0, high: 0 };
    if (!readValue(this.reader, start, end, slot)) return false;
    switch (slot.field) {
      case VALUE_STRING:
        if (bare) this.raw(this.reader.bytes, slot.start, slot.end);
        else this.quoted(slot.start, slot.end);
        return true;
      case VALUE_BOOL:
        this.ascii(slot.low !== 0 || slot.high !== 0 ? 'true' : 'false');
        return true;
      case VALUE_INT:
        this.ascii(int64Text(slot.low, slot.high));
        return true;
      case VALUE_DOUBLE:
        this.number(slot.low, slot.high, bare);
        return true;
      case VALUE_BYTES:
        if (!bare) this.ascii('"');
        this.base64(slot.start, slot.end);
        if (!bare) this.ascii('"');
        return true;
      case VALUE_ARRAY:
      case VALUE_KVLIST:
        return this.list(slot.start, slot.end, depth + 1, slot.field === VALUE_KVLIST);
      default:
        if (!bare) this.ascii('null');
        return true;
    }
  }

  private list(start: number, end: number, depth: number, isMap: boolean): boolean {
    const reader = this.reader;
    if (depth > this.maxDepth) return reader.fail('too_large', start);
    this.ascii(isMap ? '{' : '[');
    let first = true;
    reader.at = start;
    while (reader.at < end) {
      const tag = reader.tag(end);
      if (tag === 0) return false;
      if (tag !== LIST_VALUES * 8 + 2) {
        if (!reader.skip(tag, end)) return false;
        continue;
      }
      const stop = reader.payloadEnd(end);
      if (stop < 0) return false;
      if (!first) this.ascii(',');
      first = false;
      const itemStart = reader.at;
      if (!(isMap ? this.pair(itemStart, stop, depth) : this.value(itemStart, stop, depth, false)))
        return false;
      reader.at = stop;
    }
    this.ascii(isMap ? '}' : ']');
    return true;
  }

  private pair(start: number, end: number, depth: number): boolean {
    const slot: KeyValueSlot = { keyStart: start, keyEnd: start, valueStart: start, valueEnd: start };
    if (!readKeyValue(this.reader, start, end, slot)) return false;
    this.quoted(slot.keyStart, slot.keyEnd);
    this.ascii(':');
    return this.value(slot.valueStart, slot.valueEnd, depth, false);
  }

  private number(low: number, high: number, bare: boolean): void {
    this.double.setUint32(0, low, true);
    this.double.setUint32(4, high, true);
    const value = this.double.getFloat64(0, true);
    // As the protobuf JSON mapping writes them: NaN and the infinities are strings.
    const text = String(value);
    this.ascii(Number.isFinite(value) || bare ? text : `"${text}"`);
  }

  private quoted(start: number, end: number): void {
    const source = this.reader.bytes;
    this.ascii('"');
    let plain = start;
    for (let i = start; i < end; i++) {
      const byte = source[i]!;
      if (byte >= 0x20 && byte !== 0x22 && byte !== 0x5c) continue;
      this.raw(source, plain, i);
      plain = i + 1;
      this.ascii(escapeOf(byte));
    }
    this.raw(source, plain, end);
    this.ascii('"');
  }

  private base64(start: number, end: number): void {
    const source = this.reader.bytes;
    for (let i = start; i < end && this.length < MAX_RENDERED_BYTES; i += 3) {
      const left = end - i;
      const a = source[i]!;
      const b = left > 1 ? source[i + 1]! : 0;
      const c = left > 2 ? source[i + 2]! : 0;
      this.ascii(
        BASE64[a >> 2]! +
          BASE64[((a & 3) << 4) | (b >> 4)]! +
          (left > 1 ? BASE64[((b & 15) << 2) | (c >> 6)]! : '=') +
          (left > 2 ? BASE64[c & 63]! : '='),
      );
    }
  }

  private raw(source: Uint8Array, start: number, end: number): void {
    const count = Math.min(end - start, MAX_RENDERED_BYTES - this.length);
    if (count <= 0) return;
    this.reserve(count);
    if (count < 64) for (let i = 0; i < count; i++) this.bytes[this.length + i] = source[start + i]!;
    else this.bytes.set(source.subarray(start, start + count), this.length);
    this.length += count;
  }

  private ascii(text: string): void {
    const count = Math.min(text.length, MAX_RENDERED_BYTES - this.length);
    this.reserve(count);
    for (let i = 0; i < count; i++) this.bytes[this.length + i] = text.charCodeAt(i);
    this.length += count;
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const larger = new Uint8Array(
      Math.min(MAX_RENDERED_BYTES, Math.max(this.length + more, this.bytes.length * 2)),
    );
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}

/** Where key and value of one KeyValue lie; an absent one is empty. */
export interface KeyValueSlot {
  keyStart: number;
  keyEnd: number;
  valueStart: number;
  valueEnd: number;
}

/** Reads the KeyValue in `[start, end)`. False = defect in `reader`. */
export function readKeyValue(reader: WireReader, start: number, end: number, slot: KeyValueSlot): boolean {
  slot.keyStart = slot.keyEnd = slot.valueStart = slot.valueEnd = start;
  reader.at = start;
  while (reader.at < end) {
    const tag = reader.tag(end);
    if (tag === 0) return false;
    if (tag !== KEY_VALUE_KEY * 8 + 2 && tag !== KEY_VALUE_VALUE * 8 + 2) {
      if (!reader.skip(tag, end)) return false;
      continue;
    }
    const stop = reader.payloadEnd(end);
    if (stop < 0) return false;
    if (tag === KEY_VALUE_KEY * 8 + 2) {
      slot.keyStart = reader.at;
      slot.keyEnd = stop;
    } else {
      slot.valueStart = reader.at;
      slot.valueEnd = stop;
    }
    reader.at = stop;
  }
  return true;
}

/** Decimal text of an int64 in two's complement. */
export function int64Text(low: number, high: number): string {
  const signedHigh = high | 0;
  if (signedHigh >= -0x200000 && signedHigh < 0x200000) return String(signedHigh * 4294967296 + low);
  return ((BigInt(signedHigh) << 32n) | BigInt(low)).toString();
}

function isLengthDelimitedKind(field: number): boolean {
  return field === VALUE_STRING || field === VALUE_ARRAY || field === VALUE_KVLIST || field === VALUE_BYTES;
}

function escapeOf(byte: number): string {
  switch (byte) {
    case 0x22:
      return '\\"';
    case 0x5c:
      return '\\\\';
    case 0x0a:
      return '\\n';
    case 0x0d:
      return '\\r';
    case 0x09:
      return '\\t';
    case 0x08:
      return '\\b';
    case 0x0c:
      return '\\f';
    default:
      return `\\u00${HEX[byte >> 4]}${HEX[byte & 15]}`;
  }
}
