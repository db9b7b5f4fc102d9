import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import kafkajs, { type Producer } from 'kafkajs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { encodeLogsRequest } from '../../src/core/decode/otlp-encode.ts';
import { STORIES } from '../../src/simulator/stories.ts';
import { sharedBroker, type TestBroker } from '../support/kafka-shared.ts';
import { Player, type Stream, streamsOf } from '../support/replay.ts';
import { until, WinnowProcess } from '../support/winnow-process.ts';

// Goal: the service on a real broker, killed in the middle of a run, stores the same windows as an uninterrupted run.
// Method: a story is produced with its own timestamps while `winnow run` is started, SIGKILLed and started again; what
// the store holds is compared byte for byte with the same messages played through one pipeline in this process.

const HOUR_MS = 3_600_000;
const PARTITIONS = 4;
const found = await sharedBroker();

describe.skipIf(found === null)('winnow run on a real broker', () => {
  const broker = found as TestBroker;

  test('is killed four times in the middle of a run and stores the windows of an uninterrupted run', {
    timeout: 150_000,
  }, async () => {
    const topic = await broker.createTopic(PARTITIONS);
    const streams = story(topic);
    const config = configFor(topic);
    const storing = new StoredWindows(config.store);

    let service = new WinnowProcess(['run', '--config', config.file]);
    const producer = await connect(broker);
    const chunks = 10;
    for (let chunk = 0; chunk < chunks; chunk++) {
      await produce(producer, topic, streams, chunk, chunks);
      if (chunk % 3 !== 1 || chunk > 7) continue;
      await until(() => storing.readTo() > 0, 30_000);
      await service.kill();
      service = new WinnowProcess(['run', '--config', config.file]);
    }
    const total = streams.reduce((sum, stream) => sum + stream.messages.length, 0);
    await until(() => storing.readTo() > total / 2, 40_000);
    await service.kill();
    service = new WinnowProcess(['run', '--config', config.file]);
    await until(() => storing.readTo() === total, 60_000);
    service.signal('SIGTERM');
    expect((await service.finished()).code).toBe(0);

    const uninterrupted = new Player(streams);
    uninterrupted.play();
    const wanted = uninterrupted.revisions.map((revision) => JSON.stringify(revision.event));
    expect(wanted.length).toBeGreaterThan(1);
    expect(storing.events()).toEqual(wanted.sort());
  });

  test('serves metrics, health and readiness, and ends on SIGTERM with its work stored', {
    timeout: 60_000,
  }, async () => {
    const topic = await broker.createTopic(1);
    const config = configFor(topic);
    const service = new WinnowProcess(['run', '--config', config.file]);
    const base = `http://127.0.0.1:${await service.httpPort()}`;
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    await until(async () => (await fetch(`${base}/readyz`)).status === 200, 20_000);

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

    const metrics = async (): Promise<string> => (await fetch(`${base}/metrics`)).text();
    await until(async () => /^winnow_records_consumed_total [3-9]/m.test(await metrics()), 20_000);
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

/** A story that ended some hours ago, and a last record per partition that closes every bucket of it. */
function story(topic: string): Stream[] {
  const startMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 7 * HOUR_MS;
  const options = { ...STORIES.refused_then_504.options, startMs };
  const streams = streamsOf(options, { partitions: PARTITIONS, batchRecords: 32 });
  const endMs = startMs + options.durationMs + HOUR_MS;
  return streams.map(({ ref, messages }) => ({
    ref: { ...ref, topic },
    messages: [
      ...messages,
      {
        value: encodeLogsRequest([
          {
            resource: { 'service.name': 'clock' },
            records: [{ timeUnixNano: String(BigInt(endMs) * 1_000_000n), severityNumber: 9, body: 'tick' }],
          },
        ]),
        offset: messages.length,
        referenceTimeMs: endMs,
      },
    ],
  }));
}

async function connect(broker: TestBroker): Promise<Producer> {
  const producer = broker.client.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  return producer;
}

/** Sends the n-th of `chunks` parts of each stream, with the messages' own timestamps. */
async function produce(
  producer: Producer,
  topic: string,
  streams: readonly Stream[],
  chunk: number,
  chunks: number,
): Promise<void> {
  for (const { ref, messages } of streams) {
    const from = Math.floor((messages.length * chunk) / chunks);
    const to = Math.floor((messages.length * (chunk + 1)) / chunks);
    await producer.send({
      topic,
      messages: messages.slice(from, to).map(({ value, referenceTimeMs }) => ({
        partition: ref.partition,
        value: Buffer.from(value),
        timestamp: String(Math.floor(referenceTimeMs)),
      })),
    });
  }
}

function configFor(topic: string): { file: string; store: string } {
  const directory = mkdtempSync(join(tmpdir(), 'winnow-service-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const store = join(directory, 'winnow.db');
  const file = join(directory, 'winnow.json');
  const config = {
    name: 'test',
    store: { path: store },
    sources: [
      {
        type: 'kafka',
        brokers: (found as TestBroker).brokers,
        topics: [topic],
        group: `winnow-${topic}`,
        encoding: 'otlp_proto',
        start: 'earliest',
        sessionTimeoutMs: 6_000,
      },
    ],
    http: { port: 0 },
    checkpointEveryMs: 200,
    idleAfterMs: 600_000,
  };
  writeFileSync(file, JSON.stringify(config));
  return { file, store };
}

/** What is in the store, read beside the service. */
class StoredWindows {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Messages read so far, all partitions. */
  readTo(): number {
    return this.#query<{ sum: number | null }>('SELECT sum(read_to) AS sum FROM position')[0]?.sum ?? 0;
  }

  /** Every revision's event as text, sorted. */
  events(): string[] {
    return this.#query<{ body: string }>('SELECT body FROM revision')
      .map(({ body }) => JSON.stringify((JSON.parse(body) as { event: unknown }).event))
      .sort();
  }

  #query<Row>(sql: string): Row[] {
    let database: Database.Database;
    try {
      database = new Database(this.#path, { readonly: true, fileMustExist: true });
    } catch {
      return [];
    }
    try {
      return database.prepare(sql).all() as Row[];
    } catch {
      return [];
    } finally {
      database.close();
    }
  }
}
