import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import type { StoredState } from '../../../src/contracts.ts';
import { registerKafkaCodecs } from '../../../src/kafka/codecs.ts';
import { stopIdleSpin } from '../../../src/kafka/kafkajs-faults.ts';
import { keepOldHeapSmall } from '../../../src/small-heap.ts';
import { createKafkaSourceInThread } from '../../../src/sources/kafka-in-thread.ts';
import { openStore } from '../../../src/store/sqlite.ts';
import { openWindowReader } from '../../../src/store/window-reader.ts';
import { Worker } from '../../../src/worker.ts';
import { readRequests } from '../corpora.ts';
import { mustBe, type Round, type Subject } from '../subject.ts';
import { defaultPipeline } from './pipeline.ts';
import { Feed } from './stage1.ts';

/** Of one fetch and of one partition in it: our own defaults, for both readers. */
const FETCH_BYTES = 8 * 1024 * 1024;
const PARTITION_BYTES = 1024 * 1024;

/** From the first message in hand to the last one dealt with: joining a group is nobody's throughput. */
class Stopwatch {
  #wall = 0;
  #cpu: NodeJS.CpuUsage | null = null;

  start(): void {
    if (this.#cpu !== null) return;
    this.#wall = performance.now();
    this.#cpu = process.cpuUsage();
  }

  stop(records: number, bytes: number, figures: Readonly<Record<string, number>> = {}): Round {
    if (this.#cpu === null) throw new Error('BUG: stopped before it was started');
    const used = process.cpuUsage(this.#cpu);
    const wallMs = performance.now() - this.#wall;
    return { records, bytes, wallMs, cpuMs: (used.user + used.system) / 1_000, figures };
  }
}

/**
 * A whole topic into a new store each round, under the heap of `winnow run`: the source in its thread, worker, pipeline,
 * checkpoints, windows. CPU time is that of all threads. With `learntPasses` the pipeline begins each round with the templates that so many passes over `corpus` taught, as a worker that has run before.
 */
export function kafkaToStore(settings: Readonly<Record<string, string>>): Subject {
  const { broker, topic, messages, records, bytes } = readSettings(settings);
  const learnt = learn(settings.corpus!, Number(settings.learntPasses));
  const round = async (): Promise<Round> => {
    const directory = mkdtempSync(join(tmpdir(), 'winnow-bench-'));
    const path = join(directory, 'winnow.db');
    const store = openStore({ path });
    const pipeline = defaultPipeline();
    pipeline.load(learnt);
    keepOldHeapSmall();
    let counted = 0;
    pipeline.observe((bucket) => {
      counted += bucket.accounting.counted;
    });
    const options = { checkpointEveryMs: 5_000, idleAfterMs: 30_000, nowMs: Date.now };
    const worker = new Worker(pipeline, store, options, () => undefined);
    const source = createKafkaSourceInThread({
      name: 'bench',
      brokers: [broker],
      topics: [topic],
      groupId: randomUUID(),
      logger: SILENT,
      start: 'earliest',
    });
    const watch = new Stopwatch();
    const done = Promise.withResolvers<void>();
    let seen = 0;
    const intake = worker.intake(source);
    const running = source.run({
      ...intake,
      accept: async (batch) => {
        if (batch.messages.length > 0) watch.start();
        await intake.accept(batch);
        seen += batch.messages.length;
        if (seen >= messages) done.resolve();
      },
    });
    await Promise.race([done.promise, running]);
    await worker.drain();
    await worker.checkpoint();
    const result = watch.stop(records, bytes);
    await source.stop();
    await running;
    store.close();
    mustBe('messages read', seen, messages);
    mustBe('records counted', counted, records);
    const reader = openWindowReader(path);
    const windows = reader.list({ limit: 1_000 }).length;
    reader.close();
    rmSync(directory, { recursive: true, force: true });
    return { ...result, figures: { windows } };
  };
  return { round, end: () => ({}) };
}

/** kafkajs alone reads the same topic with the same sizes of fetches; the messages are looked at and dropped. */
export function kafkajsAlone(settings: Readonly<Record<string, string>>): Subject {
  const { broker, topic, messages, records, bytes } = readSettings(settings);
  registerKafkaCodecs();
  stopIdleSpin();
  const round = async (): Promise<Round> => {
    const client = new kafkajs.Kafka({ brokers: [broker], logLevel: kafkajs.logLevel.NOTHING });
    const consumer = client.consumer({
      groupId: randomUUID(),
      maxBytes: FETCH_BYTES,
      maxBytesPerPartition: PARTITION_BYTES,
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    const watch = new Stopwatch();
    const done = Promise.withResolvers<void>();
    const sum = { messages: 0, bytes: 0 };
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        watch.start();
        for (const message of batch.messages) {
          sum.messages++;
          sum.bytes += message.value?.length ?? 0;
        }
        if (sum.messages >= messages) done.resolve();
      },
    });
    await done.promise;
    const result = watch.stop(records, bytes);
    await consumer.disconnect();
    mustBe('messages read', sum.messages, messages);
    mustBe('bytes read', sum.bytes, bytes);
    return result;
  };
  return { round, end: () => ({}) };
}

/** State after passes over the corpus, without the positions of what was read: a topic stands in for them. */
function learn(corpus: string, passes: number): StoredState {
  if (passes === 0) return { state: [], positions: [], closedToMs: null };
  const { facts, requests } = readRequests(corpus);
  const feed = new Feed(facts, requests);
  const pipeline = defaultPipeline();
  for (let i = 0; i < passes; i++) {
    feed.nextPass();
    feed.pass((batch) => pipeline.accept(batch));
  }
  pipeline.drain();
  const { state, closedToMs } = pipeline.checkpoint();
  return { state, positions: [], closedToMs };
}

const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function readSettings(settings: Readonly<Record<string, string>>): {
  broker: string;
  topic: string;
  messages: number;
  records: number;
  bytes: number;
} {
  const { broker, topic, messages, records, bytes } = settings;
  return {
    broker: broker!,
    topic: topic!,
    messages: Number(messages),
    records: Number(records),
    bytes: Number(bytes),
  };
}
