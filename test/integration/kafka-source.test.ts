import { afterEach, describe, expect, test } from 'vitest';
import type { Source } from '../../src/contracts.ts';
import type { KafkaSourceOptions, KafkaStatus } from '../../src/sources/kafka/options.ts';
import { createKafkaSource } from '../../src/sources/kafka.ts';
import { CatchIntake } from '../support/kafka-catch.ts';
import { otlpMessages, range, SILENT, sharedBroker, type TestBroker } from '../support/kafka-shared.ts';

const found = await sharedBroker();

describe.skipIf(found === null)('the kafka source on a real broker', () => {
  const broker = found as TestBroker;
  const running: { source: Source; ended: Promise<void> }[] = [];

  function start(
    intake: CatchIntake,
    options: Partial<KafkaSourceOptions> & Pick<KafkaSourceOptions, 'topics'>,
  ) {
    const statuses: KafkaStatus[] = [];
    const source = createKafkaSource({
      name: 'kafka',
      brokers: broker.brokers,
      groupId: `group-${crypto.randomUUID()}`,
      start: 'earliest',
      logger: SILENT,
      onStatus: (status) => statuses.push(status),
      ...options,
    });
    const ended = source.run(intake);
    ended.catch(() => undefined);
    running.push({ source, ended });
    return { source, ended, statuses };
  }

  afterEach(async () => {
    await Promise.all(running.map(({ source }) => source.stop()));
    await Promise.allSettled(running.splice(0).map(({ ended }) => ended));
  });

  test('delivers every message of four partitions once, in order, byte for byte', async () => {
    const topic = await broker.createTopic(4);
    const sent = [0, 1, 2, 3].map((partition) => otlpMessages(partition, 3000));
    await broker.produce(topic, sent);
    const intake = new CatchIntake();
    start(intake, { topics: [topic], encoding: 'otlp_proto', defaultService: 'fallback' });
    await intake.until(() => intake.total >= 12_000);
    for (const [partition, values] of sent.entries()) {
      const caught = intake.caught.get(`${topic}/${partition}`)!;
      expect(caught.map((message) => message.offset)).toEqual(range(0, values.length));
      expect(Buffer.concat(caught.map((message) => message.value)).equals(Buffer.concat(values))).toBe(true);
      expect(caught[0]!.encoding).toBe('otlp_proto');
      expect(Math.abs(caught[0]!.referenceTimeMs - Date.now())).toBeLessThan(60_000);
      expect(intake.caughtUp.get(`${topic}/${partition}`)).toBe(true);
    }
    expect(intake.batchMessagesMax).toBeLessThanOrEqual(500);
    expect(intake.defaultServices).toEqual(new Set(['fallback']));
  });

  test.each(['uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'])(
    'reads what the broker stores as %s',
    async (codec) => {
      const topic = await broker.createTopic(1, { 'compression.type': codec });
      const sent = [
        ...otlpMessages(0, 2000),
        Buffer.alloc(900_000, 'the same line again\n'),
        Buffer.from('end'),
      ];
      await broker.produce(topic, [sent]);
      const intake = new CatchIntake();
      start(intake, { topics: [topic] });
      await intake.until(() => intake.total >= sent.length);
      const caught = intake.caught.get(`${topic}/0`)!;
      expect(caught.map((message) => message.offset)).toEqual(range(0, sent.length));
      expect(Buffer.concat(caught.map((message) => message.value)).equals(Buffer.concat(sent))).toBe(true);
    },
  );

  test('a message larger than a whole fetch is delivered as it is', async () => {
    const topic = await broker.createTopic(1, { 'max.message.bytes': '4000000' });
    const sent = [Buffer.from('before'), Buffer.alloc(3_000_000, 'x'), Buffer.from('after')];
    for (const value of sent) await broker.produce(topic, [[value]]);
    const intake = new CatchIntake();
    start(intake, { topics: [topic], partitionFetchBytesMax: 100_000, fetchBytesMax: 200_000 });
    await intake.until(() => intake.total >= 3);
    expect(intake.caught.get(`${topic}/0`)!.map(({ value }) => value.length)).toEqual([6, 3_000_000, 5]);
  });

  test('resumes where the intake says, partition by partition, whatever the group has committed', async () => {
    const topic = await broker.createTopic(3);
    await broker.produce(topic, [otlpMessages(0, 300), otlpMessages(1, 300), otlpMessages(2, 300)]);
    const intake = new CatchIntake();
    intake.setPosition({ source: 'kafka', topic, partition: 0 }, 120);
    intake.setPosition({ source: 'kafka', topic, partition: 1 }, 300);
    const groupId = `group-${crypto.randomUUID()}`;
    const before = new CatchIntake();
    const { source } = start(before, { topics: [topic], groupId });
    await before.until(() => before.total >= 900);
    for (const partition of [0, 1, 2]) {
      await source.committed([
        { source: 'kafka', topic, partition, resumeAt: 250, readTo: 250, maxTimeMs: 5 },
      ]);
    }
    await source.stop();
    expect(await broker.committedOffset(groupId, topic, 0)).toBe('250');
    start(intake, { topics: [topic], groupId });
    await intake.until(() => intake.total >= 480 && intake.caughtUp.size === 3);
    expect(intake.offsets(topic, 0)).toEqual(range(120, 300));
    expect(intake.offsets(topic, 1)).toEqual([]);
    expect(intake.caughtUp.get(`${topic}/1`)).toBe(true);
    expect(intake.offsets(topic, 2)).toEqual(range(0, 300));
  });

  test('starts an unknown partition at its end or at a time', async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [otlpMessages(0, 10)]);
    const latest = new CatchIntake();
    start(latest, { topics: [topic], start: 'latest' });
    await latest.until(() => latest.caughtUp.get(`${topic}/0`) === true);
    const sinceMs = Date.now() + 1;
    while (Date.now() <= sinceMs) await new Promise((resolve) => setImmediate(resolve));
    await broker.produce(topic, [otlpMessages(0, 5)]);
    const byTime = new CatchIntake();
    start(byTime, { topics: [topic], start: { timeMs: sinceMs } });
    await latest.until(() => latest.total >= 5);
    await byTime.until(() => byTime.total >= 5);
    expect(latest.offsets(topic, 0)).toEqual(range(10, 15));
    expect(byTime.offsets(topic, 0)).toEqual(range(10, 15));
  });

  test('with latest, what arrives during a rebalance is not skipped though the intake stores nothing yet', async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [otlpMessages(0, 10)]);
    const intake = new CatchIntake();
    intake.onRevoked = async () => await broker.produce(topic, [otlpMessages(0, 5)]);
    start(intake, { topics: [topic], start: 'latest', topicCheckMs: 300 });
    await intake.until(() => intake.caughtUp.get(`${topic}/0`) === true);
    expect(intake.positions.size).toBe(0);
    await broker.addPartitions(topic, 2);
    await intake.until(() => intake.total >= 5);
    expect(intake.offsets(topic, 0)).toEqual(range(10, 15));
    expect(intake.revocations.length).toBeGreaterThan(0);
  });

  test('delivers null and empty values as no bytes, each at its offset', async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [[null, new Uint8Array(0), Buffer.from('x'), null]]);
    const intake = new CatchIntake();
    start(intake, { topics: [topic] });
    await intake.until(() => intake.total >= 4);
    expect(intake.caught.get(`${topic}/0`)!.map(({ offset, value }) => [offset, value.length])).toEqual([
      [0, 0],
      [1, 0],
      [2, 1],
      [3, 0],
    ]);
  });

  test('holds paused partitions back, within a batch too, and goes on without a gap', async () => {
    const topic = await broker.createTopic(2);
    await broker.produce(topic, [otlpMessages(0, 4000), otlpMessages(1, 4000)]);
    const intake = new CatchIntake();
    const paused = { source: 'kafka', topic, partition: 0 };
    let source: Source | null = null;
    let atPause = -1;
    intake.onAccept = async (batch) => {
      if (batch.partition.partition !== 0 || atPause >= 0) return;
      atPause = batch.messages.length;
      source?.setPaused?.([paused]);
    };
    source = start(intake, { topics: [topic] }).source;
    await intake.until(() => intake.offsets(topic, 1).length >= 4000);
    await broker.produce(topic, [[], otlpMessages(1, 10)]);
    await intake.until(() => intake.offsets(topic, 1).length >= 4010);
    expect(intake.offsets(topic, 0)).toEqual(range(0, atPause));
    source.setPaused?.([]);
    await intake.until(() => intake.offsets(topic, 0).length >= 4000);
    expect(intake.offsets(topic, 0)).toEqual(range(0, 4000));
    expect(intake.offsets(topic, 1)).toEqual(range(0, 4010));
  });

  test('a second member that comes and goes neither loses nor doubles a message', async () => {
    const topic = await broker.createTopic(4);
    const groupId = `group-${crypto.randomUUID()}`;
    const positions = new Map();
    const first = new CatchIntake(positions);
    const second = new CatchIntake(positions);
    const slow = async () => await new Promise<void>((resolve) => setTimeout(resolve, 20));
    first.onAccept = slow;
    first.durableLate = true;
    second.onAccept = slow;
    const quick = { topics: [topic], groupId, sessionTimeoutMs: 3_000 };
    let sent = 0;
    const sendUntil = async (ready: () => boolean) => {
      do {
        await broker.produce(
          topic,
          [0, 1, 2, 3].map((partition) => otlpMessages(partition, 100)),
        );
        sent += 100;
      } while (!ready());
    };
    start(first, quick);
    await sendUntil(() => first.total > 1000);
    const joiner = start(second, quick);
    await sendUntil(() => second.total > 1000);
    await joiner.source.stop();
    await sendUntil(() => first.assignments.at(-1)?.length === 4);
    await first.until(() => first.total + second.total >= 4 * sent);
    for (const partition of [0, 1, 2, 3]) {
      const all = [...first.offsets(topic, partition), ...second.offsets(topic, partition)];
      expect(all.sort((a, b) => a - b)).toEqual(range(0, sent));
    }
    expect(first.revocations.length).toBeGreaterThanOrEqual(2);
    expect(joiner.statuses.some(({ hint }) => hint?.includes('other members'))).toBe(true);
  });

  test('with read_committed aborted messages never arrive, and a partition that ends in them counts as caught up', async () => {
    const topic = await broker.createTopic(1);
    await broker.produceInTransaction(topic, otlpMessages(0, 20), 'commit');
    const intake = new CatchIntake();
    start(intake, { topics: [topic] });
    await intake.until(() => intake.total >= 20 && intake.caughtUp.get(`${topic}/0`) === true);
    intake.caughtUp.clear();
    await broker.produceInTransaction(topic, otlpMessages(0, 30), 'abort');
    await intake.until(() => intake.caughtUp.get(`${topic}/0`) === true);
    await broker.produceInTransaction(topic, otlpMessages(0, 20), 'commit');
    await intake.until(() => intake.total >= 40);
    const offsets = intake.offsets(topic, 0);
    expect(offsets.slice(0, 20)).toEqual(range(0, 20));
    expect(offsets.slice(20)).toEqual(range(52, 72));
    const uncommitted = new CatchIntake();
    start(uncommitted, { topics: [topic], isolation: 'read_uncommitted' });
    await uncommitted.until(() => uncommitted.total >= 70);
    expect(uncommitted.total).toBe(70);
  });

  test('commits positions to kafka for lag monitoring, and counts a commit that fails', async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [otlpMessages(0, 50)]);
    const groupId = `group-${crypto.randomUUID()}`;
    const intake = new CatchIntake();
    const { source } = start(intake, { topics: [topic], groupId });
    await intake.until(() => intake.total >= 50);
    await source.committed?.([
      { source: 'kafka', topic, partition: 0, resumeAt: 30, readTo: 50, maxTimeMs: 5 },
    ]);
    expect(await broker.committedOffset(groupId, topic, 0)).toBe('50');
    expect(source.kafka.commitFailures).toBe(0);
    await source.committed?.([
      { source: 'kafka', topic, partition: 0, resumeAt: 30, readTo: -7, maxTimeMs: 5 },
    ]);
    expect(source.kafka.commitFailures).toBe(1);
  });

  test('a missing topic is waited for with a hint, and read once it exists', async () => {
    const topic = `later-${crypto.randomUUID()}`;
    const intake = new CatchIntake();
    const reported = Promise.withResolvers<KafkaStatus>();
    start(intake, {
      topics: [topic],
      retryMsMax: 500,
      onStatus: (status) => {
        if (status.detail.includes(topic)) reported.resolve(status);
      },
    });
    expect(await reported.promise).toMatchObject({
      ready: false,
      hint: expect.stringContaining('create the topic'),
    });
    await broker.createTopicNamed(topic, 2);
    await broker.produce(topic, [otlpMessages(0, 3), otlpMessages(1, 3)]);
    await intake.until(() => intake.total >= 6);
  });

  test('an expression reads all matching topics, new ones and new partitions from their beginning even with latest', async () => {
    const prefix = `many-${crypto.randomUUID()}`;
    const first = await broker.createTopic(1, {}, prefix);
    await broker.produce(first, [otlpMessages(0, 9)]);
    const intake = new CatchIntake();
    start(intake, { topics: [new RegExp(`^${prefix}`)], start: 'latest', topicCheckMs: 300 });
    await intake.until(() => intake.caughtUp.get(`${first}/0`) === true);
    const second = await broker.createTopic(1, {}, prefix);
    await broker.produce(second, [otlpMessages(0, 7)]);
    await intake.until(() => intake.offsets(second, 0).length >= 7);
    await broker.addPartitions(first, 2);
    await broker.produce(first, [otlpMessages(0, 2), otlpMessages(1, 4)]);
    await intake.until(() => intake.offsets(first, 1).length >= 4 && intake.offsets(first, 0).length >= 2);
    expect(intake.offsets(first, 0)).toEqual([9, 10]);
    expect(intake.offsets(first, 1)).toEqual(range(0, 4));
    expect(intake.offsets(second, 0)).toEqual(range(0, 7));
  });

  test('messages that were deleted before they were read are skipped with a warning that counts them', async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [otlpMessages(0, 100)]);
    await broker.deleteBefore(topic, 0, 40);
    const warnings: string[] = [];
    const intake = new CatchIntake();
    intake.setPosition({ source: 'kafka', topic, partition: 0 }, 10);
    start(intake, { topics: [topic], logger: { ...SILENT, warn: (_, message) => warnings.push(message) } });
    await intake.until(() => intake.total >= 60);
    expect(intake.offsets(topic, 0)).toEqual(range(40, 100));
    expect(warnings).toContain('30 messages were deleted at the broker before they were read');
  });

  test('when the intake fails the source ends with that very error and accepts nothing more', async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [otlpMessages(0, 2000)]);
    const intake = new CatchIntake();
    const failure = new Error('disk full');
    let calls = 0;
    intake.onAccept = async () => {
      calls++;
      if (calls === 2) throw failure;
    };
    const { ended } = start(intake, { topics: [topic] });
    await expect(ended).rejects.toBe(failure);
    expect(calls).toBe(2);
    expect(intake.offsets(topic, 0)).toEqual(range(0, 500));
  });

  test('stop waits for the batch in hand, may be called twice, and lets run resolve', async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [otlpMessages(0, 2000)]);
    const intake = new CatchIntake();
    const entered = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    intake.onAccept = async () => {
      entered.resolve();
      await release.promise;
    };
    const { source, ended } = start(intake, { topics: [topic] });
    await entered.promise;
    const stopped = Promise.all([source.stop(), source.stop()]);
    let isStopped = false;
    void stopped.then(() => {
      isStopped = true;
    });
    await broker.client.admin().connect();
    expect(isStopped).toBe(false);
    release.resolve();
    await stopped;
    await ended;
    expect(intake.batches).toBe(1);
  });

  test('an intake slower than the session keeps its membership by heartbeats', async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [otlpMessages(0, 10)]);
    const intake = new CatchIntake();
    intake.onAccept = async (batch) => {
      if (batch.messages.length > 0) await new Promise((resolve) => setTimeout(resolve, 4_000));
    };
    start(intake, { topics: [topic], sessionTimeoutMs: 1_500 });
    await intake.until(() => intake.total >= 10);
    await broker.produce(topic, [otlpMessages(0, 1)]);
    await intake.until(() => intake.total >= 11);
    expect(intake.offsets(topic, 0)).toEqual(range(0, 11));
    expect(intake.assignments).toHaveLength(1);
  });
});

test('a source that never ran can be stopped, and then ends at once', async () => {
  const source = createKafkaSource({
    name: 'kafka',
    brokers: ['127.0.0.1:1'],
    topics: ['t'],
    groupId: 'g',
    logger: SILENT,
  });
  await source.stop();
  await source.run(new CatchIntake());
});

test('an unreachable broker is retried with a hint until the source is stopped', async () => {
  const reported = Promise.withResolvers<KafkaStatus>();
  const source = createKafkaSource({
    name: 'kafka',
    brokers: ['127.0.0.1:1'],
    topics: ['t'],
    groupId: 'g',
    logger: SILENT,
    onStatus: (status) => {
      if (status.hint !== undefined) reported.resolve(status);
    },
  });
  const ended = source.run(new CatchIntake());
  expect(await reported.promise).toMatchObject({
    ready: false,
    hint: expect.stringContaining('advertised listeners'),
  });
  await source.stop();
  await ended;
});
