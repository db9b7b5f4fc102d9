/** Buffers that come back are kept up to this size; larger ones hold a single large message. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;
/** What is taken is at least this large, so that it serves again. A partition's part of a fetch is 1 MiB. */
const TAKEN_BYTES_MIN = 1024 * 1024;

/** Buffers that go back and forth: what is allocated anew for every batch, the garbage collector runs for all the time. */
export class BufferPool {
  readonly #free: ArrayBuffer[] = [];
  readonly #keptMax: number;

  /** Keeps `keptMax` buffers at most. */
  constructor(keptMax: number) {
    this.#keptMax = keptMax;
  }

  /** At least as many bytes as asked for; what they hold is undefined. */
  take(bytes: number): ArrayBuffer {
    const found = this.#free.findIndex((buffer) => buffer.byteLength >= bytes);
    if (found >= 0) return this.#free.splice(found, 1)[0]!;
    // None is large enough: the oldest makes way for one that is.
    this.#free.shift();
    return new ArrayBuffer(
      bytes > KEPT_BYTES_MAX ? bytes : Math.max(TAKEN_BYTES_MIN, 2 ** Math.ceil(Math.log2(bytes))),
    );
  }

  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength <= KEPT_BYTES_MAX && this.#free.length < this.#keptMax) this.#free.push(buffer);
  }
}
