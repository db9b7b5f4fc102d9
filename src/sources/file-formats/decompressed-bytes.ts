import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { ByteStream } from './byte-stream.ts';

export type Compression = 'gzip' | 'zstd';

/** One output chunk; the zlib default of 16 KiB costs a turn of the event loop each. */
const OUTPUT_BYTES = 128 * 1024;

/**
 * A gzip or zstd file as its content, whatever number of members or frames it consists of. Before a `next` rejects because
 * the data is cut, everything that came out of the bytes before has been returned; at damage, all but the output block
 * (`OUTPUT_BYTES`) in which it was met.
 *
 * Node's zstd stream ends silently after the first frame when more frames follow in the same write, so each end is
 * followed by a new engine on the bytes that were left.
 */
export class DecompressedBytes implements ByteStream {
  readonly #inner: ByteStream;
  readonly #compression: Compression;
  #engine: Engine;
  #input: Buffer = Buffer.alloc(0);
  #inputEnded = false;

  constructor(inner: ByteStream, compression: Compression) {
    this.#inner = inner;
    this.#compression = compression;
    this.#engine = new Engine(compression);
  }

  get bytesRead(): number {
    return this.#inner.bytesRead;
  }

  async next(): Promise<Buffer | null> {
    for (;;) {
      const output = this.#engine.read();
      if (output !== null) return output;
      if (this.#engine.error !== null) throw this.#engine.error;
      if (this.#engine.ended || (this.#engine.idle && this.#engine.unusedBytes > 0)) {
        if (!(await this.#startNextFrame())) return null;
      } else if (this.#engine.idle && !this.#inputEnded) {
        await this.#feed();
      } else {
        await this.#engine.event();
      }
    }
  }

  async close(): Promise<void> {
    this.#engine.destroy();
    await this.#inner.close();
  }

  async #feed(): Promise<void> {
    const input = await this.#inner.next();
    if (input === null) {
      this.#inputEnded = true;
      this.#engine.end();
    } else {
      this.#input = input;
      this.#engine.write(input);
    }
  }

  /** False when the file has ended. Zero bytes after a frame are padding, as gzip(1) has it. */
  async #startNextFrame(): Promise<boolean> {
    let rest: Buffer | null = this.#input.subarray(this.#input.length - this.#engine.unusedBytes);
    if (rest.length === 0) rest = this.#inputEnded ? null : await this.#inner.next();
    if (rest === null || rest[0] === 0) return false;
    this.#engine.destroy();
    this.#engine = new Engine(this.#compression);
    this.#input = rest;
    this.#engine.write(rest);
    if (this.#inputEnded) this.#engine.end();
    return true;
  }
}

/** One zlib stream, pulled. */
class Engine {
  error: Error | null = null;
  ended = false;
  /** The last write is used up: the next may come. */
  idle = true;
  readonly #stream: Transform & { bytesWritten: number };
  #writtenBytes = 0;
  #happened = false;
  #wake: (() => void) | null = null;

  constructor(compression: Compression) {
    const options = { chunkSize: OUTPUT_BYTES };
    this.#stream = compression === 'gzip' ? createGunzip(options) : createZstdDecompress(options);
    this.#stream.on('readable', this.#onEvent);
    this.#stream.on('end', () => {
      this.ended = true;
      this.#onEvent();
    });
    this.#stream.on('error', (error) => {
      this.error = error;
      this.#onEvent();
    });
  }

  get unusedBytes(): number {
    return this.#writtenBytes - this.#stream.bytesWritten;
  }

  read(): Buffer | null {
    return this.#stream.read() as Buffer | null;
  }

  write(input: Buffer): void {
    this.idle = false;
    this.#writtenBytes += input.length;
    this.#stream.write(input, () => {
      this.idle = true;
      this.#onEvent();
    });
  }

  end(): void {
    this.#stream.end();
  }

  /** Resolves when something happened since it was last called. */
  async event(): Promise<void> {
    if (!this.#happened) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#happened = false;
  }

  destroy(): void {
    this.#stream.destroy();
  }

  readonly #onEvent = (): void => {
    this.#happened = true;
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  };
}
