import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import type { KafkaLogger } from '../../../src/kafka/connection.ts';
import { Assignment, IntakeFailure, ReadingMemory } from '../../../src/sources/kafka/assignment.ts';
import { newCounters, withDefaults } from '../../../src/sources/kafka/options.ts';
import { CatchIntake } from '../../support/kafka-catch.ts';

// The orders of events that a single healthy broker does not produce: batches of an earlier join, fetches from elsewhere.

describe('an assignment', () => {
  test('holds partitions back from the join until the intake has said where they resume', async () => {
    const { assignment, intake, calls } = setUp();
    intake.setPosition({ source: 'kafka', topic: 't', partition: 1 }, 7);
    assignment.joined({ t: [0, 1] });
    expect(calls).toEqual(['pause t/0,1']);
    await assignment.deliver(batchOf(0, 0, 3).payload);
    expect(intake.total).toBe(0);
    expect(await assignment.place()).toBe(2);
    expect(calls.slice(1)).toEqual(['seek t/0 0', 'resume t/0', 'seek t/1 7', 'resume t/1']);
  });

  test('drops a batch that was fetched elsewhere, goes back for the right one, and doubles nothing', async () => {
    const { assignment, intake, calls } = await placed();
    await assignment.deliver(batchOf(0, 0, 10).payload);
    const behind = batchOf(0, 5, 15);
    await assignment.deliver(behind.payload);
    expect(behind.resolved).toEqual([]);
    expect(calls.at(-1)).toBe('seek t/0 10');
    await assignment.deliver(batchOf(0, 10, 20).payload);
    expect(intake.offsets('t', 0)).toEqual(range(0, 20));
  });

  test('accepts a gap only after going back for it in vain, and says so', async () => {
    const { assignment, intake, warnings } = await placed();
    await assignment.deliver(batchOf(0, 0, 2).payload);
    await assignment.deliver(batchOf(0, 50, 52).payload);
    expect(intake.offsets('t', 0)).toEqual([0, 1]);
    expect(warnings).toEqual([]);
    await assignment.deliver(batchOf(0, 50, 52).payload);
    expect(intake.offsets('t', 0)).toEqual([0, 1, 50, 51]);
    expect(warnings).toHaveLength(1);
  });

  test('goes on behind transaction markers without a question', async () => {
    const { assignment, intake, calls, warnings } = await placed();
    await assignment.deliver(batchOf(0, 0, 2).payload);
    await assignment.stepOver('t', 0, 3, 1_000);
    const before = calls.length;
    await assignment.deliver(batchOf(0, 4, 6).payload);
    expect(intake.offsets('t', 0)).toEqual([0, 1, 4, 5]);
    expect([calls.length, warnings.length]).toEqual([before, 0]);
  });

  test('lets the batch in hand finish before the partitions are given back, and resolves nothing after that', async () => {
    const { assignment, intake } = await placed();
    const order: string[] = [];
    const entered = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    intake.onAccept = async () => {
      entered.resolve();
      await release.promise;
      order.push('accepted');
    };
    intake.onRevoked = async () => {
      order.push('revoked');
    };
    const batch = batchOf(0, 0, 1200);
    const delivery = assignment.deliver(batch.payload);
    await entered.promise;
    const leaving = assignment.leave();
    release.resolve();
    await Promise.all([delivery, leaving]);
    expect(order).toEqual(['accepted', 'revoked']);
    expect(intake.total).toBe(500);
    expect(batch.resolved).toEqual([]);
  });

  test('asks the intake again after a rejoin and takes nothing from the time before', async () => {
    const { assignment, intake } = await placed();
    await assignment.deliver(batchOf(0, 0, 10).payload);
    await assignment.leave();
    assignment.joined({ t: [0] });
    const late = batchOf(0, 10, 20);
    await assignment.deliver(late.payload);
    expect(late.resolved).toEqual([]);
    intake.setPosition({ source: 'kafka', topic: 't', partition: 0 }, 4);
    await assignment.place();
    await assignment.deliver(batchOf(0, 10, 20).payload);
    await assignment.deliver(batchOf(0, 4, 20).payload);
    expect(intake.offsets('t', 0)).toEqual([...range(0, 10), ...range(4, 20)]);
    expect(intake.revocations).toEqual([['t/0']]);
  });

  test('a placement that the next join overtakes does nothing, and what the intake was told is taken back', async () => {
    const { assignment, intake, calls } = setUp();
    assignment.joined({ t: [0] });
    const first = assignment.place();
    await Promise.resolve();
    const left = assignment.leave();
    assignment.joined({ t: [1] });
    await left;
    expect(await first).toBe(null);
    await assignment.place();
    expect(calls.filter((call) => call.startsWith('seek'))).toEqual(['seek t/1 0']);
    expect(intake.assignments.flat()).toContain('t/1');
    expect(intake.assignments.length - intake.revocations.length).toBe(1);
  });

  test('a partition without a leader is not told of and keeps no other; it is placed where it was once it has one', async () => {
    const { assignment, intake, calls, bounds } = setUp();
    const high = bounds.get(1)!;
    bounds.delete(1);
    intake.setPosition({ source: 'kafka', topic: 't', partition: 1 }, 30);
    assignment.joined({ t: [0, 1] });
    expect(await assignment.place()).toBe(1);
    expect(assignment.unplaced).toEqual([{ source: 'kafka', topic: 't', partition: 1 }]);
    expect(await assignment.place()).toBe(1);
    expect(intake.assignments).toEqual([['t/0']]);
    bounds.set(1, high);
    expect(await assignment.place()).toBe(2);
    expect(intake.assignments).toEqual([['t/0'], ['t/1']]);
    expect(calls.slice(-2)).toEqual(['seek t/1 30', 'resume t/1']);
    await assignment.leave();
    expect(intake.revocations).toEqual([['t/0', 't/1']]);
  });

  test('a partition that cannot be fetched accepts nothing until it is placed again, and goes on without a gap', async () => {
    const { assignment, intake, calls } = await placed();
    await assignment.deliver(batchOf(0, 0, 10).payload);
    assignment.holdBack('t', 0);
    expect(calls.at(-1)).toBe('pause t/0');
    const meanwhile = batchOf(0, 10, 20);
    await assignment.deliver(meanwhile.payload);
    expect([intake.total, meanwhile.resolved.length]).toEqual([10, 0]);
    expect(await assignment.place()).toBe(1);
    expect(calls.slice(-2)).toEqual(['seek t/0 10', 'resume t/0']);
    await assignment.deliver(batchOf(0, 10, 20).payload);
    expect(intake.offsets('t', 0)).toEqual(range(0, 20));
  });

  test('a partition that is to be held back stays so through a rejoin', async () => {
    const { assignment, calls, memory } = setUp();
    memory.paused = new Set(['t/0']);
    assignment.joined({ t: [0, 1] });
    await assignment.place();
    expect(calls.filter((call) => call.startsWith('resume'))).toEqual(['resume t/1']);
    memory.paused = new Set();
    assignment.applyPauses(new Set(['t/0']));
    expect(calls.at(-1)).toBe('resume t/0');
  });

  test('a failure of the intake comes out as one, with its cause', async () => {
    const { assignment, intake } = await placed();
    intake.onAccept = async () => {
      throw new Error('disk full');
    };
    const failure = await assignment.deliver(batchOf(0, 0, 1).payload).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(IntakeFailure);
    expect((failure as Error).cause).toEqual(new Error('disk full'));
  });

  test('a heartbeat that meets a rebalance ends the delivery after the chunk in hand', async () => {
    const { assignment, intake } = await placed();
    const batch = batchOf(0, 0, 1200);
    const rebalance = new Error('REBALANCE_IN_PROGRESS');
    const heartbeat = async () => {
      throw rebalance;
    };
    await expect(assignment.deliver({ ...batch.payload, heartbeat })).rejects.toBe(rebalance);
    expect(intake.total).toBe(500);
    expect(batch.resolved).toEqual(['499']);
  });

  test('a batch counts as handed over when the intake has had all of it, and never when it is dropped', async () => {
    const { assignment, intake, handedOver } = await placed();
    intake.onAccept = async () => expect(handedOver).toEqual([]);
    await assignment.deliver(batchOf(0, 0, 1_100).payload);
    expect(intake.total).toBe(1_100);
    expect(handedOver).toEqual([1_100]);
    intake.onAccept = async () => assignment.close();
    await assignment.deliver(batchOf(0, 1_100, 1_800).payload);
    await assignment.deliver(batchOf(0, 1_800, 1_900).payload);
    expect(intake.total).toBe(1_600);
    expect(handedOver).toEqual([1_100]);
  });

  test('a closed assignment accepts nothing', async () => {
    const { assignment, intake } = await placed();
    assignment.close();
    await assignment.deliver(batchOf(0, 0, 1).payload);
    assignment.joined({ t: [0] });
    expect(await assignment.place()).toBe(null);
    expect(intake.total).toBe(0);
  });
});

