import { KEPT_BYTES } from './limits.ts';

/** 32 records of the largest kind; what is left at a chunk's end is lost: at most one of 32. */
const CHUNK_BYTES = 64 * 1024;
/** Chunks that wait for the next bucket, 32 MiB; a storm's further ones are given back to the collector. */
const SPARE_CHUNKS_MAX = 512;

/** Chunks of memory that open buckets take and closed ones give back, so that counting allocates none. */
export class ChunkPool {
  readonly #spare: Uint8Array[] = [];

  take(): Uint8Array {
    return this.#spare.pop() ?? new Uint8Array(CHUNK_BYTES);
  }

  give(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) if (this.#spare.length < SPARE_CHUNKS_MAX) this.#spare.push(chunk);
  }
}

/**
 * Bytes of the records kept in one open bucket. Appended to only; what a better sample replaces is garbage until the
 * bucket closes or is compacted. Invariant: live bytes <= rows × kept slots × KEPT_BYTES.
 * An address is a chunk's number × CHUNK_BYTES + the place in it.
 */
export class SampleArena {
  /** The chunk that `used` lies in, and where: what is written there next. */
  chunk: Uint8Array;
  used = 0;
  garbage = 0;
  readonly #pool: ChunkPool;
  #chunks: Uint8Array[];

  constructor(pool: ChunkPool) {
    this.#pool = pool;
    this.chunk = pool.take();
    this.#chunks = [this.chunk];
  }

  /**
   * Makes room for one record of at most `KEPT_BYTES`; returns where it may be written in `chunk`: so many bytes behind a
   * word as `alignment` says, so that a record can be copied by words.
   */
  reserve(alignment = 0): number {
    const end = this.used & (CHUNK_BYTES - 1);
    const gap = (alignment - end) & 3;
    const isFull = (end === 0 && this.used > 0) || end + gap + KEPT_BYTES > CHUNK_BYTES;
    if (isFull) {
      this.used = this.#chunks.length * CHUNK_BYTES + alignment;
      this.chunk = this.#pool.take();
      this.#chunks.push(this.chunk);
      return alignment;
    }
    this.used += gap;
    return end + gap;
  }

  /** A view of `length` bytes at an address. */
  view(at: number, length: number): Uint8Array {
    const place = at & (CHUNK_BYTES - 1);
    return this.#chunks[Math.floor(at / CHUNK_BYTES)]!.subarray(place, place + length);
  }

  /** Worth compacting: more than half of at least a mebibyte is garbage. */
  get wasteful(): boolean {
    return this.used > 1_048_576 && this.garbage * 2 > this.used;
  }

  /** Begins anew with nothing; `moveFrom` then brings what is to stay from the chunks that are returned. */
  restart(): readonly Uint8Array[] {
    const chunks = this.#chunks;
    this.chunk = this.#pool.take();
    this.#chunks = [this.chunk];
    this.used = 0;
    this.garbage = 0;
    return chunks;
  }

  /** Copies a record from the chunks of before a `restart`; returns its new address. */
  moveFrom(chunks: readonly Uint8Array[], at: number, length: number): number {
    const to = this.reserve();
    const place = at & (CHUNK_BYTES - 1);
    const address = this.used;
    this.chunk.set(chunks[Math.floor(at / CHUNK_BYTES)]!.subarray(place, place + length), to);
    this.used += length;
    return address;
  }

  /** Gives chunks that nobody reads any more back. */
  release(chunks: readonly Uint8Array[]): void {
    this.#pool.give(chunks);
  }
}
