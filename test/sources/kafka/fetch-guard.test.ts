import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { registerKafkaCodecs } from '../../../src/kafka/codecs.ts';
import { batchDefect } from '../../../src/kafka/corrupt-batch.ts';
import { FetchGuard } from '../../../src/sources/kafka/fetch-guard.ts';
import { decodeFetchResponse, encodeBatch, encodeFetchResponse } from '../../support/kafka-fetch-response.ts';
import { range } from '../../support/kafka-shared.ts';

// Method: responses as a broker writes them pass the guard, and then kafkajs' own reader, as in a consumer.

beforeAll(registerKafkaCodecs);

const VERSION = 11;
/** Position of the records in a batch. */
const BODY = 61;

describe('the guard of fetches', () => {
  test.each([4, 5, 6, 7, 8, 9, 10, 11])('leaves a sound response of version %i as it is', async (version) => {
    const response = encodeFetchResponse(version, [
      {
        topic: 'a',
        partition: 0,
        highWatermark: 5,
        batches: [encodeBatch(0, ['x', 'y']), encodeBatch(2, ['z'])],
      },
      { topic: 'b', partition: 7, highWatermark: 0, batches: [] },
    ]);
    const before = Buffer.from(response);
    const guard = new FetchGuard(true);
    guard.inspect(response, version);
    guard.inspect(response, version);
    expect(response.equals(before)).toBe(true);
    const read = await decodeFetchResponse(version, response);
    expect(read.get('a/0')).toEqual([
      [0, 'x'],
      [1, 'y'],
      [2, 'z'],
    ]);
    expect(read.get('b/7')).toEqual([]);
  });

  test.each([4, 5, 6, 7, 8, 9, 10, 11])(
    'of version %i has a batch with a wrong checksum fetched again, then gives its records as unreadable',
    async (version) => {
      const guard = new FetchGuard(true);
      const fetch = async () => {
        const bad = encodeBatch(2, ['two', 'three', 'four']);
        bad[BODY + 8]! ^= 1;
        const batches = [encodeBatch(0, ['zero', 'one']), bad, encodeBatch(5, ['five'])];
        const response = encodeFetchResponse(version, [
          { topic: 'a', partition: 0, highWatermark: 6, batches },
          { topic: 'b', partition: 0, highWatermark: 1, batches: [encodeBatch(0, ['other'])] },
        ]);
        guard.inspect(response, version);
        return await decodeFetchResponse(version, response);
      };
      const first = await fetch();
      expect(first.get('a/0')).toEqual([
        [0, 'zero'],
        [1, 'one'],
      ]);
      expect(first.get('b/0')).toEqual([[0, 'other']]);
      const second = await fetch();
      expect(offsets(second)).toEqual(range(0, 6));
      expect(defects(second)).toEqual([null, null, 'checksum', 'checksum', 'checksum', null]);
    },
  );

  test('takes a batch that is sound the second time', async () => {
    const guard = new FetchGuard(true);
    const response = (isBad: boolean) => {
      const batch = encodeBatch(0, ['zero', 'one']);
      if (isBad) batch[BODY + 8]! ^= 1;
      return encodeFetchResponse(VERSION, [{ topic: 'a', partition: 0, highWatermark: 2, batches: [batch] }]);
    };
    for (const isBad of [true, false, true]) {
      const bytes = response(isBad);
      guard.inspect(bytes, VERSION);
      expect(offsets(await decodeFetchResponse(VERSION, bytes))).toEqual(isBad ? [] : [0, 1]);
    }
  });

  test.each<[string, number, number]>([
    ['a negative number of records', 57, -1],
    ['more records than offsets', 57, 1_000],
    ['a last offset behind the next batch', 23, 1_000],
    ['a negative last offset', 23, -5],
  ])(
    'a header under a wrong checksum that says %s is not believed: the gap to the next batch is filled',
    async (_, at, value) => {
      const guard = new FetchGuard(true);
      let read = new Map<string, [number, string][]>();
      for (let i = 0; i < 2; i++) {
        const bad = encodeBatch(0, ['zero', 'one', 'two']);
        bad.writeInt32BE(value, at);
        const batches = [bad, encodeBatch(3, ['three'])];
        const response = encodeFetchResponse(VERSION, [
          { topic: 'a', partition: 0, highWatermark: 4, batches },
        ]);
        guard.inspect(response, VERSION);
        read = await decodeFetchResponse(VERSION, response);
      }
      expect(offsets(read).at(-1)).toBe(3);
      expect(offsets(read).at(-2)).toBe(2);
      expect(
        defects(read)
          .slice(0, -1)
          .every((defect) => defect === 'checksum'),
      ).toBe(true);
    },
  );

  test('a batch with more records than there is memory for becomes one record at its last offset', async () => {
    const batch = encodeBatch(10, ['only one'], 300_000);
    const batches = [batch, encodeBatch(300_010, ['next'])];
    const response = encodeFetchResponse(VERSION, [
      { topic: 'a', partition: 0, highWatermark: 300_011, batches },
    ]);
    new FetchGuard(true).inspect(response, VERSION);
    const read = await decodeFetchResponse(VERSION, response);
    expect(offsets(read)).toEqual([300_009, 300_010]);
    expect(defects(read)).toEqual(['limit', null]);
  });

  test('a fetch of very many records is read in parts', async () => {
    const values = range(0, 100_000).map(() => '');
    const one = encodeBatch(0, values);
    const batches = range(0, 4).map((i) => {
      const batch = Buffer.from(one);
      // Not under the checksum.
      batch.writeBigInt64BE(BigInt(i * values.length), 0);
      return batch;
    });
    const response = encodeFetchResponse(VERSION, [
      { topic: 'a', partition: 0, highWatermark: 400_000, batches },
    ]);
    new FetchGuard(true).inspect(response, VERSION);
    expect((await decodeFetchResponse(VERSION, response)).get('a/0')).toHaveLength(300_000);
  });

  test('without the check of checksums a batch is read as it came', async () => {
    const batch = encodeBatch(0, ['zero']);
    batch[batch.length - 2] = 'x'.charCodeAt(0);
    const response = encodeFetchResponse(VERSION, [
      { topic: 'a', partition: 0, highWatermark: 1, batches: [batch] },
    ]);
    new FetchGuard(false).inspect(response, VERSION);
    expect((await decodeFetchResponse(VERSION, response)).get('a/0')).toEqual([[0, 'zerx']]);
  });

  test('any bytes, and any damage to a response, pass without a failure', () => {
    const sound = encodeFetchResponse(VERSION, [
      {
        topic: 'a',
        partition: 0,
        highWatermark: 5,
        batches: [encodeBatch(0, ['x', 'y']), encodeBatch(2, ['z'])],
      },
    ]);
    const edit = fc.record({ at: fc.nat(sound.length - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(
        fc.array(edit, { maxLength: 6 }),
        fc.nat(sound.length),
        fc.integer({ min: 0, max: 12 }),
        (edits, length, version) => {
          const response = Buffer.from(sound.subarray(0, length));
          for (const { at, byte } of edits) if (at < length) response[at] = byte;
          const guard = new FetchGuard(true);
          guard.inspect(response, version);
          guard.inspect(response, version);
        },
      ),
      { numRuns: 3_000, seed: 4302 },
    );
  });
});

function offsets(read: Map<string, [number, string][]>): number[] {
  return read.get('a/0')!.map(([offset]) => offset);
}

function defects(read: Map<string, [number, string][]>): (string | null)[] {
  return read.get('a/0')!.map(([, value]) => batchDefect(Buffer.from(value, 'latin1')));
}
