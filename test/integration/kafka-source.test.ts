import kafkajs from 'kafkajs';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Source } from '../../src/contracts.ts';
import { CHUNK_MESSAGES_MAX } from '../../src/sources/kafka/chunks.ts';
import { UNDERWAY_MAX } from '../../src/sources/kafka/thread-intake.ts';
import { createKafkaSource } from '../../src/sources/kafka.ts';
import { CatchIntake } from '../support/kafka-catch.ts';
import { startsSources } from '../support/kafka-running.ts';
import { otlpMessages, range, SILENT, sharedBroker, type TestBroker } from '../support/kafka-shared.ts';

const { CompressionTypes } = kafkajs;

const found = await sharedBroker();

describe.skipIf(found === null)('what the kafka source reads from a real broker', () => {
  const broker = found as TestBroker;
  const start = startsSources(broker?.brokers ?? []);

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

  test('holds paused partitions back but for what is on its way, and goes on without a gap', async () => {
    const topic = await broker.createTopic(2);
    await broker.produce(topic, [otlpMessages(0, 8000), otlpMessages(1, 4000)]);
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
    const held = intake.offsets(topic, 0);
    expect(held).toEqual(range(0, held.length));
    expect(held.length).toBeLessThanOrEqual(atPause + UNDERWAY_MAX * CHUNK_MESSAGES_MAX);
    source.setPaused?.([]);
    await intake.until(() => intake.offsets(topic, 0).length >= 8000);
    expect(intake.offsets(topic, 0)).toEqual(range(0, 8000));
    expect(intake.offsets(topic, 1)).toEqual(range(0, 4010));
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
    for (let i = 0; i < 4; i++) await broker.produce(topic, [[large]], CompressionTypes.ZSTD);
    let atOnceMax = 0;
    const intake = new CatchIntake();
    intake.onAccept = async ({ messages }) => {
      atOnceMax = Math.max(atOnceMax, messages.length);
    };
    start(intake, { topics: [topic] });
    await intake.until(() => intake.total >= 4);
    expect(intake.offsets(topic, 0)).toEqual(range(0, 4));
    expect(intake.caught.get(`${topic}/0`)!.every(({ value }) => value.length === large.length)).toBe(true);
    expect(atOnceMax).toBe(1);
  });

  test('a hundred and more megabytes of large messages are read in the memory of a few', async () => {
    const topic = await broker.createTopic(2, { 'max.message.bytes': '6000000' });
    const large = Buffer.alloc(5_000_000, 'a line of a log\n');
    for (let i = 0; i < 12; i++) await broker.produce(topic, [[large], [large]]);
    const intake = new CatchIntake();
    let total = 0;
    let peakBytes = 0;
    intake.onAccept = async ({ messages }) => {
      total += messages.length;
      peakBytes = Math.max(peakBytes, process.memoryUsage().arrayBuffers);
      intake.caught.clear();
    };
    const beforeBytes = process.memoryUsage().arrayBuffers;
    // In this thread, where all of its memory is seen.
    const source = createKafkaSource({
      name: 'kafka',
      brokers: broker.brokers,
      groupId: topic,
      start: 'earliest',
      logger: SILENT,
      topics: [topic],
    });
    const ended = source.run(intake);
    onTestFinished(async () => {
      await source.stop();
      await ended;
    });
    await intake.until(() => total >= 24);
    expect(peakBytes - beforeBytes).toBeLessThan(60_000_000);
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
