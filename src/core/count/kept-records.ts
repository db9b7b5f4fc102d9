import * as header from './kept-header.ts';
import { KEPT_BYTES } from './limits.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { HEADER_BYTES, LENGTH, WORD_BYTES } = header;

/**
 * Kept records are named by where they begin, in units of a word of eight bytes: a chunk's number × CHUNK_UNITS + the place
 * in it.
 */
const UNIT_BYTES = WORD_BYTES;
/** 64 KiB, at least 31 records of the largest kind; what is left at a chunk's end is lost. */
const CHUNK_SHIFT = 13;
const CHUNK_UNITS = 1 << CHUNK_SHIFT;
const CHUNK_BYTES = CHUNK_UNITS * UNIT_BYTES;
/** Chunks that wait for the next bucket whatever is in use, 2 MiB. */
const SPARE_CHUNKS_MIN = 32;

/** Kept records, seen as numbers of each size. */
export class Chunk {
  readonly bytes = new Uint8Array(CHUNK_BYTES);
  readonly halves = new Int16Array(this.bytes.buffer);
  readonly words = new Int32Array(this.bytes.buffer);
  readonly numbers = new Float64Array(this.bytes.buffer);
  readonly longs = new BigInt64Array(this.bytes.buffer);
}

/**
 * Chunks of memory that open buckets take and closed ones give back, so that counting allocates few. As many wait as are in
 * use, for what is open grows and shrinks by about that much from bucket to bucket; a storm's go to the collector.
 */
export class ChunkPool {
  readonly #spare: Chunk[] = [];
  #inUse = 0;

  take(): Chunk {
    this.#inUse++;
    return this.#spare.pop() ?? new Chunk();
  }

  give(chunks: readonly Chunk[]): void {
    this.#inUse -= chunks.length;
    for (const chunk of chunks) this.#spare.push(chunk);
    this.#spare.length = Math.min(this.#spare.length, Math.max(SPARE_CHUNKS_MIN, this.#inUse));
  }
}

/** Units of a record with so many bytes of its own. */
export function unitsFor(bytes: number): number {
  return (HEADER_BYTES + bytes + UNIT_BYTES - 1) >> 3;
}

const RECORD_UNITS_MAX = unitsFor(KEPT_BYTES);

/**
 * The records kept in one open bucket: each what is known of it and then its bytes, in one piece. Where one was, one that
 * is no longer can be written; else they are appended, and what is replaced is garbage until the bucket closes or is
 * compacted. Invariant: live units <= rows × kept records × RECORD_UNITS_MAX.
 */
export class KeptRecords {
  /** In units. */
  garbage = 0;
  #used = 0;
  #chunks: Chunk[] = [];
  readonly #pool: ChunkPool;

  constructor(pool: ChunkPool) {
    this.#pool = pool;
  }

  chunkOf(at: number): Chunk {
    return this.#chunks[at >> CHUNK_SHIFT]!;
  }

  /** Room for a record of any length, until the next call, of which `take` says how much was used. */
  reserve(units = RECORD_UNITS_MAX): number {
    const end = this.#chunks.length * CHUNK_UNITS;
    if (this.#used + units > end) {
      this.#used = end;
      this.#chunks.push(this.#pool.take());
    }
    return this.#used;
  }

  take(units: number): void {
    this.#used += units;
  }

  /** How many units the record at `at` has. */
  unitsAt(at: number): number {
    return unitsIn(this.chunkOf(at), placeOf(at));
  }

  /** A view of a record's own bytes. */
  view(at: number): Uint8Array {
    const { bytes, halves } = this.chunkOf(at);
    const place = placeOf(at);
    const start = place * UNIT_BYTES + HEADER_BYTES;
    return bytes.subarray(start, start + Math.abs(halves[place * 4 + LENGTH]!));
  }

  /** Worth compacting: more than half of at least a mebibyte is garbage. */
  get isWasteful(): boolean {
    return this.#used * UNIT_BYTES > 1_048_576 && this.garbage * 2 > this.#used;
  }

  /** Begins anew with nothing; `moveFrom` then brings what is to stay from the chunks that are returned. */
  restart(): readonly Chunk[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#used = 0;
    this.garbage = 0;
    return chunks;
  }

  /** Copies a record from the chunks of before a `restart`; returns where it is now. */
  moveFrom(chunks: readonly Chunk[], at: number): number {
    const chunk = chunks[at >> CHUNK_SHIFT]!;
    const place = placeOf(at);
    const units = unitsIn(chunk, place);
    const to = this.reserve(units);
    this.chunkOf(to).words.set(chunk.words.subarray(place * 2, (place + units) * 2), placeOf(to) * 2);
    this.take(units);
    return to;
  }

  /** Gives chunks that nobody reads any more back. */
  release(chunks: readonly Chunk[]): void {
    this.#pool.give(chunks);
  }
}

/** Place of a record in its chunk: the index of its first number. */
export function placeOf(at: number): number {
  return at & (CHUNK_UNITS - 1);
}

function unitsIn({ halves }: Chunk, place: number): number {
  return unitsFor(Math.abs(halves[place * 4 + LENGTH]!));
}
