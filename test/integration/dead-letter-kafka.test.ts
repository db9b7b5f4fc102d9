import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { DeadLetter } from '../../src/contracts.ts';
import { DeadLetterTopic } from '../../src/feeds/dead-letter-topic.ts';
import { temporaryDirectory } from '../store/sample-checkpoint.ts';
import { SILENT, sharedBroker, type TestBroker } from '../support/kafka-shared.ts';
import { readTopic } from '../support/read-topic.ts';
import { PATIENT_STOP, until, WinnowProcess } from '../support/winnow-process.ts';

const found = await sharedBroker();

describe.skipIf(found === null)('the dead-letter topic on a real broker', () => {
  const broker = found as TestBroker;

  function deadLetters(topic: string): DeadLetterTopic {
    const letters = new DeadLetterTopic({
      brokers: broker.brokers,
      clientId: 'winnow-test',
      tls: false,
      logger: SILENT,
      topic,
      createTopic: true,
      perMinute: 1_000,
      nowMs: () => performance.now(),
      retryMsMin: 50,
      retryMsMax: 100,
    });
    onTestFinished(() => letters.stop());
    return letters;
  }

  const letter = (offset: number, overrides: Partial<DeadLetter> = {}): DeadLetter => ({
    source: 'kafka',
    topic: 'otlp_logs',
    partition: 3,
    offset,
    reason: 'malformed',
    detail: 'field 4 length 1203 exceeds 880 remaining bytes, ünï',
    key: Buffer.from('key'),
    value: Buffer.from([0, 255, offset]),
    timestampMs: 1_700_000_000_000,
    ...overrides,
  });

  test('holds key and value as they were, and in its headers why and from where', async () => {
    const topic = `dead-${randomUUID()}`;
    const letters = deadLetters(topic);
    for (let i = 0; i < 5; i++) letters.take(letter(i));
    await until(() => letters.counts.written === 5);
    const messages = await readTopic(broker, topic);
    expect(messages.map(({ value }) => value![2]).sort()).toEqual([0, 1, 2, 3, 4]);
    const third = messages.find(({ value }) => value![2] === 3)!;
    expect(third.key!.toString()).toBe('key');
    const headers = Object.entries(third.headers).map(([name, value]) => [name, String(value)]);
    expect(Object.fromEntries(headers)).toEqual({
      'winnow.reason': 'malformed',
      'winnow.source': 'kafka',
      'winnow.topic': 'otlp_logs',
      'winnow.partition': '3',
      'winnow.offset': '3',
      'winnow.detail': 'field 4 length 1203 exceeds 880 remaining bytes, ünï',
      'winnow.time': '2023-11-14T22:13:20.000Z',
    });
  });

  test('a letter larger than the topic takes is counted and holds up no other', async () => {
    const topic = await broker.createTopic(1, { 'max.message.bytes': '2000' }, 'dead');
    const letters = deadLetters(topic);
    letters.take(letter(1));
    letters.take(letter(2, { value: Buffer.alloc(5_000) }));
    letters.take(letter(3, { timestampMs: Number.NaN }));
    await until(() => letters.pending === 0);
    expect(letters.counts).toEqual({ written: 2, sampled: 0, dropped: 0, rejected: 1 });
    expect((await readTopic(broker, topic)).map(({ value }) => value![2])).toEqual([1, 3]);
  });

  test('a stop writes what waits', async () => {
    const topic = await broker.createTopic(1, {}, 'dead');
    const letters = deadLetters(topic);
    letters.take(letter(0));
    await until(() => letters.counts.written === 1);
    for (let i = 1; i < 300; i++) letters.take(letter(i));
    await letters.stop();
    expect(letters.counts.written + letters.counts.dropped).toBe(300);
    expect(await readTopic(broker, topic)).toHaveLength(letters.counts.written);
    expect(letters.counts.written).toBeGreaterThan(1);
  });

  test('winnow run puts what it cannot read there, redacted, and goes on reading', async () => {
    const logs = await broker.createTopic(1);
    const dead = `dead-${randomUUID()}`;
    const directory = temporaryDirectory();
    const config = join(directory, 'winnow.json');
    writeFileSync(
      config,
      JSON.stringify({
        store: { path: join(directory, 'winnow.db') },
        sources: [
          {
            type: 'kafka',
            brokers: broker.brokers,
            topics: [logs],
            group: logs,
            start: 'earliest',
            encoding: 'otlp_json',
          },
        ],
        deadLetter: { topic: dead },
        http: { port: 0 },
        ...PATIENT_STOP,
      }),
    );
    const bad = Buffer.from('login failed: password=hunter2-secret user=jo');
    const good = Buffer.from('{"resourceLogs":[]}');
    await broker.produce(logs, [[good, bad, good]]);
    const service = new WinnowProcess(['run', '--config', config]);
    const written = /^winnow_dead_letters_total\{result="written"\} 1$/m;
    await until(async () => written.test((await service.get('/metrics')).text));
    service.signal('SIGTERM');
    expect((await service.finished()).code).toBe(0);
    const [message, ...others] = await readTopic(broker, dead);
    expect(others).toEqual([]);
    expect(message!.value!.toString()).toMatch(/^login failed: password=.*user=jo$/);
    expect(message!.value!.toString()).not.toContain('hunter2');
    const headers = Object.entries(message!.headers).map(([name, value]) => [name, String(value)]);
    expect(Object.fromEntries(headers)).toMatchObject({
      'winnow.reason': 'malformed',
      'winnow.source': 'kafka',
      'winnow.topic': logs,
      'winnow.partition': '0',
      'winnow.offset': '1',
      'winnow.detail': expect.stringContaining('at byte 0 of 45'),
    });
  });
});
