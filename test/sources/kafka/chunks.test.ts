import type { KafkaMessage } from 'kafkajs';
import { expect, test } from 'vitest';
import { corruptBatchRecords } from '../../../src/kafka/corrupt-batch.ts';
import { CHUNK_BYTES_MAX, CHUNK_MESSAGES_MAX, takeChunk } from '../../../src/sources/kafka/chunks.ts';

/** A high watermark above all offsets here. */
const END = 10_000;

test('a batch is cut into chunks of bounded count that lose nothing and keep the order', () => {
  const messages = Array.from({ length: 1201 }, (_, i) => message(i, Buffer.from(`m${i}`)));
  const sizes: number[] = [];
  const offsets: number[] = [];
  for (let at = 0; at < messages.length; ) {
    const chunk = takeChunk(messages, at, END);
    sizes.push(chunk.messages.length);
    offsets.push(...chunk.messages.map(({ offset }) => offset));
    at = chunk.end;
  }
  expect(sizes).toEqual([CHUNK_MESSAGES_MAX, CHUNK_MESSAGES_MAX, 201]);
  expect(offsets).toEqual(messages.map((_, i) => i));
});

test('a chunk ends with the message that fills it, and a message above the bound travels alone', () => {
  const quarter = Buffer.alloc(CHUNK_BYTES_MAX / 4);
  const large = Buffer.alloc(CHUNK_BYTES_MAX + 1);
  const messages = [quarter, quarter, quarter, quarter, quarter, large].map((value, i) => message(i, value));
  expect(takeChunk(messages, 0, END).end).toBe(4);
  expect(takeChunk(messages, 4, END).end).toBe(6);
  expect(takeChunk(messages, 5, END).messages.map(({ value }) => value.length)).toEqual([large.length]);
});

test('a null value becomes no bytes, and a missing timestamp becomes NaN', () => {
  const [tombstone, plain] = takeChunk(
    [message(7, null, '-1'), message(8, Buffer.from('x'), '1700')],
    0,
    END,
  ).messages;
  expect(tombstone).toEqual({ value: new Uint8Array(0), offset: 7, referenceTimeMs: Number.NaN, key: null });
  expect(plain!.referenceTimeMs).toBe(1700);
});

test('records of an unreadable batch form chunks of their own', () => {
  const marker = corruptValue();
  const messages = [Buffer.from('a'), marker, marker, Buffer.from('b')].map((value, i) => message(i, value));
  const first = takeChunk(messages, 0, END);
  const second = takeChunk(messages, first.end, END);
  const third = takeChunk(messages, second.end, END);
  expect([first, second, third].map(({ end, defect }) => [end, defect])).toEqual([
    [1, null],
    [3, 'compression'],
    [4, null],
  ]);
});

test('an offset that goes back, repeats or lies behind the end of the partition is refused as damage', () => {
  const batch = (...offsets: number[]) => offsets.map((offset) => message(offset, Buffer.from('x')));
  for (const messages of [batch(5, 4), batch(5, 5), batch(5, 10), batch(5, 2 ** 40)]) {
    expect(() => takeChunk(messages, 0, 10)).toThrow(/offset \d+ after 5/);
    expect(() => takeChunk(messages, 1, 10)).toThrow(/offset \d+ after 5/);
  }
  expect(takeChunk(batch(5, 9), 0, 10).end).toBe(2);
});

function message(offset: number, value: Buffer | null, timestamp = '1000'): KafkaMessage {
  return { key: null, value, timestamp, attributes: 0, offset: String(offset), headers: {} };
}

/** The value that stands for a record of an unreadable batch, taken from what the codec puts in its place. */
function corruptValue(): Buffer {
  const response = Buffer.alloc(64);
  response.writeInt32BE(1, 64 - 8 - 4);
  const record = corruptBatchRecords(response.subarray(64 - 8), 'compression');
  return record!.subarray(6, -1);
}
