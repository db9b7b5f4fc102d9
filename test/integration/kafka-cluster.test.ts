import { afterAll, describe, expect, test } from 'vitest';
import type { KafkaStatus } from '../../src/sources/kafka/options.ts';
import { createKafkaSource } from '../../src/sources/kafka.ts';
import { KafkaBroker } from '../support/kafka-broker.ts';
import { CatchIntake } from '../support/kafka-catch.ts';
import { otlpMessages, ownBroker, range, SILENT, TestBroker } from '../support/kafka-shared.ts';

const found = await ownBroker({ replicas: 2 });

describe.skipIf(found === null)('the kafka source on a cluster of two', () => {
  const first = found as KafkaBroker;
  let second: KafkaBroker | null = null;

  afterAll(async () => {
    await second?.stop();
    await first?.stop();
  });

  test('goes on where a leader dies, and where it comes back, without a loss or a double', async () => {
    second = await KafkaBroker.start({ joins: first, replicas: 2 });
    const cluster = new TestBroker([first.address]);
    const topic = `logs-${crypto.randomUUID()}`;
    await cluster.createTopicNamed(topic, 4, {}, 2);
    // A foreign topic loses its only copy of a partition with the broker: no reason to stop reading.
    await cluster.createTopic(2);
    const sendEach = async (count: number) =>
      await cluster.produce(
        topic,
        range(0, 4).map((partition) => otlpMessages(partition, count)),
      );
    await sendEach(3000);
    expect(await leaders(cluster, topic)).toEqual([1, 2]);
    const intake = new CatchIntake();
    const dead = Promise.withResolvers<void>();
    intake.onAccept = async () => {
      if (intake.total > 2_000) await dead.promise;
    };
    const statuses: KafkaStatus[] = [];
    const source = createKafkaSource({
      name: 'kafka',
      brokers: [first.address, second.address],
      topics: [topic],
      groupId: `group-${crypto.randomUUID()}`,
      start: 'earliest',
      logger: SILENT,
      partitionFetchBytesMax: 64 * 1024,
      sessionTimeoutMs: 6_000,
      retryMsMin: 100,
      onStatus: (status) => statuses.push(status),
    });
    const ended = source.run(intake);
    await intake.until(() => intake.total > 2_000);
    await allInSync(cluster, topic);
    await second.kill();
    dead.resolve();
    await intake.until(() => intake.total >= 12_000);
    expect(await leaders(cluster, topic)).toEqual([1]);
    await second.restart();
    await sendEach(500);
    await intake.until(() => intake.total >= 14_000);
    await source.stop();
    await ended;
    for (const partition of range(0, 4)) expect(intake.offsets(topic, partition)).toEqual(range(0, 3500));
  });

  test('a partition without a leader keeps no other from being read, and is read when its broker is back', async () => {
    const cluster = new TestBroker([first.address]);
    const topic = `alone-${crypto.randomUUID()}`;
    await cluster.createTopicNamed(topic, 4, {}, 1);
    const sendTo = async (partitions: readonly number[], count: number) =>
      await cluster.produce(
        topic,
        range(0, 4).map((partition) =>
          partitions.includes(partition) ? otlpMessages(partition, count) : [],
        ),
      );
    await sendTo(range(0, 4), 100);
    const { topics } = await cluster.withAdmin((admin) => admin.fetchTopicMetadata({ topics: [topic] }));
    const alive = topics[0]!.partitions.filter(({ leader }) => leader === 1).map((one) => one.partitionId);
    expect(alive).toHaveLength(2);
    const intake = new CatchIntake();
    const statuses: KafkaStatus[] = [];
    const source = createKafkaSource({
      name: 'kafka',
      brokers: [first.address],
      topics: [topic],
      groupId: `group-${crypto.randomUUID()}`,
      start: 'earliest',
      logger: SILENT,
      retryMsMin: 100,
      retryMsMax: 1_000,
      onStatus: (status) => statuses.push(status),
    });
    const ended = source.run(intake);
    await intake.until(() => intake.total >= 400);
    await second!.kill();
    await waitFor(() => statuses.at(-1)?.detail.includes('cannot be read') === true);
    expect(statuses.at(-1)).toMatchObject({ ready: false, hint: expect.stringContaining('no leader') });
    expect(source.kafka.partitionsHeld).toBe(2);
    await sendTo(alive, 50);
    await intake.until(() => intake.total >= 500);
    await second!.restart();
    await waitFor(() => statuses.at(-1)?.ready === true);
    await sendTo(range(0, 4), 10);
    await intake.until(() => intake.total >= 540);
    await source.stop();
    await ended;
    for (const partition of range(0, 4))
      expect(intake.offsets(topic, partition)).toEqual(range(0, alive.includes(partition) ? 160 : 110));
  });
});

async function waitFor(ready: () => boolean): Promise<void> {
  while (!ready()) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function leaders(cluster: TestBroker, topic: string): Promise<number[]> {
  const { topics } = await cluster.withAdmin((admin) => admin.fetchTopicMetadata({ topics: [topic] }));
  return [...new Set(topics[0]!.partitions.map(({ leader }) => leader))].sort();
}

/** A busy machine drops a follower now and then; a leader that dies just then leaves its partition without one. */
async function allInSync(cluster: TestBroker, topic: string): Promise<void> {
  await cluster.withAdmin(async (admin) => {
    for (;;) {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      if (topics[0]!.partitions.every(({ isr }) => isr.length === 2)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
}
