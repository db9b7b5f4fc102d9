import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { afterAll, describe, expect, test } from 'vitest';
import type { Check } from '../../src/cli/doctor/check.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { temporaryDirectory } from '../store/sample-checkpoint.ts';
import type { KafkaBroker } from '../support/kafka-broker.ts';
import { ownBroker, range, TestBroker } from '../support/kafka-shared.ts';
import { nanosOf, requestOf } from '../support/otlp.ts';
import { WinnowProcess, winnow } from '../support/winnow-process.ts';

// Goal: doctor tells each thing that keeps winnow from working on a broker from its absence, and touches nothing.

const own = await ownBroker();

describe.skipIf(own === null)('winnow doctor on a real broker', () => {
  const kafka = own as KafkaBroker;
  const broker = new TestBroker([kafka?.address ?? '']);

  afterAll(async () => {
    await kafka?.stop();
  });

  const HOUR_MS = 3_600_000;

  /** Requests of one record each, a second apart, ending at a time; service i of n. */
  function requests(count: number, service = 'shop', endMs = Date.now()): Uint8Array[] {
    return range(0, count).map((i) =>
      requestOf(service, [
        {
          timeUnixNano: nanosOf(endMs - (count - 1 - i) * 100),
          severityNumber: 9,
          body: `request ${i} done`,
        },
      ]),
    );
  }

  function settingsFor(topic: string, source: object = {}, more: object = {}) {
    const directory = temporaryDirectory();
    const store = join(directory, 'winnow.db');
    const file = join(directory, 'winnow.json');
    const settings = {
      store: { path: store },
      http: { port: 0 },
      sources: [
        {
          type: 'kafka',
          brokers: broker.brokers,
          topics: [topic],
          group: `group-${topic}`,
          start: 'earliest',
          ...source,
        },
      ],
      ...more,
    };
    writeFileSync(file, JSON.stringify(settings));
    return { file, store };
  }

  async function examine(file: string, args: readonly string[] = []) {
    const { code, stdout, stderr } = await winnow(['doctor', '--json', '--config', file, ...args]);
    expect(stderr).toBe('');
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Check[] };
    expect(code).toBe(ok ? 0 : 1);
    const about = (words: string): Check => {
      const check = checks.find(({ what }) => what.includes(words));
      if (check === undefined) throw new Error(`no check about ${words} in\n${stdout}`);
      return check;
    };
    return { ok, checks, about };
  }

  test('finds nothing wrong with what the collector writes, and leaves no trace', async () => {
    const topic = await broker.createTopic(3);
    const values = [requests(40), requests(30), requests(20, 'billing')];
    await broker.produce(topic, values, kafkajs.CompressionTypes.ZSTD);
    const { file } = settingsFor(
      topic,
      {},
      {
        feeds: [{ type: 'kafka', brokers: broker.brokers, topic: `${topic}-windows` }],
        deadLetter: { topic: `${topic}-dead`, createTopic: false },
      },
    );
    const { code, stdout } = await winnow(['doctor', '--config', file]);
    const lines = stdout.split('\n');
    expect(lines.filter((line) => !line.startsWith('ok ')).slice(0, -1)).toEqual([
      expect.stringMatching(/^fail +dead letters: topic .* does not exist.* — create it: kafka-topics\.sh/),
      expect.stringMatching(/^winnow cannot run as it should: \d+ ok, 0 warnings, 1 failed$/),
    ]);
    expect(code).toBe(1);
    for (const wanted of [
      'brokers: 1 broker in the cluster',
      `group group-${topic}: nobody reads with it`,
      `${topic}: 3 partitions, each with a leader`,
      `${topic}: lag: the topic holds 90 messages; no position stored, a worker begins at earliest`,
      `${topic}: retention: messages are kept 7 d;`,
      `${topic}: formats: 60 of the last 60 messages can be read (60 otlp_proto; zstd): 60 records`,
      `${topic}: partitioning: 2 services in 3 partitions; 1 spread over several (shop in 2): fine here`,
      `${topic}: clocks: records are`,
      `feed kafka: topic ${topic}-windows is not there yet; winnow creates it`,
    ])
      expect(stdout).toContain(wanted);
    const { groups } = await broker.withAdmin((admin) => admin.listGroups());
    expect(groups.map(({ groupId }) => groupId)).not.toContain(`group-${topic}`);
    expect(await broker.committedOffset(`group-${topic}`, topic, 0)).toBe('-1');
  });

  test('says what was deleted before it was read, and how long the rest will wait', async () => {
    const topic = await broker.createTopic(2, { 'retention.ms': String(2 * HOUR_MS) });
    await broker.produce(topic, [requests(50), requests(50)]);
    await broker.deleteBefore(topic, 0, 20);
    await broker.deleteBefore(topic, 1, 11);
    const { file, store: path } = settingsFor(topic);
    const store = openStore({ path });
    const positions = range(0, 2).map((partition) => ({
      source: 'kafka',
      topic,
      partition,
      resumeAt: 10,
      readTo: 12,
      maxTimeMs: null,
    }));
    store.commit({ positions, state: [], revisions: [], closedToMs: null });
    store.close();
    const { ok, about } = await examine(file);
    expect(ok).toBe(false);
    expect(about(`${topic}/0: 8 messages deleted before being read`)).toMatchObject({
      verdict: 'fail',
      hint: expect.stringContaining('retention.ms'),
      facts: { partition: 0, lost: 8 },
    });
    expect(about(`${topic}/1: 1 message deleted that a restart reads again`)).toMatchObject({
      verdict: 'warn',
      facts: { partition: 1, again: 1 },
    });
    expect(about('delay: the oldest unread message is').verdict).toBe('ok');
    expect(about('lag: the topic holds 69 messages, 68 of them unread')).toMatchObject({
      verdict: 'ok',
      facts: { lag: 68 },
    });
    const retention = about('retention: messages are kept 2 h; unread ones begin to expire in ');
    expect(retention).toMatchObject({
      verdict: 'warn',
      hint: expect.stringContaining('raise retention.ms'),
    });
    expect(retention.facts!.downtimeMs).toBeLessThan(2 * HOUR_MS);
    expect(retention.facts!.downtimeMs).toBeGreaterThan(1.9 * HOUR_MS);
  });

  test('a stored position behind the end of a partition means that the topic was made anew', async () => {
    const topic = await broker.createTopic(1);
    const { file, store: path } = settingsFor(topic);
    const store = openStore({ path });
    const position = { source: 'kafka', topic, partition: 0, resumeAt: 99, readTo: 99, maxTimeMs: null };
    store.commit({ positions: [position], state: [], revisions: [], closedToMs: null });
    store.close();
    const { about } = await examine(file);
    expect(about(`${topic}/0: ends at 0, before the stored position 99`).verdict).toBe('warn');
    expect(about('formats: nothing to look at yet').verdict).toBe('ok');
  });

  test('a wrong encoding is a failure, a few unreadable messages are a warning', async () => {
    const texts = range(0, 10).map((i) => Buffer.from(`2026-11-22T00:00:0${i}Z INFO order ${i} placed`));
    const text = await broker.createTopic(1);
    await broker.produce(text, [texts]);
    const wrong = await examine(settingsFor(text, { encoding: 'otlp_proto' }).file);
    expect(wrong.about('formats: 0 of the last 10 messages can be read (10 text')).toMatchObject({
      verdict: 'fail',
      hint: expect.stringContaining('the source reads as otlp_proto'),
    });
    const right = await examine(settingsFor(text, { encoding: 'auto' }).file);
    expect(right.about('formats: 10 of the last 10 messages can be read (10 text').verdict).toBe('ok');
    const mixed = await broker.createTopic(1);
    await broker.produce(mixed, [[...requests(9), Buffer.from([0, 1, 2, 3])]]);
    const few = await examine(settingsFor(mixed).file, ['--sample', '5']);
    expect(few.about('formats: 4 of the last 5 messages').verdict).toBe('warn');
  });

  test('clocks: records of the future and records without a time', async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [[...requests(5, 'on-time'), ...requests(3, 'hasty', Date.now() + HOUR_MS)]]);
    const { about } = await examine(settingsFor(topic).file);
    expect(about('clocks: 3 records of 8 more than 10 min ahead')).toMatchObject({
      verdict: 'fail',
      what: expect.stringContaining('3 hasty'),
      hint: expect.stringContaining('NTP'),
    });
    const timeless = await broker.createTopic(1);
    await broker.produce(timeless, [[Buffer.from('order placed'), Buffer.from('order paid')]]);
    expect(
      (await examine(settingsFor(timeless).file)).about('none of 2 records carries a time').verdict,
    ).toBe('warn');
    const late = await broker.createTopic(1);
    await broker.produce(late, [[...requests(10), ...requests(5, 'shop', Date.now() - 60_000)]]);
    expect(
      (await examine(settingsFor(late).file)).about('5 records of 15 more than 5 s behind'),
    ).toMatchObject({
      verdict: 'warn',
      facts: { late: 5 },
    });
  });

  test('a missing topic and a broker that is not there are failures with a hint', async () => {
    const { file } = settingsFor('no-such-topic');
    expect((await examine(file)).about('no-such-topic: no such topic')).toMatchObject({
      verdict: 'fail',
      hint: expect.stringContaining('create it'),
    });
    const nobody = settingsFor('otlp_logs', { brokers: ['127.0.0.1:9'] });
    expect((await examine(nobody.file)).about('brokers 127.0.0.1:9')).toMatchObject({
      verdict: 'fail',
      hint: expect.stringMatching(/^check that the brokers run .* from here$/),
    });
  });

  test('rights that are missing are named: to read the topic, and to join the group', async () => {
    const readable = await broker.createTopic(1);
    const hidden = await broker.createTopic(1);
    await broker.produce(hidden, [requests(3)]);
    const { DESCRIBE } = kafkajs.AclOperationTypes;
    await broker.allowReader(kafkajs.AclResourceTypes.TOPIC, hidden, DESCRIBE);
    await broker.allowReader(kafkajs.AclResourceTypes.GROUP, 'guarded', DESCRIBE);
    const passwordFile = join(temporaryDirectory(), 'password');
    writeFileSync(passwordFile, 'reader-secret\n');
    const login = {
      brokers: [kafka.saslAddress],
      sasl: { mechanism: 'plain', username: 'reader', passwordFile },
    };
    const topic = await examine(settingsFor(hidden, login).file);
    expect(topic.about(`${hidden}: settings`)).toMatchObject({
      verdict: 'warn',
      hint: expect.stringContaining('DescribeConfigs'),
    });
    expect(topic.about(`${hidden}: read from kafka`)).toMatchObject({
      verdict: 'fail',
      hint: expect.stringContaining('grant the user Read'),
    });
    const group = await examine(settingsFor(readable, { ...login, group: 'guarded' }).file);
    expect(group.about('group guarded')).toMatchObject({
      verdict: 'fail',
      hint: expect.stringContaining('Read on the consumer group'),
    });
    writeFileSync(passwordFile, 'wrong-secret');
    const refused = await examine(settingsFor(readable, login).file);
    expect(refused.about('brokers')).toMatchObject({
      verdict: 'fail',
      hint: expect.stringContaining('password'),
    });
    expect(JSON.stringify(refused.checks)).not.toContain('wrong-secret');
  });

  test('beside a worker it sees the lock, the group and the endpoint as that worker’s, and as trouble for another store', async () => {
    const topic = await broker.createTopic(2);
    await broker.produce(topic, [requests(5), requests(5)]);
    const { file, store } = settingsFor(topic);
    const worker = new WinnowProcess(['run', '--config', file]);
    const port = await worker.httpPort();
    await worker.isReady();
    const beside = await examine(file, ['--http-port', String(port)]);
    expect(beside.about(`store ${store}: a worker is at work on it: pid ${worker.child.pid}`).verdict).toBe(
      'ok',
    );
    expect(beside.about('read by this store’s worker alone'.replace('’', "'")).verdict).toBe('ok');
    expect(beside.about('is in use, and a worker of this store runs here').verdict).toBe('ok');
    expect(beside.ok).toBe(true);
    const elsewhere = settingsFor(topic, { group: `other-${topic}` }, { store: { path: store } });
    expect((await examine(elsewhere.file)).about('nobody reads with it, though a worker holds').verdict).toBe(
      'warn',
    );
    const other = settingsFor(topic);
    const stranger = await examine(other.file, ['--http-port', String(port)]);
    expect(stranger.about(`group group-${topic}: 1 member that is not this store's worker`)).toMatchObject({
      verdict: 'fail',
      what: expect.stringContaining('which writes store'),
      hint: expect.stringContaining('a consumer group of its own'),
    });
    expect(stranger.about('cannot listen on').verdict).toBe('fail');
    expect((await worker.get('/readyz')).status).toBe(200);
  });
});
