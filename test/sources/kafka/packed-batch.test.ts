import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Batch, Message } from '../../../src/contracts.ts';
import { packBatch, packedBytes, unpackBatch } from '../../../src/sources/kafka/packed-batch.ts';

const PARTITION = { source: 'kafka', topic: 'logs', partition: 3 };

const anyMessage: fc.Arbitrary<Message> = fc.record({
  value: fc.uint8Array({ maxLength: 300 }),
  key: fc.option(fc.uint8Array({ maxLength: 20 }), { nil: null }),
  offset: fc.maxSafeNat(),
  referenceTimeMs: fc.oneof(fc.constant(Number.NaN), fc.maxSafeNat()),
});

test('what is packed comes out as it went in, also from a buffer that was used before and is too large', () => {
  fc.assert(
    fc.property(fc.array(anyMessage, { maxLength: 40 }), fc.nat(100), (messages, spare) => {
      const batch: Batch = { partition: PARTITION, messages, encoding: 'text', caughtUp: false, waiting: 7 };
      const buffer = new ArrayBuffer(packedBytes(messages) + spare);
      new Uint8Array(buffer).fill(0xaa);
      const packed = packBatch(batch, messages.length === 0 ? null : buffer);
      expect(unpackBatch(packed)).toEqual(batch);
    }),
    { seed: 11 },
  );
});

test('a batch without messages keeps what it says of its partition', () => {
  const batch: Batch = {
    partition: PARTITION,
    messages: [],
    encoding: 'auto',
    caughtUp: true,
    nextOffset: 12,
    defaultService: 'app',
  };
  expect(unpackBatch(packBatch(batch, null))).toEqual(batch);
});

test('an empty key is not a missing one', () => {
  const messages: Message[] = [
    { value: new Uint8Array(0), key: new Uint8Array(0), offset: 1, referenceTimeMs: 5 },
    { value: new Uint8Array([9]), key: null, offset: 2, referenceTimeMs: 5 },
  ];
  const batch: Batch = { partition: PARTITION, messages, encoding: 'text', caughtUp: false };
  const out = unpackBatch(packBatch(batch, new ArrayBuffer(packedBytes(messages))));
  expect(out.messages.map(({ key }) => key)).toEqual([new Uint8Array(0), null]);
});

test('a message whose memory was given back is an error, not an empty message', () => {
  for (const gone of ['value', 'key'] as const) {
    const bytes = new Uint8Array([1, 2, 3]);
    const message: Message = { value: new Uint8Array([4]), [gone]: bytes, offset: 7, referenceTimeMs: 5 };
    const batch: Batch = { partition: PARTITION, messages: [message], encoding: 'text', caughtUp: false };
    const buffer = new ArrayBuffer(packedBytes(batch.messages));
    structuredClone(bytes, { transfer: [bytes.buffer] });
    expect(() => packBatch(batch, buffer)).toThrow('message 7 was given back before it was handed over');
  }
});
