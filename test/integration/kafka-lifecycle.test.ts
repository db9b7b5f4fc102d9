import { describe, expect, test } from 'vitest';
import type { KafkaStatus } from '../../src/sources/kafka/options.ts';
import { createKafkaSource } from '../../src/sources/kafka.ts';
import { CatchIntake } from '../support/kafka-catch.ts';
import { startsSources } from '../support/kafka-running.ts';
import { otlpMessages, range, SILENT, sharedBroker, type TestBroker } from '../support/kafka-shared.ts';

/** Longer than a busy machine keeps a thread waiting. */
const SESSION_MS = 5_000;

const found = await sharedBroker();

describe.skipIf(found === null)('the life of the kafka source on a real broker', () => {
  const broker = found as TestBroker;
  const start = startsSources(broker?.brokers ?? []);

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
    intake.onAccept = async () => {
      if (intake.total === 0) await new Promise((resolve) => setTimeout(resolve, 2 * SESSION_MS));
    };
    start(intake, { topics: [topic], sessionTimeoutMs: SESSION_MS });
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
