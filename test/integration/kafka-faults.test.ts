import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { KafkaBroker } from '../support/kafka-broker.ts';
import { CatchIntake } from '../support/kafka-catch.ts';
import { startsSources } from '../support/kafka-running.ts';
import { otlpMessages, ownBroker, range, SILENT, TestBroker } from '../support/kafka-shared.ts';

const found = await ownBroker();

describe.skipIf(found === null)('the kafka source on a broker that fails', () => {
  const kafka = found as KafkaBroker;
  const broker = new TestBroker([kafka?.address ?? '']);
  const start = startsSources(broker.brokers, { retryMsMin: 100, retryMsMax: 500 });

  afterAll(async () => {
    await kafka?.stop();
  });

  test('a broker that dies while it is read and comes back costs no message and doubles none', async () => {
    const topic = await broker.createTopic(4);
    await broker.produce(
      topic,
      range(0, 4).map((partition) => otlpMessages(partition, 4000)),
    );
    const intake = new CatchIntake();
    const dead = Promise.withResolvers<void>();
    intake.onAccept = async () => {
      if (intake.total > 3000) await dead.promise;
    };
    const { statuses } = start(intake, {
      topics: [topic],
      partitionFetchBytesMax: 64 * 1024,
      sessionTimeoutMs: 6_000,
    });
    await intake.until(() => intake.total > 3000);
    await kafka.kill();
    expect(intake.total).toBeLessThan(4_000);
    dead.resolve();
    await waitFor(() => statuses.at(-1)?.ready === false);
    await kafka.restart();
    await intake.until(() => intake.total >= 16_000);
    await broker.produce(
      topic,
      range(0, 4).map((partition) => otlpMessages(partition, 100)),
    );
    await intake.until(() => intake.total >= 16_400);
    for (const partition of range(0, 4)) expect(intake.offsets(topic, partition)).toEqual(range(0, 4100));
    await waitFor(() => statuses.at(-1)?.ready === true);
  });

  test('a source that starts before its broker reads as soon as it is there', async () => {
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

  test('stop does not wait for a broker that hangs beyond its deadline', async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [otlpMessages(0, 10)]);
    const intake = new CatchIntake();
    const { source, ended } = start(intake, { topics: [topic], stopDeadlineMs: 1_000 });
    await intake.until(() => intake.total >= 10);
    kafka.freeze();
    onTestFinished(() => kafka.thaw());
    const beganMs = performance.now();
    await source.stop();
    await ended;
    // A request to the broker fails after half a minute.
    expect(performance.now() - beganMs).toBeLessThan(15_000);
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
