import { expect, test } from 'vitest';
import { FetchSize } from '../../../src/sources/kafka/fetch-size.ts';

const MIB = 1024 * 1024;

test('what is not compressed is asked for as the client would', () => {
  const size = new FetchSize();
  for (let i = 0; i < 20; i++) size.learnGrowth(new Uint8Array(1_000), [[messageOf(990)]]);
  expect(asked(size, 4)).toEqual([MIB, MIB, MIB, MIB]);
});

test('the better logs are compressed, the less is asked for, of every partition the same', () => {
  const size = new FetchSize();
  for (let i = 0; i < 20; i++)
    size.learnGrowth(new Uint8Array(1_000), [[messageOf(2_000)], [messageOf(4_000)]]);
  const [first = 0, ...others] = asked(size, 4);
  expect(first).toBeLessThan(MIB / 3);
  expect(first).toBeGreaterThan(MIB / 5);
  expect(new Set(others)).toEqual(new Set([first]));
});

test('no partition is asked for less than a whole batch, however well logs are compressed', () => {
  const size = new FetchSize();
  size.learnBatch(400_000);
  size.learnBatch(500);
  for (let i = 0; i < 20; i++) size.learnGrowth(new Uint8Array(1_000), [[messageOf(50_000)]]);
  expect(asked(size, 4)).toEqual([800_000, 800_000, 800_000, 800_000]);
});

test('a fetch in which nothing was changes nothing, and of many partitions each is still asked for something', () => {
  const size = new FetchSize();
  size.learnGrowth(new Uint8Array(100), [[], []]);
  expect(asked(size, 1)).toEqual([MIB]);
  expect(asked(size, 1_000)[999]).toBe(128 * 1024);
});

function messageOf(bytes: number): { key: null; value: Uint8Array } {
  return { key: null, value: new Uint8Array(bytes) };
}

/** Bytes that each of so many partitions is asked for when kafkajs would ask for 1 MiB. */
function asked(size: FetchSize, partitions: number): number[] {
  const request = {
    topics: [
      {
        topic: 't',
        partitions: Array.from({ length: partitions }, (_, partition) => ({
          partition,
          fetchOffset: '5',
          maxBytes: MIB,
        })),
      },
    ],
  };
  return size.limit(request).topics.flatMap((topic) => topic.partitions.map(({ maxBytes }) => maxBytes));
}
