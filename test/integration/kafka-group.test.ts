import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { KafkaStatus } from '../../src/sources/kafka/options.ts';
import { createKafkaSource } from '../../src/sources/kafka.ts';
import { CatchIntake } from '../support/kafka-catch.ts';
import { otlpMessages, range, SILENT, sharedBroker, type TestBroker } from '../support/kafka-shared.ts';
import { until, WinnowProcess } from '../support/winnow-process.ts';

// Who reads a group: a successor takes its dead predecessor's place at once, and a worker with another store stays out.

const found = await sharedBroker();

describe.skipIf(found === null)('the members of a consumer group', () => {
  const broker = found as TestBroker;

  test('a worker that is killed is succeeded at once, however long its session would have lasted', async () => {
    const topic = await broker.createTopic(2);
    const worker = workerOn(topic, { sessionTimeoutMs: 120_000 });
    let running = worker.start();
    await running.isReady();
    for (let kill = 0; kill < 2; kill++) {
      await running.kill();
      running = worker.start();
      await running.isReady(60_000);
      await until(() => running.stderr.includes('took the place of the member that this worker was before'));
    }
  });

  test('a worker with another store stays out of the group, says what it would break, and comes in when it is free', async () => {
    const topic = await broker.createTopic(2);
    const first = workerOn(topic).start();
    await first.isReady();
    const second = workerOn(topic).start();
    await until(() => second.stderr.includes('each would judge a part of every service'));
    await until(async () => (await second.get('/readyz')).text.includes('which writes store'));
    const refused = await second.get('/readyz');
    expect(refused.status).toBe(503);
    expect(refused.text).toContain('hint: give each winnow a consumer group of its own');
    expect((await second.get('/metrics')).text).toContain('winnow_kafka_group_shared{source="kafka"} 1');
    expect((await first.get('/readyz')).status).toBe(200);
    expect(first.stderr.split('joined the consumer group')).toHaveLength(2);
    first.signal('SIGTERM');
    await first.finished();
    await second.isReady();
    await until(() => second.stderr.includes('reading 2 of 2 partitions'));
  });

  test('of two workers that join at the same time one leaves, and the other reads everything', async () => {
    const topic = await broker.createTopic(4);
    await broker.produce(
      topic,
      range(0, 4).map((partition) => otlpMessages(partition, 50)),
    );
    const groupId = `group-${crypto.randomUUID()}`;
    const workers = ['store-a', 'store-b'].map((storeId) => {
      const statuses: KafkaStatus[] = [];
      const source = createKafkaSource({
        name: 'kafka',
        brokers: broker.brokers,
        topics: [topic],
        groupId,
        storeId,
        start: 'earliest',
        logger: SILENT,
        retryMsMin: 200,
        retryMsMax: 200,
        onStatus: (status) => statuses.push(status),
      });
      const intake = new CatchIntake();
      const ended = source.run(intake);
      onTestFinished(async () => {
        await source.stop();
        await ended;
      });
      return { intake, statuses, source };
    });
    const readsAll = ({ statuses }: (typeof workers)[number]) =>
      statuses.at(-1)?.ready === true && statuses.at(-1)?.detail.startsWith('reading 4 of 4') === true;
    const isOut = ({ statuses }: (typeof workers)[number]) =>
      statuses.at(-1)?.ready === false && statuses.at(-1)?.groupShared === true;
    await until(() => workers.some(readsAll) && workers.some(isOut));
    // One joined with the other, or after it, and then without it: who was turned away has not come back in between.
    expect(workers.reduce((sum, { source }) => sum + source.kafka.rebalances, 0)).toBeLessThanOrEqual(4);
    const reader = workers.find(readsAll)!;
    await reader.intake.until(() => reader.intake.total >= 200);
    expect(range(0, 4).map((partition) => reader.intake.offsets(topic, partition).length)).toEqual([
      50, 50, 50, 50,
    ]);
  });

  test('a foreign consumer in the group is left alone', async () => {
    const topic = await broker.createTopic(2);
    const groupId = `group-${crypto.randomUUID()}`;
    const foreign = broker.client.consumer({ groupId });
    await foreign.connect();
    onTestFinished(() => foreign.disconnect());
    await foreign.subscribe({ topics: [topic] });
    const joined = new Promise((resolve) => foreign.on(foreign.events.GROUP_JOIN, resolve));
    await foreign.run({ eachMessage: async () => undefined });
    await joined;
    const refused = Promise.withResolvers<KafkaStatus>();
    const source = createKafkaSource({
      name: 'kafka',
      brokers: broker.brokers,
      topics: [topic],
      groupId,
      storeId: 'store-a',
      logger: SILENT,
      onStatus: (status) => {
        if (status.groupShared === true) refused.resolve(status);
      },
    });
    const ended = source.run(new CatchIntake());
    expect(await refused.promise).toMatchObject({
      ready: false,
      detail: expect.stringContaining('which is no winnow'),
    });
    await source.stop();
    await ended;
  });
});

/** A configuration with a store of its own, all with the topic's one group; `start` runs `winnow run` on it. */
function workerOn(topic: string, settings: object = {}): { start(): WinnowProcess } {
  const directory = mkdtempSync(join(tmpdir(), 'winnow-group-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const file = join(directory, 'winnow.json');
  const config = {
    store: { path: join(directory, 'winnow.db') },
    sources: [
      {
        type: 'kafka',
        brokers: (found as TestBroker).brokers,
        topics: [topic],
        group: `winnow-${topic}`,
        ...settings,
      },
    ],
    http: { port: 0 },
  };
  writeFileSync(file, JSON.stringify(config));
  return { start: () => new WinnowProcess(['run', '--config', file]) };
}
