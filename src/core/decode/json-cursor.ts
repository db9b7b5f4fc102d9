import { isDigit } from './ascii.ts';
import { ESCAPES, HEX_DIGITS, IS_PLAIN, isPlainWord, putCharacter } from './json-text.ts';
import { isLiteralAt, type Literal } from './literal.ts';
import { keyOf } from './otlp-json-keys.ts';

/** Behind the last member of an object or the last item of a list. */
export const END = -1;
/** Not JSON, or not as plain as this reader takes it. */
export const BAD = -2;

/** Objects and lists that a value passed over may be nested. */
const MAX_SKIPPED_DEPTH = 64;

const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
export const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * A cursor over JSON bytes, strict as JSON.parse and stricter: invalid UTF-8 and escapes in keys are BAD too. Nothing
 * throws, nothing reads beyond `end`. After BAD the cursor stands anywhere.
 */
export class JsonCursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  private view = new DataView(this.bytes.buffer);

  open(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.bytes) this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** The next byte that is not white space; the cursor stands on it. 0 = the end. */
  peek(): number {
    let c = this.byteAt(this.at);
    while (c === 0x20 || c === 0x0a || c === 0x0d || c === 0x09) c = this.byteAt(++this.at);
    return c;
  }

  /** Steps over `c` where it comes next. */
  take(c: number): boolean {
    if (this.peek() !== c) return false;
    this.at++;
    return true;
  }

  /** Steps to the value of an object's next member. The number of its key, END or BAD. */
  member(isFirst: boolean): number {
    let c = this.byteAt(this.at);
    if (c <= SPACE) c = this.peek();
    if (c === CLOSE_BRACE) {
      this.at++;
      return END;
    }
    if (!isFirst) {
      if (c !== COMMA) return BAD;
      c = this.byteAt(++this.at);
      if (c <= SPACE) c = this.peek();
    }
    if (c !== QUOTE) return BAD;
    const start = this.at + 1;
    const at = this.plainEnd(start);
    if (this.byteAt(at) !== QUOTE) return BAD;
    if (this.byteAt(at + 1) === COLON) this.at = at + 2;
    else if (!this.take(COLON)) return BAD;
    c = this.byteAt(this.at);
    if (c <= SPACE) this.peek();
    return keyOf(this.view, start, at - start);
  }

  /** Steps to a list's next item. 0, END or BAD. */
  item(isFirst: boolean): number {
    const c = this.peek();
    if (c === CLOSE_BRACKET) {
      this.at++;
      return END;
    }
    if (isFirst) return 0;
    if (c !== COMMA) return BAD;
    this.at++;
    return this.peek() === CLOSE_BRACKET ? BAD : 0;
  }

  openList(): boolean {
    return this.take(OPEN_BRACKET);
  }

  openObject(): boolean {
    return this.take(OPEN_BRACE);
  }

  /** Steps over `null` where it comes next. */
  isNull(): boolean {
    return this.byteAt(this.at) === 0x6e && this.word('null');
  }

  /** Steps over the text where it comes next, byte for byte. */
  takeLiteral(text: Literal): boolean {
    const { at } = this;
    if (at + text.length > this.end || !isLiteralAt(this.view, at, text)) return false;
    this.at = at + text.step;
    return true;
  }

  /** Steps over two closing braces that follow at once. */
  takeTwoBraces(): boolean {
    const { at } = this;
    if (this.byteAt(at) !== CLOSE_BRACE || this.byteAt(at + 1) !== CLOSE_BRACE) return false;
    this.at = at + 2;
    return true;
  }

  /** Steps over the word where it comes next. */
  word(text: string): boolean {
    for (let i = 0; i < text.length; i++) if (this.byteAt(this.at + i) !== text.charCodeAt(i)) return false;
    this.at += text.length;
    return true;
  }

  isString(): boolean {
    return this.byteAt(this.at) === QUOTE;
  }

  /**
   * Steps over a string of printable ASCII without escapes and returns where its closing quote stands, or BAD. Its text
   * begins behind the cursor's place at the call.
   */
  plainString(): number {
    const at = this.plainEnd(this.at + 1);
    if (this.byteAt(at) !== QUOTE) return BAD;
    this.at = at + 1;
    return at;
  }

  /** Writes the string that comes next to `out[to…]` as UTF-8; returns where it ends there, or BAD. */
  copyString(out: DataView, to: number): number {
    const { bytes, view, end } = this;
    let at = this.at + 1;
    let written = to;
    for (;;) {
      // Four bytes a step; a word that is not plain through and through is copied again byte by byte.
      while (at + 4 <= end) {
        const word = view.getInt32(at, true);
        out.setInt32(written, word, true);
        if (!isPlainWord(word)) break;
        at += 4;
        written += 4;
      }
      let c = at < end ? bytes[at]! : 0;
      while (IS_PLAIN[c] === 1) {
        out.setUint8(written++, c);
        c = ++at < end ? bytes[at]! : 0;
      }
      if (c === QUOTE) {
        this.at = at + 1;
        return written;
      }
      this.at = at;
      written = c === BACKSLASH ? this.copyEscape(out, written) : c > 127 ? this.copyWide(out, written) : BAD;
      if (written < 0) return BAD;
      at = this.at;
    }
  }

  /** Writes the hex digits that come next, in either case, as `size` bytes to `out[to…]`. False = others. */
  copyHex(out: DataView, to: number, from: number, size: number): boolean {
    const { bytes } = this;
    let seen = 0;
    for (let i = 0; i < size; i++) {
      const high = HEX_DIGITS[bytes[from + i * 2]!]!;
      const low = HEX_DIGITS[bytes[from + i * 2 + 1]!]!;
      seen |= high | low;
      out.setUint8(to + i, (high << 4) | low);
    }
    return seen < 16;
  }

  /** Steps over a number, strictly as JSON writes it; returns where it ends, or BAD. */
  number(): number {
    let at = this.at;
    if (this.byteAt(at) === 0x2d) at++;
    const first = at;
    while (isDigit(this.byteAt(at))) at++;
    if (at === first || (at > first + 1 && this.bytes[first] === 0x30)) return BAD;
    if (this.byteAt(at) === 0x2e) {
      const fraction = ++at;
      while (isDigit(this.byteAt(at))) at++;
      if (at === fraction) return BAD;
    }
    if ((this.byteAt(at) | 0x20) === 0x65) {
      at++;
      if (this.byteAt(at) === 0x2b || this.byteAt(at) === 0x2d) at++;
      const exponent = at;
      while (isDigit(this.byteAt(at))) at++;
      if (at === exponent) return BAD;
    }
    this.at = at;
    return at;
  }

  /** Steps over any value. */
  skip(depth = 0): boolean {
    const c = this.peek();
    if (c === QUOTE) return this.skipString();
    if (c === 0x74) return this.word('true');
    if (c === 0x66) return this.word('false');
    if (c === 0x6e) return this.word('null');
    if (c !== OPEN_BRACE && c !== OPEN_BRACKET) return this.number() >= 0;
    if (depth >= MAX_SKIPPED_DEPTH) return false;
    this.at++;
    const isObject = c === OPEN_BRACE;
    let next = isObject ? this.member(true) : this.item(true);
    while (next >= 0) {
      if (!this.skip(depth + 1)) return false;
      next = isObject ? this.member(false) : this.item(false);
    }
    return next === END;
  }

  /** Text of printable ASCII `[start, end)`. */
  text(start: number, end: number): string {
    let text = '';
    for (let i = start; i < end; i++) text += String.fromCharCode(this.bytes[i]!);
    return text;
  }

  private skipString(): boolean {
    for (;;) {
      const at = this.plainEnd(this.at + 1);
      const c = this.byteAt(at);
      this.at = at;
      if (c === QUOTE) {
        this.at++;
        return true;
      }
      const length = c === BACKSLASH ? this.escapeLength() : c > 127 ? this.wideLength() : 0;
      if (length === 0) return false;
      this.at = at + length - 1;
    }
  }

  /** End of the plain bytes from `from` on. */
  private plainEnd(from: number): number {
    const { bytes, view, end } = this;
    let at = from;
    while (at + 4 <= end && isPlainWord(view.getInt32(at, true))) at += 4;
    while (at < end && IS_PLAIN[bytes[at]!] === 1) at++;
    return at;
  }

  private byteAt(at: number): number {
    return at < this.end ? this.bytes[at]! : 0;
  }

  private copyEscape(out: DataView, to: number): number {
    const length = this.escapeLength();
    if (length === 0) return BAD;
    const plain = ESCAPES[this.bytes[this.at + 1]!]!;
    const unit = length === 2 ? plain : this.hex4(this.at + 2);
    this.at += length;
    if ((unit & 0xf800) !== 0xd800) return putCharacter(out, to, unit);
    // The first half of a pair; a half that stands alone is U+FFFD in UTF-8.
    if (unit < 0xdc00 && this.byteAt(this.at) === BACKSLASH && this.byteAt(this.at + 1) === 0x75) {
      const low = this.hex4(this.at + 2);
      if (low < 0) return BAD;
      if ((low & 0xfc00) === 0xdc00) {
        this.at += 6;
        return putCharacter(out, to, 0x10000 + ((unit & 0x3ff) << 10) + (low & 0x3ff));
      }
    }
    return putCharacter(out, to, 0xfffd);
  }

  /** Bytes of the escape at the cursor, 0 = none. */
  private escapeLength(): number {
    const c = this.byteAt(this.at + 1);
    if (c === 0x75) return this.hex4(this.at + 2) < 0 ? 0 : 6;
    return ESCAPES[c] === 0 ? 0 : 2;
  }

  private hex4(at: number): number {
    let value = 0;
    for (let i = 0; i < 4; i++) {
      const digit = HEX_DIGITS[this.byteAt(at + i)]!;
      if (digit > 15) return -1;
      value = value * 16 + digit;
    }
    return value;
  }

  private copyWide(out: DataView, to: number): number {
    const length = this.wideLength();
    if (length === 0) return BAD;
    for (let i = 0; i < length; i++) out.setUint8(to + i, this.bytes[this.at + i]!);
    this.at += length;
    return to + length;
  }

  /** Bytes of the character beyond ASCII at the cursor, 0 = not UTF-8 (Unicode standard, table 3-7). */
  private wideLength(): number {
    const { at } = this;
    const lead = this.byteAt(at);
    const second = this.byteAt(at + 1);
    if ((second & 0xc0) !== 0x80 || lead < 0xc2 || lead > 0xf4) return 0;
    if (lead < 0xe0) return 2;
    if ((this.byteAt(at + 2) & 0xc0) !== 0x80) return 0;
    if (lead < 0xf0) return (lead === 0xe0 && second < 0xa0) || (lead === 0xed && second > 0x9f) ? 0 : 3;
    if ((this.byteAt(at + 3) & 0xc0) !== 0x80) return 0;
    return (lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f) ? 0 : 4;
  }
}
