import { describe, expect, test } from 'vitest';
import { sharedBroker, type TestBroker } from '../support/kafka-shared.ts';
import { configFor, StoredWindows } from '../support/kafka-story.ts';
import { nanosOf, requestOf } from '../support/otlp.ts';
import { until, WinnowProcess } from '../support/winnow-process.ts';

// Goal: messages that are not what they should be cost nothing but themselves, and each is counted.
// `npm run bench:faults` is the long form, with damaged record batches and decompression bombs.

const MESSAGE_BYTES_MAX = 4_096;
const GOOD = 60;
const found = await sharedBroker();

describe.skipIf(found === null)('winnow run on a topic with damaged messages', () => {
  const broker = found as TestBroker;

  test('every good record is counted, every damaged message has its reason, and null and empty ones are nothing', async () => {
    const topic = await broker.createTopic(1);
    const config = configFor(broker, topic, { limits: { maxMessageBytes: MESSAGE_BYTES_MAX } });
    const startMs = Date.now() - 600_000;
    const values: (Uint8Array | null)[] = [];
    let malformed = 0;
    let tooLarge = 0;
    for (let i = 0; i < GOOD; i++) {
      const good = record(startMs + i * 1_000, `order ${i} placed`);
      values.push(good);
      if (i === 0) continue;
      if (i % 5 === 1) malformed += push(values, good.subarray(0, (i * 7) % good.length || 1));
      if (i % 5 === 2) malformed += push(values, Buffer.alloc(i, 0xff));
      if (i % 5 === 3) tooLarge += push(values, record(startMs + i * 1_000, 'x'.repeat(MESSAGE_BYTES_MAX)));
      if (i % 5 === 4) values.push(null, Buffer.alloc(0));
    }
    // Closes every bucket before it; itself it stays open and in no total.
    values.push(record(startMs + 300_000, 'tick'));
    await broker.produce(topic, [values]);

    const service = new WinnowProcess(['run', '--config', config.file]);
    const storing = new StoredWindows(config.store);
    await until(() => storing.readTo() === values.length);
    const { text } = await service.get('/metrics');
    const total = (name: string): number =>
      Number(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
    expect(total('winnow_records_dropped_total{reason="parse"}')).toBe(malformed);
    expect(total('winnow_records_dropped_total{reason="too_large"}')).toBe(tooLarge);
    expect(total('winnow_records_dropped_total{reason="late"}')).toBe(0);
    expect(total('winnow_records_consumed_total')).toBe(GOOD + malformed + tooLarge);
    service.signal('SIGTERM');
    expect((await service.finished()).code).toBe(0);
  });
});

function record(atMs: number, body: string): Uint8Array {
  return requestOf('shop', [{ timeUnixNano: nanosOf(atMs), severityNumber: 9, body }]);
}

function push(values: (Uint8Array | null)[], value: Uint8Array): number {
  values.push(value);
  return 1;
}
