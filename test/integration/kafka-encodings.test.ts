import { describe, expect, onTestFinished, test } from 'vitest';
import type { Encoding } from '../../src/contracts.ts';
import { encodeLogsRequest } from '../../src/core/decode/otlp-encode.ts';
import { Poison } from '../../src/poison.ts';
import { createKafkaSource } from '../../src/sources/kafka.ts';
import { Worker } from '../../src/worker.ts';
import { SILENT, sharedBroker, type TestBroker } from '../support/kafka-shared.ts';
import { newPipeline } from '../support/replay.ts';
import { until } from '../support/winnow-process.ts';

// From a real broker through the worker into the counts: what each encoding reads, and what it refuses.

const PROTO = Buffer.from(
  encodeLogsRequest([
    { resource: { 'service.name': 'shop' }, records: [{ severityNumber: 9, body: 'order 17 placed' }] },
  ]),
);
const OTLP_JSON = Buffer.from(
  JSON.stringify({
    resourceLogs: [
      { scopeLogs: [{ logRecords: [{ body: { stringValue: 'a' } }, { body: { stringValue: 'b' } }] }] },
    ],
  }),
);
const JSON_LINES = Buffer.from('{"msg":"one","level":"info"}\n{"msg":"two"}\n');
const LINES = Buffer.from('first line\nsecond line\nthird line\n');
/** Neither text nor any of the others. */
const NOISE = Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x81, 0x82, 0x01, 0x02]);

const found = await sharedBroker();

describe.skipIf(found === null)('what is read from a topic', () => {
  const broker = found as TestBroker;

  test.each<[Encoding, (Buffer | null)[], number, Record<string, number>]>([
    ['auto', [PROTO, OTLP_JSON, JSON_LINES, LINES, null, Buffer.alloc(0)], 1 + 2 + 2 + 3, {}],
    ['otlp_proto', [PROTO, PROTO, LINES, null], 2, { bad_wire_type: 1 }],
    ['otlp_json', [OTLP_JSON, LINES, null], 2, { bad_json: 1 }],
    ['json', [JSON_LINES, LINES, null], 2 + 3, {}],
    ['text', [LINES, JSON_LINES, null], 3 + 2, {}],
    ['raw', [LINES, PROTO, null], 2, {}],
    ['auto', [NOISE, LINES], 3, { not_text: 1 }],
  ])(
    'as %s is every record of it, and what it is not is counted with why',
    async (encoding, values, records, refused) => {
      const topic = await broker.createTopic(1);
      await broker.produce(topic, [values]);
      const pipeline = newPipeline();
      const poison = new Poison({ letters: null, redact: null, nowMs: Date.now });
      poison.know('kafka');
      pipeline.counting.onMalformed = (ref, message, malformed) => poison.take(ref, message, malformed);
      const worker = new Worker(
        pipeline,
        null,
        { checkpointEveryMs: 60_000, idleAfterMs: 60_000, nowMs: Date.now },
        () => undefined,
      );
      const source = createKafkaSource({
        name: 'kafka',
        brokers: broker.brokers,
        topics: [topic],
        groupId: topic,
        start: 'earliest',
        encoding,
        logger: SILENT,
      });
      let counted = 0;
      let dropped = 0;
      pipeline.observe((bucket) => {
        counted += bucket.accounting.counted;
        dropped += bucket.accounting.dropped.malformed;
      });
      const ended = source.run(worker.intake(source));
      onTestFinished(async () => {
        await source.stop();
        await ended;
      });
      await until(() => worker.stats.messages >= values.length);
      await worker.drain();
      const { unbooked } = pipeline.counting;
      const refusals = Object.fromEntries(
        Object.entries(poison.counts.get('kafka')!).filter(([, messages]) => messages > 0),
      );
      expect(counted).toBe(records);
      expect(Object.values(refusals).reduce((sum, one) => sum + one, 0)).toBe(
        dropped + unbooked.dropped.malformed,
      );
      expect(refusals).toEqual(refused);
    },
  );
});
