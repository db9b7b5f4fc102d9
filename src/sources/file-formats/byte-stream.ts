import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';

/** Bytes in order, pulled: nothing is read ahead of `next` but one chunk. */
export interface ByteStream {
  /** The next bytes, never empty and never reused, so the caller may keep them; null at the end and after `close`. */
  next(): Promise<Buffer | null>;
  /** Bytes taken from the file or pipe so far (before decompression). */
  readonly bytesRead: number;
  /** Idempotent. */
  close(): Promise<void>;
}

/** One read. Larger reads measured no faster; smaller ones cost a turn of the event loop each. */
const READ_BYTES = 128 * 1024;

/** A file from `start` on. */
export async function openFileBytes(
  path: string,
  start: number,
): Promise<ByteStream & { bytesTotal: number }> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    return new FileBytes(handle, start, size);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

class FileBytes implements ByteStream {
  readonly bytesTotal: number;
  readonly #handle: FileHandle;
  readonly #start: number;
  #bytesRead = 0;
  #closed = false;

  constructor(handle: FileHandle, start: number, bytesTotal: number) {
    this.#handle = handle;
    this.#start = start;
    this.bytesTotal = bytesTotal;
  }

  get bytesRead(): number {
    return this.#start + this.#bytesRead;
  }

  async next(): Promise<Buffer | null> {
    if (this.#closed) return null;
    // A pipe named as a file has no positions: read those without one.
    const position = this.#start === 0 ? null : this.#start + this.#bytesRead;
    const { bytesRead, buffer } = await this.#handle.read(
      Buffer.allocUnsafeSlow(READ_BYTES),
      0,
      READ_BYTES,
      position,
    );
    this.#bytesRead += bytesRead;
    return bytesRead === 0 ? null : buffer.subarray(0, bytesRead);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#handle.close();
  }
}

/** Standard input, or any other readable stream of bytes. `close` ends a `next` that is waiting for data. */
export class ReadableBytes implements ByteStream {
  bytesRead = 0;
  readonly #readable: Readable;
  #ended = false;
  #error: Error | null = null;
  #wake: (() => void) | null = null;

  constructor(readable: Readable) {
    this.#readable = readable;
    readable.on('readable', this.#onEvent);
    readable.on('end', this.#onEnd);
    readable.on('close', this.#onEnd);
    readable.on('error', this.#onError);
    if (readable.readableEnded || readable.destroyed) this.#ended = true;
  }

  async next(): Promise<Buffer | null> {
    for (;;) {
      const chunk = this.#readable.read() as Buffer | null;
      if (chunk !== null && chunk.length > 0) {
        this.bytesRead += chunk.length;
        return chunk;
      }
      if (this.#error !== null) throw this.#error;
      if (this.#ended) return null;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  async close(): Promise<void> {
    this.#onEnd();
    this.#readable.destroy();
  }

  readonly #onEvent = (): void => {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#onEvent();
  };

  readonly #onError = (error: Error): void => {
    this.#error = error;
    this.#onEvent();
  };
}

/** Gives a look at the beginning before the first `next`. */
export class PeekableBytes implements ByteStream {
  readonly #inner: ByteStream;
  #head: Buffer[] = [];

  constructor(inner: ByteStream) {
    this.#inner = inner;
  }

  get bytesRead(): number {
    return this.#inner.bytesRead;
  }

  /** The first `length` bytes, fewer only at the end of the stream; they are delivered by `next` as well. */
  async peek(length: number): Promise<Buffer> {
    let held = this.#head.reduce((sum, chunk) => sum + chunk.length, 0);
    while (held < length) {
      const chunk = await this.#inner.next();
      if (chunk === null) break;
      this.#head.push(chunk);
      held += chunk.length;
    }
    return Buffer.concat(this.#head).subarray(0, length);
  }

  async next(): Promise<Buffer | null> {
    return this.#head.shift() ?? (await this.#inner.next());
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
