import { describe, expect, test } from 'vitest';
import { encodeLogsRequest } from '../../src/core/decode/otlp-encode.ts';
import { sharedBroker, type TestBroker } from '../support/kafka-shared.ts';
import {
  configFor,
  connect,
  eventsOf,
  messagesOf,
  produce,
  StoredWindows,
  storyOn,
} from '../support/kafka-story.ts';
import { until, WinnowProcess } from '../support/winnow-process.ts';

// Goal: the service on a real broker, killed in the middle of a run, stores the same windows as an uninterrupted run.
// Method: a story is produced with its own timestamps while `winnow run` is started, SIGKILLed and started again; what
// the store holds is compared byte for byte with the same messages played through one pipeline in this process.

const PARTITIONS = 4;
const found = await sharedBroker();

describe.skipIf(found === null)('winnow run on a real broker', () => {
  const broker = found as TestBroker;

  test('is killed four times in the middle of a run and stores the windows of an uninterrupted run', {
    timeout: 300_000,
  }, async () => {
    const topic = await broker.createTopic(PARTITIONS);
    const streams = storyOn(topic, PARTITIONS);
    const config = configFor(broker, topic);
    const storing = new StoredWindows(config.store);

    let service = new WinnowProcess(['run', '--config', config.file]);
    const producer = await connect(broker);
    const chunks = 10;
    for (let chunk = 0; chunk < chunks; chunk++) {
      await produce(producer, topic, streams, chunk, chunks);
      if (chunk % 3 !== 1 || chunk > 7) continue;
      await until(() => storing.readTo() > 0);
      await service.kill();
      service = new WinnowProcess(['run', '--config', config.file]);
    }
    const total = messagesOf(streams);
    await until(() => storing.readTo() > total / 2, 120_000);
    await service.kill();
    service = new WinnowProcess(['run', '--config', config.file]);
    await until(() => storing.readTo() === total, 120_000);
    service.signal('SIGTERM');
    expect((await service.finished()).code).toBe(0);

    const wanted = eventsOf(streams);
    expect(wanted.length).toBeGreaterThan(1);
    expect(storing.events()).toEqual(wanted);

    // Windows have closed by now: what they left behind is read, too.
    service = new WinnowProcess(['run', '--config', config.file]);
    await until(() => service.stderr.includes('joined the consumer group'));
    service.signal('SIGTERM');
    expect((await service.finished()).code).toBe(0);
    expect(storing.events()).toEqual(wanted);
  });

  test('serves metrics, health and readiness, and ends on SIGTERM with its work stored', async () => {
    const topic = await broker.createTopic(1);
    const config = configFor(broker, topic);
    const service = new WinnowProcess(['run', '--config', config.file]);
    expect((await service.get('/healthz')).status).toBe(200);
    await service.isReady();

    const producer = await connect(broker);
    const nowMs = Date.now();
    const lines = (atMs: number): Buffer =>
      Buffer.from(
        encodeLogsRequest([
          {
            resource: { 'service.name': 'shop' },
            records: [
              { timeUnixNano: String(BigInt(atMs) * 1_000_000n), severityNumber: 9, body: 'order 17 placed' },
            ],
          },
        ]),
      );
    const values = [lines(nowMs - 60_000), Buffer.from('not a request'), lines(nowMs - 30_000), lines(nowMs)];
    await producer.send({ topic, messages: values.map((value) => ({ value, partition: 0 })) });

    const metrics = async (): Promise<string> => (await service.get('/metrics')).text;
    await until(async () => /^winnow_records_consumed_total [3-9]/m.test(await metrics()));
    const text = await metrics();
    expect(text).toMatch(/^winnow_records_dropped_total\{reason="parse"\} 1$/m);
    expect(text).toMatch(/^winnow_findings_total\{kind="silence",severity="error"\} 0$/m);
    expect(text).toContain(`winnow_consumer_lag_records{partition="${topic}/0"} 0`);
    expect(text).toMatch(/^winnow_templates_active 1$/m);
    expect(text).toMatch(/^winnow_false_alarm_budget_per_day 10$/m);
    expect(text).toContain('winnow_build_info{version="');

    service.signal('SIGTERM');
    const { code, stderr } = await service.finished();
    expect(code).toBe(0);
    expect(stderr).toContain('"msg":"stopped"');
    expect(new StoredWindows(config.store).readTo()).toBe(4);
  });
});
