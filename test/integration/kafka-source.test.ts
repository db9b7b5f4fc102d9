import { afterEach, describe, expect, test } from 'vitest';
import type { Source } from '../../src/contracts.ts';
import type { KafkaSourceOptions, KafkaStatus } from '../../src/sources/kafka/options.ts';
import { createKafkaSource } from '../../src/sources/kafka.ts';
import { CatchIntake } from '../support/kafka-catch.ts';
import { sharedBroker, type TestBroker } from '../support/kafka-shared.ts';
import { nanosOf, requestOf } from '../support/otlp.ts';

const found = await sharedBroker();

describe.skipIf(found === null)('the kafka source on a real broker', () => {
  const broker = found as TestBroker;
  const running: { source: Source; ended: Promise<void> }[] = [];

  function start(
    intake: CatchIntake,
    options: Partial<KafkaSourceOptions> & { topics: (string | RegExp)[] },
  ) {
    const statuses: KafkaStatus[] = [];
    const source = createKafkaSource({
      name: 'kafka',
      brokers: broker.brokers,
      groupId: `group-${crypto.randomUUID()}`,
      start: 'earliest',
      logger: silent,
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
    start(intake, { topics: [topic], encoding: 'otlp_proto' });
    await intake.until(() => intake.total >= 12_000);
    for (const [partition, values] of sent.entries()) {
      const caught = intake.caught.get(`${topic}/${partition}`)!;
      expect(caught.map((message) => message.offset)).toEqual(values.map((_, i) => i));
      expect(Buffer.concat(caught.map((message) => message.value)).equals(Buffer.concat(values))).toBe(true);
      expect(caught[0]!.encoding).toBe('otlp_proto');
      expect(Math.abs(caught[0]!.referenceTimeMs - Date.now())).toBeLessThan(60_000);
    }
    expect(intake.batchMessagesMax).toBeLessThanOrEqual(500);
  });
});

const silent = { debug() {}, info() {}, warn() {}, error() {} };

function otlpMessages(partition: number, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) =>
    requestOf(`service-${partition}`, [
      {
        timeUnixNano: nanosOf(1_700_000_000_000 + i),
        severityNumber: 9,
        body: `request ${i} of partition ${partition} done`,
      },
    ]),
  );
}
