import { type FramedMessage, type Framer, PartialMessage } from './framer.ts';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** One message per line, without its line end; blank lines are passed over. The last line needs no line end. */
export class LineFramer implements Framer {
  offset: number;
  readonly #maxBytes: number;
  readonly #partial: PartialMessage;
  #lineOffset: number;

  constructor(maxBytes: number, offset = 0) {
    this.#maxBytes = maxBytes;
    this.#partial = new PartialMessage(maxBytes);
    this.offset = offset;
    this.#lineOffset = offset;
  }

  push(chunk: Buffer, out: FramedMessage[]): void {
    let start = 0;
    for (;;) {
      const newline = chunk.indexOf(NEWLINE, start);
      if (newline < 0) break;
      this.#finishLine(chunk.subarray(start, newline), out);
      start = newline + 1;
      this.#lineOffset = this.offset + start;
    }
    this.#partial.add(chunk.subarray(start));
    this.offset += chunk.length;
  }

  flush(): void {
    // A line is handed over when it ends.
  }

  end(out: FramedMessage[]): null {
    this.#finishLine(Buffer.alloc(0), out);
    this.#lineOffset = this.offset;
    return null;
  }

  #finishLine(tail: Buffer, out: FramedMessage[]): void {
    let value = tail;
    if (this.#partial.length > 0 || tail.length > this.#maxBytes) {
      this.#partial.add(tail);
      value = this.#partial.take();
    }
    if (value.length <= this.#maxBytes && value.at(-1) === CARRIAGE_RETURN) value = value.subarray(0, -1);
    if (!isBlank(value)) out.push({ value, offset: this.#lineOffset });
  }
}

function isBlank(line: Uint8Array): boolean {
  for (const byte of line) if (byte > 0x20) return false;
  return true;
}
