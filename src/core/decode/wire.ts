/** Stable codes of what can be wrong with bytes; they become `Malformed.reason` and metric labels. */
export type Defect =
  | 'truncated'
  | 'bad_varint'
  | 'bad_tag'
  | 'bad_wire_type'
  | 'bad_group'
  | 'bad_json'
  | 'not_otlp'
  | 'not_text'
  | 'too_large';

/** Nested groups that `skip` follows; protobuf's own implementations stop at 100 messages (protobuf.dev, "recursion limit"). */
const MAX_GROUP_DEPTH = 100;

/** Longest payload that is believed: with any offset below it the sum stays a 31-bit integer. */
const MAX_LENGTH = 0x1fffffff;

const EMPTY = new Uint8Array(0);

/**
 * A cursor over protobuf bytes. Every read takes the `end` it must not pass and says whether it
 * succeeded; `defect` and `defectAt` hold the innermost failure. Nothing throws, nothing reads beyond `end`.
 */
export class WireReader {
  bytes: Uint8Array = EMPTY;
  at = 0;
  /** Halves of the last 64-bit value, as uint32. */
  low = 0;
  high = 0;
  defect: Defect | null = null;
  defectAt = -1;

  open(bytes: Uint8Array, at: number): void {
    this.bytes = bytes;
    this.at = at;
    this.defect = null;
    this.defectAt = -1;
  }

  /** Returns false, so that a caller can `return reader.fail(…)`. */
  fail(defect: Defect, at: number): false {
    this.defect = defect;
    this.defectAt = at;
    return false;
  }

  /** Field number × 8 + wire type, or 0 = defect. */
  tag(end: number): number {
    const start = this.at;
    const first = start < end ? this.bytes[start]! : 0;
    if (first >= 8 && first < 128) {
      this.at = start + 1;
      return first;
    }
    if (!this.varint(end)) return 0;
    // Field numbers take 29 bits and zero is none (protobuf.dev/programming-guides/encoding).
    if (this.high !== 0 || this.low < 8) {
      this.fail('bad_tag', start);
      return 0;
    }
    return this.low;
  }

  /** Reads a length; returns where its payload ends, or -1 = defect. The cursor stands on the payload. */
  payloadEnd(end: number): number {
    const start = this.at;
    const stop = this.stopOfPayload(end);
    if (stop <= end) return stop;
    this.fail('truncated', start);
    return -1;
  }

  /** As `payloadEnd`, but a payload cut off by `end` is a defect only noted: what is there may still be read. */
  payloadEndClamped(end: number): number {
    const start = this.at;
    const stop = this.stopOfPayload(end);
    if (stop <= end) return stop;
    this.fail('truncated', start);
    return end;
  }

  /**
   * Kept in 31-bit integers: one double among them makes the record loop work in doubles, at half the rate.
   * No message is as long, so a larger length is beyond any `end`.
   */
  private stopOfPayload(end: number): number {
    const first = this.at < end ? this.bytes[this.at]! : 128;
    if (first < 128) {
      this.at = (this.at + 1) | 0;
      return (this.at + first) | 0;
    }
    if (!this.varint(end)) return -1;
    if (this.high !== 0 || this.low > MAX_LENGTH) return MAX_LENGTH;
    return (this.at + (this.low | 0)) | 0;
  }

  /** Reads a varint of up to 64 bits into `low` and `high`. */
  varint(end: number): boolean {
    const bytes = this.bytes;
    const start = this.at;
    let low = 0;
    let high = 0;
    for (let i = 0; i < 10; i++) {
      const at = start + i;
      if (at >= end) return this.fail('truncated', start);
      const byte = bytes[at]!;
      const bits = byte & 127;
      if (i < 4) low |= bits << (7 * i);
      else if (i === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (7 * i - 32);
      if (byte < 128) {
        this.at = at + 1;
        this.low = low >>> 0;
        this.high = high >>> 0;
        return true;
      }
    }
    return this.fail('bad_varint', start);
  }

  /** Reads eight bytes, little-endian, into `low` and `high`. */
  fixed64(end: number): boolean {
    const at = this.at;
    if (at + 8 > end) return this.fail('truncated', at);
    this.low = uint32At(this.bytes, at);
    this.high = uint32At(this.bytes, at + 4);
    this.at = at + 8;
    return true;
  }

  /** Steps over the value of a field whose tag was just read. */
  skip(tag: number, end: number): boolean {
    return this.skipNested(tag, end, 0);
  }

  private skipNested(tag: number, end: number, depth: number): boolean {
    switch (tag & 7) {
      case 0:
        return this.varint(end);
      case 1:
        return this.advance(8, end);
      case 2: {
        const stop = this.payloadEnd(end);
        if (stop < 0) return false;
        this.at = stop;
        return true;
      }
      case 3:
        return this.skipGroup(tag >>> 3, end, depth + 1);
      case 5:
        return this.advance(4, end);
      default:
        return this.fail('bad_wire_type', this.at);
    }
  }

  private skipGroup(field: number, end: number, depth: number): boolean {
    if (depth > MAX_GROUP_DEPTH) return this.fail('too_large', this.at);
    while (this.at < end) {
      const start = this.at;
      const tag = this.tag(end);
      if (tag === 0) return false;
      if ((tag & 7) === 4) return tag >>> 3 === field ? true : this.fail('bad_group', start);
      if (!this.skipNested(tag, end, depth)) return false;
    }
    return this.fail('truncated', this.at);
  }

  private advance(count: number, end: number): boolean {
    if (this.at + count > end) return this.fail('truncated', this.at);
    this.at += count;
    return true;
  }
}

/** The tag of a field, which is one byte where the number is below 16. */
export function tagOf(field: number, wireType: number): number {
  return field * 8 + wireType;
}

export function uint32At(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
