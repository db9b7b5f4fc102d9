import { constants, gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import kafkajs from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { registerKafkaCodecs } from '../../src/kafka/codecs.ts';
import { gzipStatedSize, zstdStatedSize } from '../../src/kafka/stated-size.ts';

/** Sizes at which the size's field in a zstd frame grows, and around the pieces that zlib hands out. */
const SIZES = [0, 1, 255, 256, 257, 65_791, 65_792, 16_383, 16_384, 16_385, 100_000, 1_000_000];

function text(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => 97 + ((i * i) % 23)));
}

test.each(SIZES)('%i bytes are stated by gzip and, but for very short frames, by zstd', (size) => {
  expect(gzipStatedSize(gzipSync(text(size)))).toBe(size);
  const frame = zstdCompressSync(text(size));
  expect(zstdStatedSize(frame)).toBe(frame.length < 18 ? 0 : size);
});

test('a zstd frame that does not say its size states none', () => {
  const params = { [constants.ZSTD_c_contentSizeFlag]: 0 };
  expect(zstdStatedSize(zstdCompressSync(text(100_000), { params }))).toBe(0);
});

test('any bytes state some size, and are not read beyond their end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const frame = Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), bytes]);
      expect(zstdStatedSize(frame)).toBeGreaterThanOrEqual(0);
      expect(gzipStatedSize(bytes)).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 1_000, seed: 8878 },
  );
});

describe('a codec of kafka', () => {
  registerKafkaCodecs();
  const gzip = kafkajs.CompressionCodecs[kafkajs.CompressionTypes.GZIP]!();
  const zstd = kafkajs.CompressionCodecs[kafkajs.CompressionTypes.ZSTD]!();

  test.each(SIZES)('gives back %i bytes', async (size) => {
    expect(await gzip.decompress(gzipSync(text(size)))).toEqual(text(size));
    expect(await zstd.decompress(zstdCompressSync(text(size)))).toEqual(text(size));
  });

  test('reads a gzip batch of two members, of which only the last one’s size is stated', async () => {
    const members = Buffer.concat([gzipSync(text(90_000)), gzipSync(text(20_000))]);
    expect(await gzip.decompress(members)).toEqual(Buffer.concat([text(90_000), text(20_000)]));
  });

  test('makes one piece of what is stated, and believes no size out of proportion', async () => {
    const bytes = Buffer.from(
      Array.from({ length: 300_000 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 25) % 64),
    );
    const frame = zstdCompressSync(bytes);
    expect((await zstd.decompress(frame)).buffer.byteLength).toBe(300_001);
    // Behind the descriptor of a single segment.
    expect(frame[4]! >> 5).toBe(5);
    const lie = Buffer.from(frame);
    lie.writeUInt32LE(0x7fff_ffff, 5);
    await expect(zstd.decompress(lie)).rejects.toThrow();
  });
});
