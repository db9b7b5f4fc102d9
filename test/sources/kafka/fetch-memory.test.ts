import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FetchedMessage, FetchMemory } from '../../../src/sources/kafka/fetch-memory.ts';

const LARGE = 128 * 1024;

describe('the memory of a fetch', () => {
  test('is given back when the last partition in it is handed over, whatever their order', () => {
    const memory = new FetchMemory();
    const response = responseOf(3 * LARGE);
    const partitions = [0, 1, 2].map((i) => [message(response.subarray(i * LARGE, i * LARGE + 1_000))]);
    memory.lend(response, partitions);
    memory.takeBack(partitions[2]!);
    memory.takeBack(partitions[0]!);
    expect(response.length).toBe(3 * LARGE);
    memory.takeBack(partitions[1]!);
    expect(response.length).toBe(0);
  });

  test('is kept for a partition that was dropped', () => {
    const memory = new FetchMemory();
    const response = responseOf(LARGE);
    const partitions = [[message(response.subarray(0, 10))], [message(response.subarray(10, 20))]];
    memory.lend(response, partitions);
    memory.takeBack(partitions[0]!);
    expect(response.length).toBe(LARGE);
  });

  test('a response whose batches were all decompressed is given back at once, they when they are handed over', () => {
    const memory = new FetchMemory();
    const response = responseOf(LARGE);
    const batches = [new Uint8Array(LARGE), new Uint8Array(LARGE)];
    const messages = batches.flatMap((batch) => [message(batch.subarray(0, 9)), message(batch.subarray(9))]);
    memory.lend(response, [messages]);
    expect(response.length).toBe(0);
    expect(batches.map(({ length }) => length)).toEqual([LARGE, LARGE]);
    memory.takeBack(messages);
    expect(batches.map(({ length }) => length)).toEqual([0, 0]);
  });

  test('a response beside which something else lies is never given back, nor is small memory', () => {
    const memory = new FetchMemory();
    const beside = new Uint8Array(2 * LARGE).subarray(8, LARGE);
    const inBeside = [message(beside.subarray(0, 5))];
    memory.lend(beside, [inBeside]);
    memory.takeBack(inBeside);
    const small = responseOf(1_000);
    const inSmall = [message(small.subarray(0, 5))];
    memory.lend(small, [inSmall]);
    memory.takeBack(inSmall);
    expect([beside.length, small.length]).toEqual([LARGE - 8, 1_000]);
  });

  test('messages are never emptied before they are handed over, and those that were filtered out keep it', () => {
    const shape = fc.array(
      fc.array(fc.record({ batch: fc.nat(3), isKept: fc.boolean(), hasValue: fc.boolean() }), {
        maxLength: 8,
      }),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(shape, fc.infiniteStream(fc.nat()), (partitions, choices) => {
        const memory = new FetchMemory();
        const response = responseOf(LARGE);
        const batches = [response, ...[1, 2, 3].map(() => new Uint8Array(LARGE))];
        const fetched = partitions.map((list) =>
          list.map(({ batch, hasValue, isKept }) => {
            const bytes = batches[batch]!.subarray(0, 4);
            return {
              isKept,
              bytes,
              message: hasValue ? message(bytes, bytes) : { value: null, key: bytes },
            };
          }),
        );
        memory.lend(
          response,
          fetched.map((list) => list.map((one) => one.message)),
        );
        const waiting = fetched.map((list) => list.filter(({ isKept }) => isKept));
        while (waiting.length > 0) {
          for (const list of waiting) for (const { bytes } of list) expect(bytes.length).toBe(4);
          const [next] = waiting.splice(choices.next().value % waiting.length, 1);
          memory.takeBack(next!.map((one) => one.message));
        }
      }),
      { seed: 4, numRuns: 500 },
    );
  });
});

/** As it lies in memory: behind its length and number. */
function responseOf(bytes: number): Uint8Array {
  return new Uint8Array(8 + bytes).subarray(8);
}

function message(value: Uint8Array, key: Uint8Array | null = null): FetchedMessage {
  return { key, value };
}
