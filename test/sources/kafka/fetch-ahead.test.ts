import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FetchAhead, type FetchAnswer, type FetchRequest } from '../../../src/sources/kafka/fetch-ahead.ts';

// Method: a broker of two topics that keeps its requests; what comes through the fetch ahead must be what it would answer.

const LIMIT = 3;

/** Offsets from 0 to `ends` of each partition; a fetch gets at most `LIMIT` messages of each. */
class LogBroker {
  readonly requests: FetchRequest[] = [];
  /** Requests of which the answer was decoded, in the order in which it was. */
  readonly decoded: FetchRequest[] = [];
  readonly ends: Record<string, number>;
  /** Numbers of the requests that fail. */
  readonly failing = new Set<number>();

  constructor(ends: Record<string, number>) {
    this.ends = ends;
  }

  send = async (request: FetchRequest, wanted: Promise<boolean>): Promise<FetchAnswer> => {
    this.requests.push(request);
    const isFailing = this.failing.has(this.requests.length);
    if (!(await wanted)) return { responses: [] };
    if (isFailing) throw new Error('connection closed');
    this.decoded.push(request);
    return this.answer(request);
  };

  answer(request: FetchRequest): FetchAnswer {
    const responses = request.topics.map(({ topic, partitions }) => ({
      topicName: topic,
      partitions: partitions.map(({ partition, fetchOffset }) => {
        const end = this.ends[`${topic}/${partition}`]!;
        const from = Number(fetchOffset);
        const count = Math.max(0, Math.min(LIMIT, end - from));
        const messages = Array.from({ length: count }, (_, i) => ({ offset: String(from + i) }));
        return { partition, highWatermark: String(end), messages };
      }),
    }));
    return { responses };
  }
}

function request(offsets: Readonly<Record<string, number>>): FetchRequest {
  const topics = new Map<string, { partition: number; fetchOffset: string; maxBytes: number }[]>();
  for (const [key, offset] of Object.entries(offsets)) {
    const [topic, partition] = key.split('/') as [string, string];
    const list = topics.get(topic) ?? [];
    list.push({ partition: Number(partition), fetchOffset: String(offset), maxBytes: 1 });
    topics.set(topic, list);
  }
  return { topics: [...topics].map(([topic, partitions]) => ({ topic, partitions })) };
}

/** `topic/partition` → offsets given; without partitions that gave nothing. */
function given(answer: FetchAnswer): Record<string, number[]> {
  const out: Record<string, number[]> = {};
  for (const { topicName, partitions } of answer.responses)
    for (const { partition, messages } of partitions)
      if (messages.length > 0)
        out[`${topicName}/${partition}`] = messages.map(({ offset }) => Number(offset));
  return out;
}

describe('a fetch ahead', () => {
  test('is on its way when the one before is handed over, and is not decoded until it is asked for', async () => {
    const broker = new LogBroker({ 'a/0': 10 });
    const ahead = new FetchAhead(broker.send);
    expect(given(await ahead.fetch(request({ 'a/0': 0 })))).toEqual({ 'a/0': [0, 1, 2] });
    expect(broker.requests).toEqual([request({ 'a/0': 0 }), request({ 'a/0': 3 })]);
    expect(broker.decoded).toEqual([request({ 'a/0': 0 })]);
    expect(given(await ahead.fetch(request({ 'a/0': 3 })))).toEqual({ 'a/0': [3, 4, 5] });
    expect(broker.decoded).toEqual([request({ 'a/0': 0 }), request({ 'a/0': 3 })]);
  });

  test('is not made when everything was read', async () => {
    const broker = new LogBroker({ 'a/0': 3, 'a/1': 0 });
    const ahead = new FetchAhead(broker.send);
    await ahead.fetch(request({ 'a/0': 0, 'a/1': 0 }));
    expect(broker.requests.length).toBe(1);
  });

  test('serves nobody where the consumer was sent elsewhere, and is not decoded', async () => {
    const broker = new LogBroker({ 'a/0': 20 });
    const ahead = new FetchAhead(broker.send);
    await ahead.fetch(request({ 'a/0': 0 }));
    expect(given(await ahead.fetch(request({ 'a/0': 7 })))).toEqual({ 'a/0': [7, 8, 9] });
    expect(broker.decoded).toEqual([request({ 'a/0': 0 }), request({ 'a/0': 7 })]);
  });

  test('leaves out the partitions that are not asked for any more', async () => {
    const broker = new LogBroker({ 'a/0': 20, 'a/1': 20, 'b/0': 20 });
    const ahead = new FetchAhead(broker.send);
    await ahead.fetch(request({ 'a/0': 0, 'a/1': 0, 'b/0': 0 }));
    const answer = await ahead.fetch(request({ 'a/1': 3 }));
    expect(given(answer)).toEqual({ 'a/1': [3, 4, 5] });
    expect(answer.responses.flatMap(({ partitions }) => partitions).length).toBe(1);
  });

  test('that fails is as if it had not been made', async () => {
    const broker = new LogBroker({ 'a/0': 20 });
    const ahead = new FetchAhead(broker.send);
    broker.failing.add(1).add(3);
    await expect(ahead.fetch(request({ 'a/0': 0 }))).rejects.toThrow('connection closed');
    expect(given(await ahead.fetch(request({ 'a/0': 0 })))).toEqual({ 'a/0': [0, 1, 2] });
    expect(given(await ahead.fetch(request({ 'a/0': 3 })))).toEqual({ 'a/0': [3, 4, 5] });
    expect(broker.requests.length).toBe(5);
  });
});

test('whatever is read, sought, paused and added, what comes is what the broker has there, and all of it comes', async () => {
  const keys = ['a/0', 'a/1', 'b/0'];
  const step = fc.record({
    asked: fc.subarray(keys, { minLength: 1 }),
    sought: fc.option(fc.record({ key: fc.constantFrom(...keys), offset: fc.nat(30) }), { freq: 5 }),
    /** How much of what came is handed on before the next fetch. */
    taken: fc.constantFrom(1, LIMIT, LIMIT, LIMIT),
    added: fc.nat(3),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const broker = new LogBroker({ 'a/0': 4, 'a/1': 12, 'b/0': 0 });
      const ahead = new FetchAhead(broker.send);
      const next: Record<string, number> = { 'a/0': 0, 'a/1': 0, 'b/0': 0 };
      const fetch = async (asked: readonly string[], taken: number): Promise<void> => {
        const answer = given(
          await ahead.fetch(request(Object.fromEntries(asked.map((key) => [key, next[key]!])))),
        );
        for (const [key, offsets] of Object.entries(answer)) {
          expect(asked).toContain(key);
          expect(offsets).toEqual(offsets.map((_, i) => next[key]! + i));
          expect(offsets.at(-1)).toBeLessThan(broker.ends[key]!);
          next[key]! += Math.min(taken, offsets.length);
        }
      };
      for (const { asked, sought, taken, added } of steps) {
        if (sought !== null) next[sought.key] = Math.min(sought.offset, broker.ends[sought.key]!);
        broker.ends[asked[0]!]! += added;
        await fetch(asked, taken);
      }
      for (let i = 0; i < 60; i++) await fetch(keys, LIMIT);
      expect(next).toEqual(broker.ends);
    }),
    { numRuns: 300, seed: 1106 },
  );
});
