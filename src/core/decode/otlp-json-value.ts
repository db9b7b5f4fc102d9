import { base64Bytes } from './byte-text.ts';
import { BAD, END, type JsonCursor } from './json-cursor.ts';
import { literal } from './literal.ts';
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
import { writeInteger } from './otlp-json.ts';
import {
  KEY_ARRAY_VALUE,
  KEY_BOOL_VALUE,
  KEY_BYTES_VALUE,
  KEY_DOUBLE_VALUE,
  KEY_INT_VALUE,
  KEY_KEY,
  KEY_KVLIST_VALUE,
  KEY_STRING_VALUE,
  KEY_VALUE,
  KEY_VALUES,
} from './otlp-json-keys.ts';
import type { ProtobufWriter } from './protobuf-writer.ts';
import * as wireTypes from './wire-types.ts';

/** Decimal digits that surely fit a double exactly. */
const EXACT_DIGITS = 15;

// Of this file, so that the compiler sees a constant: what is imported is loaded and checked at every use.
const { LENGTH_DELIMITED } = wireTypes;

/** As nearly every value and attribute begins. */
const STRING_VALUE = literal('{"stringValue":"');
const KEY_HEAD = literal('{"key":"');
const VALUE_HEAD = literal(',"value":');
const STRING_VALUE_HEAD = literal(',"value":{"stringValue":"');

/**
 * Writes the values of OTLP/JSON, from the cursor's place on, as protobuf into a writer that has room for them. False =
 * not taken, see `OtlpJsonBytes`.
 */
export class OtlpJsonValues {
  private readonly json: JsonCursor;
  private readonly writer: ProtobufWriter;
  private readonly maxDepth: number;
  private out: DataView = new DataView(new ArrayBuffer(0));

  constructor(json: JsonCursor, writer: ProtobufWriter, maxDepth: number) {
    this.json = json;
    this.writer = writer;
    this.maxDepth = maxDepth;
  }

  /** Call when the writer has made room: its memory may be another. */
  open(): void {
    const { buffer, byteOffset, byteLength } = this.writer.bytes;
    if (buffer !== this.out.buffer) this.out = new DataView(buffer, byteOffset, byteLength);
  }

  /** False: the writer ran out of the room that was made, and what was written is lost. */
  get isWhole(): boolean {
    return this.writer.bytes.buffer === this.out.buffer;
  }

  /** As the writer's own, for room that is there and fields below 16. */
  begin(field: number): number {
    const { writer } = this;
    this.out.setUint8(writer.length, field * 8 + LENGTH_DELIMITED);
    writer.length += 2;
    return writer.length;
  }

  end(start: number): void {
    const size = this.writer.length - start;
    if (size < 128) this.out.setUint8(start - 1, size);
    else this.writer.end(start);
  }

  /** A list of KeyValues, each as field `field`; null is none. */
  attributes(field: number, depth = 0): boolean {
    const { json } = this;
    if (json.isNull()) return true;
    if (!json.openList()) return false;
    let next = json.item(true);
    for (; next >= 0; next = json.item(false)) if (!this.keyValue(field, depth)) return false;
    return next === END;
  }

  /** A string as field `field`; null is none, and so is the empty string unless `isKept`. */
  string(field: number, isKept: boolean): boolean {
    const { json, writer } = this;
    if (!json.isString()) return json.isNull();
    const start = writer.length + 2;
    const end = json.copyString(this.out, start);
    if (end < 0) return false;
    if (end === start && !isKept) return true;
    this.out.setUint8(start - 2, field * 8 + LENGTH_DELIMITED);
    writer.length = end;
    this.end(start);
    return true;
  }

  /** Hex digits of `size` bytes in either case; any other text counts as absent. */
  id(field: number, size: number): boolean {
    const { json, writer } = this;
    if (!json.isString()) return json.isNull();
    const from = json.at + 1;
    const end = json.plainString();
    if (end < 0) return false;
    const start = writer.length + 2;
    if (end - from !== size * 2 || !json.copyHex(this.out, start, from, size)) return true;
    this.out.setUint8(start - 2, field * 8 + LENGTH_DELIMITED);
    this.out.setUint8(start - 1, size);
    writer.length = start + size;
    return true;
  }

  /** An AnyValue as field `field`; null is none. */
  value(field: number, depth: number): boolean {
    const { json } = this;
    if (json.isNull()) return true;
    const start = this.begin(field);
    if (!this.members(depth)) return false;
    this.end(start);
    return true;
  }

  /** The members of an AnyValue; one that is understood, at most. */
  private members(depth: number): boolean {
    const { json } = this;
    if (depth > this.maxDepth) return false;
    let isFound = json.takeLiteral(STRING_VALUE);
    if (isFound ? !this.string(VALUE_STRING, true) : !json.openObject()) return false;
    let next = json.member(!isFound);
    for (; next >= 0; next = json.member(false)) {
      if (next < KEY_STRING_VALUE || next > KEY_KVLIST_VALUE) {
        if (!json.skip()) return false;
        continue;
      }
      if (isFound || !(next === KEY_STRING_VALUE ? this.string(VALUE_STRING, true) : this.other(next, depth)))
        return false;
      isFound = true;
    }
    return next === END;
  }

