/** One message of a file: `offset` is where it begins in the decompressed content. */
export interface FramedMessage {
  readonly value: Uint8Array;
  readonly offset: number;
}

/**
 * Cuts a stream of bytes into messages. Where the cuts are depends on the bytes only, not on how they arrived in chunks,
 * so offsets are the same on every reading. Holds at most one message; one that is larger than the limit is delivered
 * as its first `limit + 1` bytes, so that the reader sees it is too large, and the rest is passed over.
 */
export interface Framer {
  /** Appends the messages that end within `chunk` to `out`. They may share the chunk's memory. */
  push(chunk: Buffer, out: FramedMessage[]): void;
  /** Hands over what is complete but held back in the hope of more, because no more is coming soon. */
  flush(out: FramedMessage[]): void;
  /** The content ended well. Returns what is wrong with the tail, or null. */
  end(out: FramedMessage[]): string | null;
  /** Bytes pushed, from the beginning of the content. */
  readonly offset: number;
}

/** Collects the parts of one message that arrive in several chunks, up to `limit + 1` bytes. */
export class PartialMessage {
  /** All bytes added, also those over the limit. */
  length = 0;
  readonly #limit: number;
  #parts: Buffer[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(part: Buffer): void {
    const room = this.#limit + 1 - this.length;
    if (room > 0 && part.length > 0) this.#parts.push(part.length > room ? part.subarray(0, room) : part);
    this.length += part.length;
  }

  /** The message so far; starts the next one. */
  take(): Buffer {
    const value = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    this.#parts = [];
    this.length = 0;
    return value;
  }
}
