import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { Source } from '../../src/contracts.ts';
import type { KafkaSourceOptions, KafkaStatus } from '../../src/sources/kafka/options.ts';
import { createKafkaSource } from '../../src/sources/kafka.ts';
import type { KafkaBroker } from '../support/kafka-broker.ts';
import { CatchIntake } from '../support/kafka-catch.ts';
import { otlpMessages, ownBroker, range, SILENT, TestBroker } from '../support/kafka-shared.ts';

const { CompressionTypes } = kafkajs;
const found = await ownBroker();

describe.skipIf(found === null)('the kafka source on a broker that fails', () => {
  const kafka = found as KafkaBroker;
  const broker = new TestBroker([kafka?.address ?? '']);
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
      retryMsMin: 100,
      retryMsMax: 500,
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

  afterAll(async () => {
    await kafka?.stop();
  });

  test('a broker that dies while it is read and comes back costs no message and doubles none', {
    timeout: 90_000,
  }, async () => {
    const topic = await broker.createTopic(4);
    await broker.produce(
      topic,
      range(0, 4).map((partition) => otlpMessages(partition, 4000)),
    );
    const intake = new CatchIntake();
    intake.onAccept = async () => await new Promise((resolve) => setTimeout(resolve, 10));
    const { statuses } = start(intake, {
      topics: [topic],
      partitionFetchBytesMax: 64 * 1024,
      sessionTimeoutMs: 6_000,
    });
    await intake.until(() => intake.total > 3000);
    await kafka.kill();
    const atDeath = intake.total;
    expect(atDeath).toBeLessThan(16_000);
    await waitFor(() => statuses.at(-1)?.ready === false);
    await kafka.restart();
    await intake.until(() => intake.total >= 16_000);
    await broker.produce(
      topic,
      range(0, 4).map((partition) => otlpMessages(partition, 100)),
    );
    await intake.until(() => intake.total >= 16_400);
    for (const partition of range(0, 4)) expect(intake.offsets(topic, partition)).toEqual(range(0, 4100));
    expect(statuses.at(-1)?.ready).toBe(true);
  });

  test('a source that starts before its broker reads as soon as it is there', {
    timeout: 90_000,
  }, async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [otlpMessages(0, 10)]);
    await kafka.kill();
    const intake = new CatchIntake();
    const { statuses } = start(intake, { topics: [topic] });
    await waitFor(() => statuses.some(({ hint }) => hint?.includes('check that the brokers run') === true));
    await kafka.restart();
    await intake.until(() => intake.total >= 10);
    expect(intake.offsets(topic, 0)).toEqual(range(0, 10));
  });

  test('stop does not wait for a dead broker beyond its deadline', { timeout: 60_000 }, async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [otlpMessages(0, 10)]);
    const intake = new CatchIntake();
    const { source, ended } = start(intake, { topics: [topic], stopDeadlineMs: 1_000 });
    await intake.until(() => intake.total >= 10);
    await kafka.kill();
    const beganMs = performance.now();
    await source.stop();
    await ended;
    expect(performance.now() - beganMs).toBeLessThan(3_000);
    await kafka.restart();
  });

  test.each(['uncompressed', 'gzip', 'zstd', 'snappy', 'lz4'])(
    'a %s batch with flipped bytes gives one malformed message per offset, and the rest is read',
    async (codec) => {
      const topic = await broker.createTopic(1, { 'compression.type': codec });
      for (let i = 0; i < 3; i++) await broker.produce(topic, [otlpMessages(0, 100)]);
      corruptBatch(join(kafka.dataDirectory, `${topic}-0`, '00000000000000000000.log'), 1);
      const errors: object[] = [];
      const intake = new CatchIntake();
      const logger = { ...SILENT, error: (fields: object) => errors.push(fields) };
      start(intake, { topics: [topic], encoding: 'text', logger });
      await intake.until(() => intake.total >= 300);
      const caught = intake.caught.get(`${topic}/0`)!;
      expect(caught.map(({ offset }) => offset)).toEqual(range(0, 300));
      const isMalformed = caught.map(({ encoding, value }) => encoding === 'otlp_proto' && value[0] === 0xff);
      expect(isMalformed).toEqual(range(0, 300).map((offset) => offset >= 100 && offset < 200));
      const told = { topic, partition: 0, offset: 100, messages: 100, defect: 'checksum' };
      expect(errors).toEqual([expect.objectContaining(told)]);
    },
  );

  test('batches that grow beyond the bound give one malformed message each, however many there are', async () => {
    const topic = await broker.createTopic(1);
    const bomb = Buffer.alloc(70 * 1024 * 1024);
    await broker.produce(topic, [otlpMessages(0, 10)]);
    for (const compression of [CompressionTypes.GZIP, CompressionTypes.ZSTD])
      await broker.produce(topic, [[bomb]], compression);
    await broker.produce(topic, [otlpMessages(0, 10)]);
    const errors: object[] = [];
    const intake = new CatchIntake();
    const logger = { ...SILENT, error: (fields: object) => errors.push(fields) };
    start(intake, { topics: [topic], logger });
    await intake.until(() => intake.total >= 22);
    expect(intake.offsets(topic, 0)).toEqual(range(0, 22));
    expect(errors.map((fields) => (fields as { defect: string }).defect)).toContain('limit');
    expect(Math.max(...intake.caught.get(`${topic}/0`)!.map(({ value }) => value.length))).toBeLessThan(
      1_000,
    );
  });

  test('what grows to more than one fetch may hold is read in several', async () => {
    const topic = await broker.createTopic(1);
    const large = Buffer.alloc(50 * 1024 * 1024, 'the same line again and again\n');
    for (let i = 0; i < 6; i++) await broker.produce(topic, [[large]], CompressionTypes.ZSTD);
    let atOnceMax = 0;
    const intake = new CatchIntake();
    intake.onAccept = async ({ messages }) => {
      atOnceMax = Math.max(atOnceMax, messages.length);
    };
    start(intake, { topics: [topic] });
    await intake.until(() => intake.total >= 6);
    expect(intake.offsets(topic, 0)).toEqual(range(0, 6));
    expect(intake.caught.get(`${topic}/0`)!.every(({ value }) => value.length === large.length)).toBe(true);
    expect(atOnceMax).toBe(1);
  });

  test('messages that expire while their partition is held back are counted as lost, and reading goes on', async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [otlpMessages(0, 100)]);
    const warnings: object[] = [];
    const intake = new CatchIntake();
    const logger = { ...SILENT, warn: (fields: object) => warnings.push(fields) };
    const { source } = start(intake, { topics: [topic], logger });
    await intake.until(() => intake.total >= 100);
    const paused = { source: 'kafka', topic, partition: 0 };
    source.setPaused?.([paused]);
    await broker.produce(topic, [otlpMessages(0, 200)]);
    await broker.deleteBefore(topic, 0, 250);
    source.setPaused?.([]);
    await intake.until(() => intake.total >= 150);
    expect(intake.offsets(topic, 0)).toEqual([...range(0, 100), ...range(250, 300)]);
    expect(source.kafka?.lostMessages).toBe(150);
    expect(warnings).toEqual([
      expect.objectContaining({ topic, hint: expect.stringContaining('retention.ms') }),
    ]);
  });

  test('a topic that is deleted while it is read is reported with a hint, the others are read on, and it is read when it is back', {
    timeout: 90_000,
  }, async () => {
    const [topic, other] = [await broker.createTopic(1), await broker.createTopic(1)];
    await broker.produce(topic, [otlpMessages(0, 10)]);
    await broker.produce(other, [otlpMessages(0, 10)]);
    const intake = new CatchIntake();
    const { statuses } = start(intake, { topics: [topic, other], topicCheckMs: 500 });
    await intake.until(() => intake.total >= 20);
    await broker.withAdmin((admin) => admin.deleteTopics({ topics: [topic] }));
    await waitFor(() => statuses.at(-1)?.hint?.includes(`create ${topic}`) === true);
    await broker.produce(other, [otlpMessages(0, 5)]);
    await intake.until(() => intake.total >= 25);
    expect(statuses.at(-1)).toMatchObject({ ready: true });
    await broker.createTopicNamed(topic, 1);
    await broker.produce(topic, [otlpMessages(0, 3)]);
    await intake.until(() => intake.total >= 28);
    expect(intake.offsets(topic, 0)).toEqual([...range(0, 10), ...range(0, 3)]);
  });

  test('a topic that grows from 4 to 12 partitions is read whole within a look', async () => {
    const topic = await broker.createTopic(4);
    const intake = new CatchIntake();
    const { statuses } = start(intake, { topics: [topic], start: 'latest', topicCheckMs: 500 });
    await waitFor(() => statuses.at(-1)?.ready === true);
    await broker.addPartitions(topic, 12);
    await broker.produce(
      topic,
      range(0, 12).map((partition) => otlpMessages(partition, 5)),
    );
    await intake.until(() => intake.total >= 60);
    for (const partition of range(0, 12)) expect(intake.offsets(topic, partition)).toEqual(range(0, 5));
    expect(statuses.at(-1)?.detail).toContain('reading 12 of 12 partitions');
  });

  test('what kafkajs itself sends as gzip and zstd through our codecs comes back', async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [otlpMessages(0, 100)], CompressionTypes.GZIP);
    await broker.produce(topic, [otlpMessages(0, 100)], CompressionTypes.ZSTD);
    const intake = new CatchIntake();
    start(intake, { topics: [topic] });
    await intake.until(() => intake.total >= 200);
    expect(intake.offsets(topic, 0)).toEqual(range(0, 200));
  });
});

async function waitFor(ready: () => boolean): Promise<void> {
  while (!ready()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Overwrites the middle of the payload of the n-th record batch in a segment, as a rotten disk would. */
function corruptBatch(segment: string, n: number): void {
  const bytes = readFileSync(segment);
  let at = 0;
  for (let i = 0; i < n; i++) at += 12 + bytes.readInt32BE(at + 8);
  const payload = at + 61;
  const end = at + 12 + bytes.readInt32BE(at + 8);
  const file = openSync(segment, 'r+');
  writeSync(file, Buffer.alloc(Math.min(64, end - payload - 20), 0xa5), 0, undefined, payload + 10);
  closeSync(file);
}
