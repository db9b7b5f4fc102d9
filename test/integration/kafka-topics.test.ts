import { describe, expect, test } from 'vitest';
import type { KafkaStatus } from '../../src/sources/kafka/options.ts';
import { CatchIntake } from '../support/kafka-catch.ts';
import { startsSources } from '../support/kafka-running.ts';
import { otlpMessages, range, sharedBroker, type TestBroker } from '../support/kafka-shared.ts';
import { until } from '../support/winnow-process.ts';

const found = await sharedBroker();

describe.skipIf(found === null)('the topics of the kafka source on a real broker', () => {
  const broker = found as TestBroker;
  const start = startsSources(broker?.brokers ?? []);

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

  test('a topic that is deleted while it is read is reported with a hint, the others are read on, and it is read when it is back', async () => {
    const [topic, other] = [await broker.createTopic(1), await broker.createTopic(1)];
    await broker.produce(topic, [otlpMessages(0, 10)]);
    await broker.produce(other, [otlpMessages(0, 10)]);
    const intake = new CatchIntake();
    const { statuses } = start(intake, { topics: [topic, other], topicCheckMs: 500 });
    await intake.until(() => intake.total >= 20);
    await broker.withAdmin((admin) => admin.deleteTopics({ topics: [topic] }));
    await until(() => statuses.at(-1)?.hint?.includes(`create ${topic}`) === true);
    await broker.produce(other, [otlpMessages(0, 5)]);
    await intake.until(() => intake.total >= 25);
    await until(() => statuses.at(-1)?.ready === true);
    await broker.createTopicNamed(topic, 1);
    await broker.produce(topic, [otlpMessages(0, 3)]);
    await intake.until(() => intake.total >= 28);
    expect(intake.offsets(topic, 0)).toEqual([...range(0, 10), ...range(0, 3)]);
  });

  test('a topic that grows from 4 to 12 partitions is read whole within a look', async () => {
    const topic = await broker.createTopic(4);
    const intake = new CatchIntake();
    const { statuses } = start(intake, { topics: [topic], start: 'latest', topicCheckMs: 500 });
    await until(() => statuses.at(-1)?.ready === true);
    await broker.addPartitions(topic, 12);
    await broker.produce(
      topic,
      range(0, 12).map((partition) => otlpMessages(partition, 5)),
    );
    await intake.until(() => intake.total >= 60);
    for (const partition of range(0, 12)) expect(intake.offsets(topic, partition)).toEqual(range(0, 5));
    await until(() => statuses.at(-1)?.detail.includes('reading 12 of 12 partitions') === true);
  });
});
