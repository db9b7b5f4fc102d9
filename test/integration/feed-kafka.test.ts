import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import kafkajs from 'kafkajs';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Delivery } from '../../src/contracts.ts';
import { FeedRunner } from '../../src/feeds/feed-runner.ts';
import { createKafkaFeed, type KafkaFeedOptions } from '../../src/feeds/kafka.ts';
import { simulate } from '../../src/simulator/simulate.ts';
import { STORIES } from '../../src/simulator/stories.ts';
import { toJsonLines } from '../../src/simulator/to-json-lines.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { describeFeed, expectOrder, revisionsOf } from '../contract/feed-contract.ts';
import { temporaryDirectory } from '../store/sample-checkpoint.ts';
import { startChild } from '../support/child-process.ts';
import type { KafkaBroker } from '../support/kafka-broker.ts';
import { ownBroker, range, SILENT, TestBroker } from '../support/kafka-shared.ts';
import { readTopic } from '../support/read-topic.ts';
import { PATIENT_STOP, until, WinnowProcess, winnow } from '../support/winnow-process.ts';

const own = await ownBroker();

describe.skipIf(own === null)('on a real broker', () => {
  const kafka = own as KafkaBroker;
  const broker = new TestBroker([kafka?.address ?? '']);

  afterAll(async () => {
    await kafka?.stop();
  });

  const optionsFor = (topic: string): KafkaFeedOptions => ({
    name: 'kafka',
    brokers: broker.brokers,
    clientId: 'winnow-test',
    tls: false,
    logger: SILENT,
    topic,
    createTopic: true,
  });

  describeFeed('the kafka feed', async () => {
    const topic = await broker.createTopic(3, {}, 'windows');
    return {
      create: () => createKafkaFeed(optionsFor(topic)),
      received: async () =>
        (await readTopic(broker, topic).catch(() => [])).map(({ value }) => value!.toString()),
      break: () => kafka.kill(),
      repair: () => kafka.restart(),
    };
  });

  const delivery = (n: number, body = `{"n":${n}}`): Delivery => ({
    seq: n,
    windowId: `w_${n}`,
    revision: 1,
    partitionKey: `acme|service-${n % 5}`,
    body,
  });

  function feedTo(options: KafkaFeedOptions) {
    const feed = createKafkaFeed(options);
    onTestFinished(() => feed.stop());
    return feed;
  }

  test('writes CloudEvents in structured mode, one key to one partition', async () => {
    const topic = await broker.createTopic(3, {}, 'windows');
    const feed = feedTo(optionsFor(topic));
    await feed.deliver(Array.from({ length: 50 }, (_, i) => delivery(i)));
    const messages = await readTopic(broker, topic);
    expect(messages).toHaveLength(50);
    for (const { headers, key, value } of messages) {
      expect(String(headers['content-type'])).toBe('application/cloudevents+json; charset=UTF-8');
      const { n } = JSON.parse(value!.toString()) as { n: number };
      expect(key!.toString()).toBe(`acme|service-${n % 5}`);
    }
    const places = new Map<string, Set<number>>();
    for (const { key, partition } of messages)
      places.set(key!.toString(), (places.get(key!.toString()) ?? new Set()).add(partition));
    expect([...places.values()].every((partitions) => partitions.size === 1)).toBe(true);
    expect(new Set(messages.map(({ partition }) => partition)).size).toBeGreaterThan(1);
  });

  test('creates a missing topic', async () => {
    const topic = `windows-${randomUUID()}`;
    await feedTo(optionsFor(topic)).deliver([delivery(1)]);
    expect(await readTopic(broker, topic)).toHaveLength(1);
  });

  test('says what to do when the topic is missing and may not be created', async () => {
    const topic = `windows-${randomUUID()}`;
    const feed = feedTo({ ...optionsFor(topic), createTopic: false });
    const missing = {
      code: 'WINNOW_KAFKA_TOPIC_MISSING',
      message: expect.stringContaining(`${topic}: it does not exist`),
      hint: expect.stringContaining(`--create --topic ${topic}`),
      retryable: true,
    };
    await expect(feed.deliver([delivery(1)])).rejects.toMatchObject(missing);
    await broker.createTopicNamed(topic, 1);
    await feed.deliver([delivery(1)]);
    expect(await readTopic(broker, topic)).toHaveLength(1);
  });

  test('what is larger than the topic takes is refused for good, with a hint, and the next delivery goes through', async () => {
    const topic = await broker.createTopic(1, { 'max.message.bytes': '2000' }, 'windows');
    const feed = feedTo(optionsFor(topic));
    await expect(feed.deliver([delivery(1, 'x'.repeat(5_000))])).rejects.toMatchObject({
      code: 'WINNOW_DELIVERY_REFUSED',
      hint: expect.stringContaining('max.message.bytes'),
    });
    await feed.deliver([delivery(2)]);
    expect((await readTopic(broker, topic)).map(({ value }) => value!.toString())).toEqual(['{"n":2}']);
  });

  test('logs in by sasl, and a wrong password is an error with a hint that keeps it to itself', async () => {
    const topic = await broker.createTopic(1, {}, 'windows');
    const login = (password: string): KafkaFeedOptions => ({
      ...optionsFor(topic),
      brokers: [kafka.saslAddress],
      sasl: { mechanism: 'scram-sha-256', username: 'reader', password },
    });
    await feedTo(login('reader-secret')).deliver([delivery(1)]);
    const refused = feedTo(login('wrong-secret')).deliver([delivery(2)]);
    await expect(refused).rejects.toMatchObject({
      code: 'WINNOW_KAFKA_AUTHENTICATION',
      message: expect.not.stringContaining('wrong-secret'),
    });
    expect(await readTopic(broker, topic)).toHaveLength(1);
  });

  test('a right to write that is missing is an error with a hint', async () => {
    const topic = await broker.createTopic(1, {}, 'windows');
    await broker.allowReader(kafkajs.AclResourceTypes.TOPIC, topic, kafkajs.AclOperationTypes.DESCRIBE);
    const feed = feedTo({
      ...optionsFor(topic),
      brokers: [kafka.saslAddress],
      sasl: { mechanism: 'plain', username: 'reader', password: 'reader-secret' },
    });
    await expect(feed.deliver([delivery(1)])).rejects.toMatchObject({
      code: 'WINNOW_KAFKA_AUTHORISATION',
      hint: expect.stringContaining(`grant the user Write and Describe on topic ${topic}`),
    });
  });

  test('while its target is away, winnow run reads, judges, stores and is ready, and says what waits', async () => {
    const logs = await broker.createTopic(1, { 'max.message.bytes': '50000000' });
    const directory = temporaryDirectory();
    const config = join(directory, 'winnow.json');
    writeFileSync(
      config,
      JSON.stringify({
        store: { path: join(directory, 'winnow.db') },
        sources: [{ type: 'kafka', brokers: broker.brokers, topics: [logs], group: logs, start: 'earliest' }],
        feeds: [{ type: 'kafka', name: 'away', brokers: ['127.0.0.1:9'] }],
        http: { port: 0 },
        ...PATIENT_STOP,
      }),
    );
    const { GZIP } = kafkajs.CompressionTypes;
    const all = [...lines()];
    const messages = range(0, Math.ceil(all.length / 200)).map((i) => all.slice(i * 200, (i + 1) * 200));
    await broker.produce(logs, [messages.map((some) => Buffer.from(some.join('\n')))], GZIP);
    const service = new WinnowProcess(['run', '--config', config]);
    const answers = (path: string, want: RegExp): Promise<void> =>
      until(async () => {
        const { status, text } = await service.get(path);
        return status === 200 && want.test(text);
      });
    await answers('/metrics', /^winnow_delivery_pending\{feed="away"\} [1-9]/m);
    await answers('/readyz', /^running\nfeed away: write to/);
    await answers('/metrics', /^winnow_deliveries_total\{feed="away",result="retried"\} [1-9]/m);
    service.signal('SIGTERM');
    const { code, stderr } = await service.finished();
    expect(code).toBe(0);
    expect(stderr).toContain('check that the brokers run');
  });

  // Goal: a process killed at any instant of a delivery leaves nothing out and nothing in disorder.
  // Method: a child delivers a full store; it kills itself with part of it delivered, again and again, until all is.
  test('killed in the middle of deliveries, every revision is there, in order, and repetitions are the same bytes', async () => {
    const topic = await broker.createTopic(3, {}, 'windows');
    const path = join(temporaryDirectory(), 'winnow.db');
    const revisions = revisionsOf(40, 50);
    const store = openStore({ path });
    store.commit({ positions: [], state: [], revisions, closedToMs: null });
    store.close();

    let kills = 0;
    let left = revisions.length;
    while (left > 0) {
      const child = startChild(CHILD, [path, broker.brokers.join(','), topic, String(left - 300)]);
      left = Number(await child.line());
      if (left > 0) kills++;
      await child.kill();
    }
    expect(kills).toBeGreaterThanOrEqual(4);

    const messages = await readTopic(broker, topic);
    const bodies = messages.map(({ value }) => value!.toString());
    expect([...new Set(bodies)].sort()).toEqual(revisions.map(({ event }) => JSON.stringify(event)).sort());
    expectOrder(bodies);
    // At most the page that was under way comes again.
    expect(bodies.length - revisions.length).toBeLessThanOrEqual(kills * 20);
    const partitionsOf = new Map<string, Set<number>>();
    for (const { key, partition } of messages)
      partitionsOf.set(key!.toString(), (partitionsOf.get(key!.toString()) ?? new Set()).add(partition));
    expect([...partitionsOf.values()].map((partitions) => partitions.size)).toEqual(Array(40).fill(1));
  });

  test('a broker killed in the middle of deliveries costs nothing but repetitions', async () => {
    const topic = await broker.createTopic(3, {}, 'windows');
    const store = openStore({ path: join(temporaryDirectory(), 'winnow.db') });
    const revisions = revisionsOf(30, 100);
    store.commit({ positions: [], state: [], revisions, closedToMs: null });
    const runner = new FeedRunner({
      feed: createKafkaFeed(optionsFor(topic)),
      log: store.deliveries,
      logger: SILENT,
      random: Math.random,
      start: 'earliest',
      pageCountMax: 5,
      retryMsMax: 1_000,
    });
    onTestFinished(async () => {
      await runner.stop(0);
      store.close();
    });
    void runner.run();
    for (const left of [2_500, 1_500]) {
      await until(() => runner.pending < left);
      await kafka.kill();
      expect(runner.pending).toBeGreaterThan(0);
      await kafka.restart();
    }
    await until(() => runner.pending === 0);
    expect(runner.counts).toMatchObject({ delivered: 3_000, rejected: 0 });
    expect(runner.counts.retried).toBeGreaterThan(0);
    const bodies = (await readTopic(broker, topic)).map(({ value }) => value!.toString());
    expect(new Set(bodies)).toEqual(new Set(revisions.map(({ event }) => JSON.stringify(event))));
    expectOrder(bodies);
  });

  test('winnow run feeds what it stores, and ends with everything delivered', async () => {
    const topic = await broker.createTopic(3, {}, 'windows');
    const directory = temporaryDirectory();
    const file = join(directory, 'app.log');
    const config = join(directory, 'winnow.json');
    const store = join(directory, 'winnow.db');
    writeFileSync(file, [...lines()].join('\n'));
    writeFileSync(
      config,
      JSON.stringify({
        store: { path: store },
        sources: [{ type: 'files', paths: [file] }],
        feeds: [{ type: 'kafka', brokers: broker.brokers, topic }],
        http: { port: 0 },
      }),
    );
    const { code, stderr } = await winnow(['run', '--config', config]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const database = new Database(store, { readonly: true });
    const stored = database.prepare('SELECT body FROM revision ORDER BY seq').all() as { body: string }[];
    database.close();
    expect(stored.length).toBeGreaterThan(1);
    const events = stored.map(({ body }) => JSON.stringify((JSON.parse(body) as { event: unknown }).event));
    const received = (await readTopic(broker, topic)).map(({ value }) => value!.toString());
    expect([...received].sort()).toEqual([...events].sort());
  });
});

/** A story with windows in it, of the last hours: a broker gives messages the time of now. */
function lines(): Iterable<string> {
  const startMs = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 7 * HOUR_MS;
  return toJsonLines(simulate({ ...STORIES.refused_then_504.options, startMs }));
}

const HOUR_MS = 3_600_000;

const CHILD = new URL('../feeds/feed-process.ts', import.meta.url);