  private other(kind: number, depth: number): boolean {
    const { json, writer } = this;
    if (json.isNull()) return true;
    switch (kind) {
      case KEY_BOOL_VALUE: {
        const isTrue = json.word('true');
        if (!isTrue && !json.word('false')) return false;
        writer.varintField(VALUE_BOOL, isTrue ? 1 : 0);
        return true;
      }
      case KEY_INT_VALUE:
        return this.integer();
      case KEY_DOUBLE_VALUE: {
        const text = this.scalarText();
        if (text === null) return false;
        writer.doubleField(VALUE_DOUBLE, Number(text));
        return true;
      }
      case KEY_BYTES_VALUE: {
        const text = json.isString() ? this.scalarText() : null;
        const bytes = text === null ? null : base64Bytes(text);
        if (bytes === null) return false;
        writer.bytesField(VALUE_BYTES, bytes, 0, bytes.length);
        return true;
      }
      case KEY_ARRAY_VALUE:
        return this.values(VALUE_ARRAY, depth + 1);
      case KEY_KVLIST_VALUE:
        return this.values(VALUE_KVLIST, depth + 1);
      default:
        return false;
    }
  }

  /** `{"values": […]}` */
  private values(kind: number, depth: number): boolean {
    const { json } = this;
    if (!json.openObject()) return false;
    const start = this.begin(kind);
    let isFound = false;
    let next = json.member(true);
    for (; next >= 0; next = json.member(false)) {
      if (next !== KEY_VALUES) {
        if (!json.skip()) return false;
        continue;
      }
      if (isFound || !(kind === VALUE_KVLIST ? this.attributes(LIST_VALUES, depth) : this.items(depth)))
        return false;
      isFound = true;
    }
    this.end(start);
    return next === END;
  }

  private items(depth: number): boolean {
    const { json } = this;
    if (json.isNull()) return true;
    if (!json.openList()) return false;
    let next = json.item(true);
    for (; next >= 0; next = json.item(false)) {
      const start = this.begin(LIST_VALUES);
      if (!this.members(depth)) return false;
      this.end(start);
    }
    return next === END;
  }

  private keyValue(field: number, depth: number): boolean {
    const { json } = this;
    const start = this.begin(field);
    let seen = 0;
    if (json.takeLiteral(KEY_HEAD)) {
      if (!this.string(KEY_VALUE_KEY, true)) return false;
      seen = 1 << KEY_KEY;
      if (this.shortText(start)) return true;
      if (json.takeLiteral(VALUE_HEAD)) {
        if (json.peek() === 0 || !this.value(KEY_VALUE_VALUE, depth)) return false;
        seen |= 1 << KEY_VALUE;
      }
    } else if (!json.openObject()) return false;
    let next = json.member(seen === 0);
    for (; next >= 0; next = json.member(false)) {
      if (next !== KEY_KEY && next !== KEY_VALUE) {
        if (!json.skip()) return false;
        continue;
      }
      if ((seen & (1 << next)) !== 0) return false;
      seen |= 1 << next;
      const isRead =
        next === KEY_VALUE
          ? this.value(KEY_VALUE_VALUE, depth)
          : json.isString() && this.string(KEY_VALUE_KEY, true);
      if (!isRead) return false;
    }
    this.end(start);
    return next === END;
  }

  /** The rest of a KeyValue that begins at `start`, where it is a string of usual length and nothing else. */
  private shortText(start: number): boolean {
    const { json, writer, out } = this;
    const { at } = json;
    if (!json.takeLiteral(STRING_VALUE_HEAD)) return false;
    const from = writer.length + 4;
    const to = json.copyString(out, from);
    if (to < 0 || to - start > 127 || !json.takeTwoBraces()) {
      json.at = at;
      return false;
    }
    out.setUint8(from - 4, KEY_VALUE_VALUE * 8 + LENGTH_DELIMITED);
    out.setUint8(from - 3, to - from + 2);
    out.setUint8(from - 2, VALUE_STRING * 8 + LENGTH_DELIMITED);
    out.setUint8(from - 1, to - from);
    writer.length = to;
    this.end(start);
    return true;
  }

  /** A whole number, or decimal digits in quotes; what needs more than a double can hold goes by way of text. */
  private integer(): boolean {
    const { json, writer } = this;
    const { bytes } = json;
    const isText = json.isString();
    const start = json.at + (isText ? 1 : 0);
    const end = isText ? json.plainString() : json.number();
    if (end < 0) return false;
    const isNegative = bytes[start] === 0x2d;
    const first = isNegative ? start + 1 : start;
    let value = 0;
    let at = first;
    for (; at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39; at++) value = value * 10 + bytes[at]! - 0x30;
    if (at === end && at > first && at - first <= EXACT_DIGITS) {
      writer.integerField(VALUE_INT, isNegative ? -value : value);
      return true;
    }
    const text = json.text(start, end);
    writeInteger(writer, VALUE_INT, isText ? text : Number(text));
    return true;
  }

  /** Text of a number, or of a string without escapes; null = neither. */
  private scalarText(): string | null {
    const { json } = this;
    const isText = json.isString();
    const start = json.at + (isText ? 1 : 0);
    const end = isText ? json.plainString() : json.number();
    return end === BAD ? null : json.text(start, end);
  }
}
