/** Integers below this are one byte; the bytes above are marks for what follows. */
const SMALL_MAX = 0xf0;
const UINT16 = 0xf1;
const UINT32 = 0xf2;
const DOUBLE = 0xf3;
const NULL = 0xf4;
const AS_BEFORE = 0xf5;

/** Bytes of the longest number, a mark and a double, and of the longest UTF-16 code unit. */
const NUMBER_BYTES_MAX = 9;
const UNIT_BYTES_MAX = 3;

/** Numbers that a desk has room for. */
const DESK_NUMBERS = 32;

/** Characters of a text that are put together at once: one by one would make a string of each beginning of it. */
const TEXT_UNITS_MAX = 1024;

/** Rows are cut from pieces of memory of this size: one allocation for hundreds of them, given back with the last of them. */
const PIECE_BYTES = 256 * 1024;

/**
 * Writes the values of a row one behind the other as bytes: counts and flags take one byte, other numbers are kept as the
 * doubles they are. A third and less of the time and bytes of JSON, whose decimal digits of doubles would cost more than all
 * else in a checkpoint (`npm run bench -- --only steady`). `RowReader` reads them back exactly, in the same order.
 */
export class RowWriter {
  /** For numbers of the caller's that `run` is to write: a run takes half the time of as many calls of `number`. */
  readonly desk: number[] = Array.from({ length: DESK_NUMBERS }, () => 0.5);
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  /** Where the row under way begins, and how far it goes. */
  #from = 0;
  #at = 0;

  number(value: number): void {
    if (this.#at + NUMBER_BYTES_MAX > this.#bytes.length) this.#makeRoom(NUMBER_BYTES_MAX);
    this.#at = put(value, this.#at, this.#bytes, this.#view);
  }

  nullable(value: number | null): void {
    if (value !== null) this.number(value);
    else {
      if (this.#at === this.#bytes.length) this.#makeRoom(1);
      this.#bytes[this.#at++] = NULL;
    }
  }

  /** Numbers of a list one behind the other, as that many calls of `number` would. */
  run(values: readonly number[], from: number, length: number): void {
    const bytesMax = NUMBER_BYTES_MAX * length;
    if (this.#at + bytesMax > this.#bytes.length) this.#makeRoom(bytesMax);
    const bytes = this.#bytes;
    const view = this.#view;
    let at = this.#at;
    for (let i = from; i < from + length; i++) at = put(values[i]!, at, bytes, view);
    this.#at = at;
  }

  /** As `run` from 0 on, but a number that is that of `before` at the same place takes one byte. */
  runLike(values: readonly number[], before: readonly number[], length: number): void {
    const bytesMax = NUMBER_BYTES_MAX * length;
    if (this.#at + bytesMax > this.#bytes.length) this.#makeRoom(bytesMax);
    const bytes = this.#bytes;
    const view = this.#view;
    let at = this.#at;
    for (let i = 0; i < length; i++) {
      const value = values[i]!;
      if (i < before.length && Object.is(value, before[i]!)) bytes[at++] = AS_BEFORE;
      else at = put(value, at, bytes, view);
    }
    this.#at = at;
  }

  flag(value: boolean): void {
    this.number(value ? 1 : 0);
  }

  /** Any string, lone surrogates included; ASCII takes a byte a character. */
  text(value: string): void {
    this.number(value.length);
    const bytesMax = UNIT_BYTES_MAX * value.length;
    if (this.#at + bytesMax > this.#bytes.length) this.#makeRoom(bytesMax);
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit < SMALL_MAX) bytes[at++] = unit;
      else {
        bytes[at] = UINT16;
        this.#view.setUint16(at + 1, unit, true);
        at += UNIT_BYTES_MAX;
      }
    }
    this.#at = at;
  }

  /** What was written since the last call. The bytes are never written again. */
  take(): Uint8Array {
    const row = this.#bytes.subarray(this.#from, this.#at);
    this.#from = this.#at;
    return row;
  }

  /** Goes on in a new piece with room for the row under way and `more` bytes. */
  #makeRoom(more: number): void {
    const row = this.#bytes.subarray(this.#from, this.#at);
    this.#bytes = new Uint8Array(Math.max(PIECE_BYTES, 2 * (row.length + more)));
    this.#view = new DataView(this.#bytes.buffer);
    this.#bytes.set(row);
    this.#from = 0;
    this.#at = row.length;
  }
}

/** There must be room for it; returns where the next value goes. */
function put(value: number, at: number, bytes: Uint8Array, view: DataView): number {
  const whole = value | 0;
  if (whole !== value || whole < 0 || Object.is(value, -0)) {
    bytes[at] = DOUBLE;
    view.setFloat64(at + 1, value, true);
    return at + NUMBER_BYTES_MAX;
  }
  if (whole < SMALL_MAX) {
    bytes[at] = whole;
    return at + 1;
  }
  if (whole < 0x1_0000) {
    bytes[at] = UINT16;
    view.setUint16(at + 1, whole, true);
    return at + 3;
  }
  bytes[at] = UINT32;
  view.setUint32(at + 1, whole, true);
  return at + 5;
}

/** Reads what a `RowWriter` wrote. Throws a RangeError where the row ends before its values do. */
export class RowReader {
  readonly #view: DataView;
  #at = 0;

  constructor(row: Uint8Array) {
    this.#view = new DataView(row.buffer, row.byteOffset, row.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#view.byteLength;
  }

  number(): number {
    return this.nullable() as number;
  }

  nullable(): number | null {
    const mark = this.#view.getUint8(this.#at++);
    if (mark < SMALL_MAX) return mark;
    const at = this.#at;
    if (mark === UINT16) {
      this.#at += 2;
      return this.#view.getUint16(at, true);
    }
    if (mark === UINT32) {
      this.#at += 4;
      return this.#view.getUint32(at, true);
    }
    if (mark === NULL) return null;
    this.#at += 8;
    return this.#view.getFloat64(at, true);
  }

  /** A number of a `runLike`; `before` is the one before it at its place, if there is one. */
  numberLike(before: number | undefined): number {
    if (this.#view.getUint8(this.#at) !== AS_BEFORE) return this.number();
    this.#at++;
    return before!;
  }

  flag(): boolean {
    return this.number() === 1;
  }

  text(): string {
    const length = this.number();
    let text = '';
    for (let from = 0; from < length; from += TEXT_UNITS_MAX) {
      const units: number[] = [];
      for (let i = from; i < length && i < from + TEXT_UNITS_MAX; i++) units.push(this.number());
      text += String.fromCharCode(...units);
    }
    return text;
  }
}
