import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import kafkajs from 'kafkajs';
import { WinnowError } from '../errors.ts';
import { type BatchDefect, corruptBatchRecords, markedDefect } from './corrupt-batch.ts';
import { decodeLz4 } from './lz4.ts';
import { decodeSnappy } from './snappy.ts';
import { gzipStatedSize, zstdStatedSize } from './stated-size.ts';

/**
 * Registers bounded decoders for all of Kafka's codecs with kafkajs, whose own gzip has no bound and which has no others.
 * The registry is kafkajs' and is shared by the process; registering again changes nothing.
 */
export function registerKafkaCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  const budget = new FetchBudget();
  CompressionCodecs[CompressionTypes.GZIP] = () =>
    codec(budget, (bytes) => gunzipSync(bytes, room(bytes, gzipStatedSize(bytes))), gzipSync);
  CompressionCodecs[CompressionTypes.Snappy] = () =>
    codec(budget, (bytes) => decodeSnappy(bytes, DECOMPRESSED_BYTES_MAX), null);
  CompressionCodecs[CompressionTypes.LZ4] = () =>
    codec(budget, (bytes) => decodeLz4(bytes, DECOMPRESSED_BYTES_MAX), null);
  CompressionCodecs[CompressionTypes.ZSTD] = () =>
    codec(budget, (bytes) => zstdDecompressSync(bytes, room(bytes, zstdStatedSize(bytes))), zstdCompressSync);
}

/**
 * Into one piece where the size is stated, with a byte to spare: zlib's pieces of 16 KiB, put together at the end, cost a
 * third more. A size out of proportion, or above the bound, takes no memory: then pieces of `PIECE_BYTES` do.
 */
function room(bytes: Uint8Array, statedSize: number): { maxOutputLength: number; chunkSize: number } {
  const most = Math.min(bytes.length * RATIO_MAX, DECOMPRESSED_BYTES_MAX);
  const isPlausible = statedSize > PIECE_BYTES && statedSize <= most;
  return { maxOutputLength: DECOMPRESSED_BYTES_MAX, chunkSize: isPlausible ? statedSize + 1 : PIECE_BYTES };
}

/** Pieces of what does not say how large it is, or is small. */
const PIECE_BYTES = 16 * 1024;
/** Log text shrinks by 5 to 20. */
const RATIO_MAX = 32;

/**
 * Bound of one record batch after decompression. A batch is at most `max.message.bytes` (1 MiB) compressed and log text
 * shrinks by about 10; 64 MiB is what opentelemetry-proto recommends as a request's limit after decompression.
 */
const DECOMPRESSED_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Bound of all batches of one fetch after decompression; the last one may go over it by its own size. A fetch of 8 MiB
 * can hold a thousand batches that grow to `DECOMPRESSED_BYTES_MAX` each.
 */
const FETCH_BYTES_MAX = 128 * 1024 * 1024;

/** Thrown for a batch that has no room left in its fetch. kafkajs takes the name for a batch that was cut off, and fetches it again. */
class FetchIsFull extends Error {
  override readonly name = 'KafkaJSPartialMessageError';
}

/** What each fetch has grown to. All batches of a fetch are views into one buffer, which is what tells fetches apart. */
class FetchBudget {
  readonly #spent = new WeakMap<ArrayBufferLike, number>();

  /** The first batch of a fetch is always let through, so that reading goes on. */
  claim(bytes: Uint8Array): void {
    if ((this.#spent.get(bytes.buffer) ?? 0) >= FETCH_BYTES_MAX) throw new FetchIsFull();
  }

  charge(bytes: Uint8Array, decodedBytes: number): void {
    this.#spent.set(bytes.buffer, (this.#spent.get(bytes.buffer) ?? 0) + decodedBytes);
  }
}

/** zlib names the limit in the error's code, our own decoders in its text. */
function defectOf(error: unknown): BatchDefect {
  const { code, message } = error as { code?: unknown; message?: unknown };
  const isLimit = code === 'ERR_BUFFER_TOO_LARGE' || String(message).includes('exceeds the limit');
  return isLimit ? 'limit' : 'compression';
}

/** What kafkajs asks of a codec; its encoder is given as an object around the bytes. */
interface KafkaCodec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

function codec(
  budget: FetchBudget,
  decode: (bytes: Buffer) => Uint8Array,
  encode: ((bytes: Buffer) => Buffer) | null,
): KafkaCodec {
  return {
    async compress(encoder) {
      if (encode === null)
        throw new WinnowError('WINNOW_KAFKA_CODEC', 'this codec can only be read', {
          hint: 'use gzip or zstd to write',
        });
      return encode(encoder.buffer);
    },
    async decompress(bytes) {
      try {
        const marked = markedDefect(bytes);
        if (marked !== null) throw new WinnowError('WINNOW_KAFKA_CODEC', `read record batch: ${marked}`);
        budget.claim(bytes);
        const decoded = decode(bytes);
        budget.charge(bytes, decoded.byteLength);
        return Buffer.from(decoded.buffer, decoded.byteOffset, decoded.byteLength);
      } catch (error) {
        if (error instanceof FetchIsFull) throw error;
        const replacement = corruptBatchRecords(bytes, markedDefect(bytes) ?? defectOf(error));
        if (replacement === null) throw error;
        return replacement;
      }
    },
  };
}