function setUp() {
  const calls: string[] = [];
  const warnings: string[] = [];
  const handedOver: number[] = [];
  const logger: KafkaLogger = { debug() {}, info() {}, warn: (_, text) => warnings.push(text), error() {} };
  const intake = new CatchIntake();
  const bounds = new Map([0, 1].map((partition) => [partition, { low: 0, high: 1_000 }]));
  const memory = new ReadingMemory();
  memory.partitionsAtStart.set('t', 2);
  const name = (topics: { topic: string; partitions?: number[] }[]) =>
    topics.map(({ topic, partitions }) => `${topic}/${partitions?.join()}`).join(' ');
  const assignment = new Assignment({
    settings: withDefaults({
      name: 'kafka',
      brokers: [],
      topics: [],
      groupId: 'g',
      logger,
      start: 'earliest',
    }),
    intake,
    memory,
    counters: newCounters(),
    consumer: {
      seek: ({ topic, partition, offset }) => calls.push(`seek ${topic}/${partition} ${offset}`),
      pause: (topics) => calls.push(`pause ${name(topics)}`),
      resume: (topics) => calls.push(`resume ${name(topics)}`),
    },
    offsets: async () => ({ bounds, atTime: new Map() }),
    handedOver: (messages) => handedOver.push(messages.length),
  });
  return { assignment, intake, memory, calls, warnings, bounds, handedOver };
}

