import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WinnowError } from '../../src/errors.ts';
import { decodeLz4 } from '../../src/kafka/lz4.ts';
import { decodeSnappy } from '../../src/kafka/snappy.ts';
import { encodeLz4, encodeSnappy, encodeSnappyXerial } from '../support/kafka-encoders.ts';
import { LZ4_FRAME, SAMPLE_TEXT, SNAPPY_BARE, SNAPPY_XERIAL } from '../support/kafka-samples.ts';

const LIMIT = 1024 * 1024;
type Decode = (input: Uint8Array, limitBytes: number) => Uint8Array;

const SAMPLES: [string, Decode, Buffer][] = [
  ['bare snappy', decodeSnappy, SNAPPY_BARE],
  ['xerial snappy', decodeSnappy, SNAPPY_XERIAL],
  ['lz4 frames', decodeLz4, LZ4_FRAME],
];

const ENCODERS: [string, (bytes: Uint8Array) => Buffer, Decode][] = [
  ['bare snappy', encodeSnappy, decodeSnappy],
  ['xerial snappy', (bytes) => encodeSnappyXerial(bytes, 777), decodeSnappy],
  ['lz4 literals', (bytes) => encodeLz4(bytes, false), decodeLz4],
  ['lz4 stored', (bytes) => encodeLz4(bytes, true), decodeLz4],
];

describe.each(SAMPLES)('what the Java libraries write as %s', (_, decode, sample) => {
  test('is decoded', () => {
    expect(text(decode(sample, LIMIT))).toBe(text(SAMPLE_TEXT));
  });

  test('is decoded when the limit is exactly its size, and refused when it is one byte less', () => {
    expect(decode(sample, SAMPLE_TEXT.length).length).toBe(SAMPLE_TEXT.length);
    expect(() => decode(sample, SAMPLE_TEXT.length - 1)).toThrow(WinnowError);
  });

  test('is refused when it is cut off anywhere, but for the ends of whole xerial blocks', () => {
    for (let length = 0; length < sample.length; length++) {
      const outcome = attempt(() => decode(sample.subarray(0, length), LIMIT));
      if (outcome === null) continue;
      expect(decode).toBe(decodeSnappy);
      expect(text(SAMPLE_TEXT).startsWith(text(outcome))).toBe(true);
      expect(outcome.length).toBeLessThan(SAMPLE_TEXT.length);
    }
  });

  test('with any bytes changed gives some bytes within the limit or an error, and reads nothing behind its end', () => {
    const limit = SAMPLE_TEXT.length + 50;
    const edit = fc.record({ at: fc.nat(sample.length - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 8 }), (edits) => {
        const [quiet, loud] = [0x00, 0xff].map((behind) => {
          const memory = Buffer.concat([sample, Buffer.alloc(64, behind)]);
          for (const { at, byte } of edits) memory[at] = byte;
          return attempt(() => decode(memory.subarray(0, sample.length), limit));
        });
        if (quiet !== null) expect(quiet!.length).toBeLessThanOrEqual(limit);
        expect(quiet === null ? null : text(quiet!)).toBe(loud === null ? null : text(loud!));
      }),
      { numRuns: 3000, seed: 4201 },
    );
  });
});

describe.each(ENCODERS)('%s', (_, encode, decode) => {
  test('gives back any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4000 }), (bytes) => {
        expect(decode(encode(bytes), LIMIT)).toEqual(bytes);
      }),
      { numRuns: 300, seed: 4202 },
    );
    const large = Buffer.alloc(300_000, 'winnow');
    expect(Buffer.compare(decode(encode(large), LIMIT), large)).toBe(0);
  });
});

describe.each([
  ['snappy', decodeSnappy],
  ['lz4', decodeLz4],
] as [string, Decode][])('%s', (_, decode) => {
  test('answers arbitrary bytes with bytes within the limit or an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const outcome = attempt(() => decode(bytes, 4096));
        if (outcome !== null) expect(outcome.length).toBeLessThanOrEqual(4096);
      }),
      { numRuns: 3000, seed: 4203 },
    );
  });
});

test('a snappy length that its bytes cannot hold is refused before memory is taken for it', () => {
  const promise = Buffer.from([0x80, 0x80, 0x80, 0x20, 0x00, 0x41]); // 64 MiB from six bytes
  expect(() => decodeSnappy(promise, 64 * 1024 * 1024)).toThrow('impossible');
});

test('lz4 blocks that refer back into the block before are decoded when the frame says they are linked', () => {
  const first = Buffer.from([0x50, 0x68, 0x65, 0x6c, 0x6c, 0x6f]); // literals "hello"
  const second = Buffer.from([0x01, 0x05, 0x00, 0x10, 0x21]); // copy 5 from 5 back, then "!"
  const frame = (flags: number) =>
    Buffer.concat([
      Buffer.from([0x04, 0x22, 0x4d, 0x18, flags, 0x40, 0]),
      Buffer.from([first.length, 0, 0, 0]),
      first,
      Buffer.from([second.length, 0, 0, 0]),
      second,
      Buffer.alloc(4),
    ]);
  expect(text(decodeLz4(frame(0x40), LIMIT))).toBe('hellohello!');
  expect(() => decodeLz4(frame(0x60), LIMIT)).toThrow('out of range');
});

test('concatenated and skippable lz4 frames are read as one', () => {
  const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9]);
  const frames = Buffer.concat([
    encodeLz4(Buffer.from('one '), true),
    skippable,
    encodeLz4(Buffer.from('two'), false),
  ]);
  expect(text(decodeLz4(frames, LIMIT))).toBe('one two');
});

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** Null = refused with an error of ours; anything else that is thrown is a bug. */
function attempt(decode: () => Uint8Array): Uint8Array | null {
  try {
    return decode();
  } catch (error) {
    expect(error).toBeInstanceOf(WinnowError);
    return null;
  }
}
