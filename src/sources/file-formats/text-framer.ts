import type { FramedMessage, Framer } from './framer.ts';
import { beginsRecord, HEAD_OF_LINE_BYTES } from './record-begin.ts';

/** Lines are handed over in blocks of about this size: one message per line would cost more than decoding it. */
const BLOCK_BYTES = 64 * 1024;

const NEWLINE = 0x0a;

/**
 * Blocks of complete lines, line ends included. A block is cut only where a stack trace is not being cut: between two lines
 * that both look like the beginning of a record (the last line of a Python traceback looks like one, its neighbour does
 * not). Where no such place comes within `maxBytes`, at the last line end before it. A longer line stands alone.
 *
 * Held are the bytes from `#blockOffset` to `offset`: whole lines up to `#lineOffset`, then the line in hand.
 */
export class TextFramer implements Framer {
  offset = 0;
  readonly #maxBytes: number;
  #held: Buffer[] = [];
  #blockOffset = 0;
  #lineOffset = 0;
  /** Last place where the block may be cut; none where it is not above `#blockOffset`. */
  #cutOffset = 0;
  #previousBegins = false;
  /** The line in hand was over the limit and is delivered: the rest of it is passed over. */
  #skipping = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer, out: FramedMessage[]): void {
    const base = this.offset;
    this.offset += chunk.length;
    let from = 0;
    if (this.#skipping) {
      const newline = chunk.indexOf(NEWLINE);
      if (newline < 0) return;
      from = newline + 1;
      this.#startAt(base + from);
      this.#skipping = false;
    }
    if (from < chunk.length) this.#held.push(chunk.subarray(from));
    for (;;) {
      const newline = chunk.indexOf(NEWLINE, from);
      if (newline < 0) break;
      from = newline + 1;
      const start = this.#lineOffset - base;
      const begins = start >= 0 ? beginsRecord(chunk, start, from) : this.#beginsRecord();
      this.#endLine(base + from, begins, out);
    }
    if (this.offset - this.#lineOffset > this.#maxBytes) {
      this.#emitLong(out);
      this.#held = [];
      this.#skipping = true;
    }
  }

  flush(out: FramedMessage[]): void {
    this.#emit(this.#lineOffset, out);
  }

  end(out: FramedMessage[]): null {
    if (!this.#skipping && this.offset > this.#lineOffset)
      this.#endLine(this.offset, this.#beginsRecord(), out);
    this.flush(out);
    return null;
  }

  /** The line in hand ends at `end`. */
  #endLine(end: number, begins: boolean, out: FramedMessage[]): void {
    if (end - this.#blockOffset > this.#maxBytes) this.#emit(this.#lineOffset, out);
    if (begins && this.#previousBegins) this.#cutOffset = this.#lineOffset;
    this.#previousBegins = begins;
    if (end - this.#lineOffset > this.#maxBytes) {
      this.#emitLong(out);
      if (end > this.#blockOffset) this.#take(end - this.#blockOffset);
      this.#startAt(end);
      return;
    }
    this.#lineOffset = end;
    if (end - this.#blockOffset > BLOCK_BYTES) this.#emit(this.#cutOffset, out);
  }

  /** The block, then the beginning of the line in hand. */
  #emitLong(out: FramedMessage[]): void {
    this.#emit(this.#lineOffset, out);
    this.#emit(this.#lineOffset + this.#maxBytes + 1, out);
  }

  /** Begins a block at `offset`, where a line begins; nothing before it is held. */
  #startAt(offset: number): void {
    this.#blockOffset = offset;
    this.#lineOffset = offset;
  }

  #emit(end: number, out: FramedMessage[]): void {
    if (end <= this.#blockOffset) return;
    out.push({ value: this.#take(end - this.#blockOffset), offset: this.#blockOffset });
    this.#blockOffset = end;
  }

  /** Removes the first `length` of the held bytes; without a copy where they arrived in one piece. */
  #take(length: number): Buffer {
    const first = this.#held[0]!;
    if (first.length > length) {
      this.#held[0] = first.subarray(length);
      return first.subarray(0, length);
    }
    const taken: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      const part = this.#held[0]!;
      taken.push(part.subarray(0, missing));
      if (part.length > missing) this.#held[0] = part.subarray(missing);
      else this.#held.shift();
      missing -= Math.min(missing, part.length);
    }
    return taken.length === 1 ? taken[0]! : Buffer.concat(taken);
  }

  /** Of the line in hand, which began in an earlier chunk. */
  #beginsRecord(): boolean {
    let skip = this.#lineOffset - this.#blockOffset;
    let head: Buffer = Buffer.alloc(0);
    for (const part of this.#held) {
      if (part.length > skip) head = Buffer.concat([head, part.subarray(skip, skip + HEAD_OF_LINE_BYTES)]);
      skip = Math.max(0, skip - part.length);
      if (head.length >= HEAD_OF_LINE_BYTES) break;
    }
    return beginsRecord(head, 0, head.length);
  }
}
