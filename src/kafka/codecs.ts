import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import kafkajs from 'kafkajs';
import { WinnowError } from '../errors.ts';
import { corruptBatchRecords } from './corrupt-batch.ts';
import { decodeLz4 } from './lz4.ts';
import { decodeSnappy } from './snappy.ts';

/**
 * Registers bounded decoders for all of Kafka's codecs with kafkajs, whose own gzip has no bound and which has no others.
 * The registry is kafkajs' and is shared by the process; registering again changes nothing.
 */
export function registerKafkaCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs;
  CompressionCodecs[CompressionTypes.GZIP] = () =>
    codec((bytes) => gunzipSync(bytes, { maxOutputLength: DECOMPRESSED_BYTES_MAX }), gzipSync);
  CompressionCodecs[CompressionTypes.Snappy] = () =>
    codec((bytes) => decodeSnappy(bytes, DECOMPRESSED_BYTES_MAX), null);
  CompressionCodecs[CompressionTypes.LZ4] = () =>
    codec((bytes) => decodeLz4(bytes, DECOMPRESSED_BYTES_MAX), null);
  CompressionCodecs[CompressionTypes.ZSTD] = () =>
    codec(
      (bytes) => zstdDecompressSync(bytes, { maxOutputLength: DECOMPRESSED_BYTES_MAX }),
      zstdCompressSync,
    );
}

/**
 * Bound of one record batch after decompression. A batch is at most `max.message.bytes` (1 MiB) compressed and log text
 * shrinks by about 10; 64 MiB is what opentelemetry-proto recommends as a request's limit after decompression.
 */
const DECOMPRESSED_BYTES_MAX = 64 * 1024 * 1024;

/** What kafkajs asks of a codec; its encoder is given as an object around the bytes. */
interface KafkaCodec {
  compress(encoder: { buffer: Buffer }): Promise<Buffer>;
  decompress(bytes: Buffer): Promise<Buffer>;
}

function codec(
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
        const decoded = decode(bytes);
        return Buffer.from(decoded.buffer, decoded.byteOffset, decoded.byteLength);
      } catch (error) {
        const replacement = corruptBatchRecords(bytes);
        if (replacement === null) throw error;
        return replacement;
      }
    },
  };
}