async function placed() {
  const made = setUp();
  made.assignment.joined({ t: [0] });
  await made.assignment.place();
  return made;
}

/** A batch as kafkajs hands it over, with offsets `[from, to)`, and what was resolved of it. */
function batchOf(partition: number, from: number, to: number) {
  const messages: KafkaMessage[] = [];
  for (let offset = from; offset < to; offset++) {
    messages.push({
      key: null,
      value: Buffer.from('x'),
      timestamp: '1',
      attributes: 0,
      offset: String(offset),
      headers: {},
    });
  }
  const resolved: string[] = [];
  const batch = {
    topic: 't',
    partition,
    highWatermark: '2000',
    messages,
    fetchedOffset: String(from),
    isEmpty: () => false,
    firstOffset: () => String(from),
    lastOffset: () => String(to - 1),
    offsetLag: () => '0',
    offsetLagLow: () => '0',
  };
  const payload: EachBatchPayload = {
    batch,
    resolveOffset: (offset) => resolved.push(offset),
    heartbeat: async () => undefined,
    pause: () => () => undefined,
    commitOffsetsIfNecessary: async () => undefined,
    uncommittedOffsets: () => ({ topics: [] }),
    isRunning: () => true,
    isStale: () => false,
  };
  return { payload, resolved };
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
