import { type FramedMessage, type Framer, PartialMessage } from './framer.ts';

/** Lines are handed over in blocks of about this size: one message per line would cost more than decoding it. */
const BLOCK_BYTES = 64 * 1024;

const NEWLINE = 0x0a;

/**
 * Blocks of complete lines, line ends included. A block is cut only where a stack trace is not being cut: between two lines
 * that both look like the beginning of a record (the last line of a Python traceback looks like one, its neighbour does
 * not). Where no such place comes within `maxBytes`, at the last line end before it.
 */
export class TextFramer implements Framer {
  offset = 0;
  readonly #maxBytes: number;
  readonly #line: PartialMessage;
  #block: Buffer[] = [];
  #blockBytes = 0;
  #blockOffset = 0;
  /** Number of lines and bytes of the block before the last place where it may be cut; 0 = none. */
  #cutLines = 0;
  #cutBytes = 0;
  #previousBegins = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#line = new PartialMessage(maxBytes);
  }

  push(chunk: Buffer, out: FramedMessage[]): void {
    let start = 0;
    for (;;) {
      const newline = chunk.indexOf(NEWLINE, start);
      if (newline < 0) break;
      this.#addLine(this.#wholeLine(chunk.subarray(start, newline + 1)), out);
      start = newline + 1;
    }
    this.#line.add(chunk.subarray(start));
    this.offset += chunk.length;
  }

  flush(out: FramedMessage[]): void {
    this.#emit(this.#block.length, this.#blockBytes, out);
  }

  end(out: FramedMessage[]): null {
    if (this.#line.length > 0) this.#addLine(this.#wholeLine(Buffer.alloc(0)), out);
    this.flush(out);
    return null;
  }

  #wholeLine(tail: Buffer): Line {
    const bytes = this.#line.length + tail.length;
    if (this.#line.length === 0 && bytes <= this.#maxBytes) return { value: tail, bytes };
    this.#line.add(tail);
    return { value: this.#line.take(), bytes };
  }

  #addLine(line: Line, out: FramedMessage[]): void {
    const begins = beginsRecord(line.value);
    if (this.#blockBytes + line.bytes > this.#maxBytes) this.flush(out);
    if (begins && this.#previousBegins && this.#block.length > 0) {
      this.#cutLines = this.#block.length;
      this.#cutBytes = this.#blockBytes;
    }
    this.#previousBegins = begins;
    this.#block.push(line.value);
    this.#blockBytes += line.bytes;
    if (this.#blockBytes > BLOCK_BYTES && this.#cutLines > 0) this.#emit(this.#cutLines, this.#cutBytes, out);
    // A line over the limit stands alone, so that only it is too large.
    if (this.#blockBytes > this.#maxBytes) this.flush(out);
  }

  #emit(lines: number, bytes: number, out: FramedMessage[]): void {
    if (lines === 0) return;
    const value = Buffer.concat(this.#block.slice(0, lines));
    out.push({ value, offset: this.#blockOffset });
    this.#block = this.#block.slice(lines);
    this.#blockOffset += bytes;
    this.#blockBytes -= bytes;
    this.#cutLines = 0;
    this.#cutBytes = 0;
  }
}

/** `bytes` counts the whole line, also what was cut from `value`. */
interface Line {
  readonly value: Buffer;
  readonly bytes: number;
}

/** Beginnings of lines that belong to the record before, in the traces of the JVM, .NET, Node, Python, Go and Ruby. */
const CONTINUATIONS = [
  'at ',
  'Caused by:',
  'Suppressed:',
  'Traceback ',
  'During handling of ',
  'The above exception ',
  'goroutine ',
  'created by ',
  'from ',
  '...',
  '--- End of ',
  '}',
  ']',
  ')',
].map((text) => Buffer.from(text));

function beginsRecord(line: Buffer): boolean {
  const first = line[0] ?? NEWLINE;
  if (first <= 0x20) return false;
  return !CONTINUATIONS.some(
    (text) => line.length >= text.length && text.compare(line, 0, text.length) === 0,
  );
}
