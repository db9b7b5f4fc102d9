import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import kafkajs, { type Producer } from 'kafkajs';
import { onTestFinished } from 'vitest';
import { encodeLogsRequest } from '../../src/core/decode/otlp-encode.ts';
import { STORIES } from '../../src/simulator/stories.ts';
import type { TestBroker } from './kafka-shared.ts';
import { Player, type Stream, streamsOf } from './replay.ts';
import { PATIENT_STOP } from './winnow-process.ts';

// What tests of `winnow run` on a real broker share: a story on a topic, a configuration, and a look into the store.

const HOUR_MS = 3_600_000;

/** A story that ended some hours ago, and a last record per partition that closes every bucket of it. */
export function storyOn(topic: string, partitions: number): Stream[] {
  const startMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 7 * HOUR_MS;
  const options = { ...STORIES.refused_then_504.options, startMs };
  const streams = streamsOf(options, { partitions, batchRecords: 32 });
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

export async function connect(broker: TestBroker): Promise<Producer> {
  const producer = broker.client.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  await producer.connect();
  onTestFinished(() => producer.disconnect());
  return producer;
}

/** Sends the n-th of `chunks` parts of each stream, with the messages' own timestamps. */
export async function produce(
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

export function configFor(
  broker: TestBroker,
  topic: string,
  more: Readonly<Record<string, unknown>> = {},
): { file: string; store: string; group: string } {
  const directory = mkdtempSync(join(tmpdir(), 'winnow-service-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const store = join(directory, 'winnow.db');
  const file = join(directory, 'winnow.json');
  const group = `winnow-${topic}`;
  const config = {
    name: 'test',
    store: { path: store },
    sources: [
      {
        type: 'kafka',
        brokers: broker.brokers,
        topics: [topic],
        group,
        encoding: 'otlp_proto',
        start: 'earliest',
        sessionTimeoutMs: 6_000,
      },
    ],
    http: { port: 0 },
    ...PATIENT_STOP,
    checkpointEveryMs: 200,
    idleAfterMs: 600_000,
    ...more,
  };
  writeFileSync(file, JSON.stringify(config));
  return { file, store, group };
}

/** What is in the store, read beside the service. */
export class StoredWindows {
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

/** Events of an uninterrupted reading, as text, sorted: what `StoredWindows.events` must be. */
export function eventsOf(streams: readonly Stream[]): string[] {
  const player = new Player(streams);
  player.play();
  return player.revisions.map((revision) => JSON.stringify(revision.event)).sort();
}

export function messagesOf(streams: readonly Stream[]): number {
  return streams.reduce((sum, { messages }) => sum + messages.length, 0);
}
