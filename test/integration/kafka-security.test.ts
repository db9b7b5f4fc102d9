import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { KafkaSourceOptions, KafkaStatus } from '../../src/sources/kafka/options.ts';
import { createKafkaSource } from '../../src/sources/kafka.ts';
import type { KafkaBroker } from '../support/kafka-broker.ts';
import { CatchIntake } from '../support/kafka-catch.ts';
import { otlpMessages, ownBroker, range, SILENT, TestBroker } from '../support/kafka-shared.ts';
import { until, WinnowProcess } from '../support/winnow-process.ts';

const secured = await ownBroker({ tls: true });

describe.skipIf(secured === null)('the kafka source on a broker that asks who it is', () => {
  const kafka = secured as KafkaBroker;
  const broker = new TestBroker([kafka?.address ?? '']);
  const { TOPIC } = kafkajs.AclResourceTypes;
  const LOGIN = { username: 'reader', password: 'reader-secret' };

  /** Reads ten messages and stops; rejects with what `run` rejects with. Returns all that was logged and reported. */
  async function readTen(options: Partial<KafkaSourceOptions>): Promise<string> {
    const topic = options.topics?.[0] ?? (await broker.createTopic(1));
    if (typeof topic === 'string') await broker.produce(topic, [otlpMessages(0, 10)]);
    const said: unknown[] = [];
    const note = (fields: object, message: string) => said.push(fields, message);
    const reading = Promise.withResolvers<void>();
    const source = createKafkaSource({
      name: 'kafka',
      brokers: [kafka.saslAddress],
      topics: [topic],
      groupId: `group-${crypto.randomUUID()}`,
      start: 'earliest',
      logger: { debug: note, info: note, warn: note, error: note },
      onStatus: (status) => {
        said.push(status);
        if (status.ready) reading.resolve();
      },
      ...options,
    });
    const intake = new CatchIntake();
    const ended = source.run(intake);
    try {
      await Promise.race([Promise.all([intake.until(() => intake.total >= 10), reading.promise]), ended]);
    } catch (error) {
      said.push(error instanceof Error ? error.message : error);
      (error as { said?: string }).said = JSON.stringify(said);
      throw error;
    } finally {
      await source.stop();
    }
    return JSON.stringify(said);
  }

  afterAll(async () => {
    await kafka?.stop();
  });

  test.each(['plain', 'scram-sha-256'] as const)(
    'reads with a %s login, of which nothing is logged',
    async (mechanism) => {
      const said = await readTen({ sasl: { mechanism, ...LOGIN } });
      expect(said).toContain('reading 1 of 1 partitions');
      expect(said).not.toContain('secret');
    },
  );

  test('reads with an OAUTHBEARER token that the provider gives', async () => {
    let asked = 0;
    const token = async () => {
      asked++;
      return unsecuredToken('reader');
    };
    const said = await readTen({ sasl: { mechanism: 'oauthbearer', token } });
    expect(asked).toBeGreaterThan(0);
    expect(said).not.toContain(unsecuredToken('reader').slice(0, 20));
  });

  test.each(['plain', 'scram-sha-256'] as const)(
    'a wrong %s password ends the source with a hint and stays out of every message',
    async (mechanism) => {
      const attempt = readTen({ sasl: { mechanism, username: 'reader', password: 'wrong-secret' } });
      await expect(attempt).rejects.toMatchObject({
        code: 'WINNOW_KAFKA_AUTHENTICATION',
        retryable: false,
        hint: expect.stringContaining('password'),
        said: expect.not.stringContaining('wrong-secret'),
      });
    },
  );

  test('a topic that may be seen but not read ends the source with a hint', async () => {
    const topic = await broker.createTopic(1);
    await broker.allowReader(TOPIC, topic, kafkajs.AclOperationTypes.DESCRIBE);
    const attempt = readTen({ topics: [topic], sasl: { mechanism: 'plain', ...LOGIN } });
    await expect(attempt).rejects.toMatchObject({
      code: 'WINNOW_KAFKA_AUTHORISATION',
      hint: expect.stringContaining('grant the user Read'),
    });
  });

  test('reads over TLS with a client certificate', async () => {
    const said = await readTen({ brokers: [kafka.tlsAddress], tls: clientTls() });
    expect(said).toContain('reading 1 of 1 partitions');
  });

  test('a broker whose certificate nobody vouches for ends the source with a hint', async () => {
    const { ca: _, ...untrusting } = clientTls();
    await expect(readTen({ brokers: [kafka.tlsAddress], tls: untrusting })).rejects.toMatchObject({
      code: 'WINNOW_KAFKA_TLS',
      hint: expect.stringContaining('ca'),
    });
  });

  test('rights that are taken away while reading are waited for with a hint, and reading goes on where it was', async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [otlpMessages(0, 10)]);
    const statuses: KafkaStatus[] = [];
    const source = createKafkaSource({
      name: 'kafka',
      brokers: [kafka.saslAddress],
      topics: [topic],
      groupId: `group-${crypto.randomUUID()}`,
      start: 'earliest',
      logger: SILENT,
      sasl: { mechanism: 'plain', ...LOGIN },
      retryMsMin: 100,
      retryMsMax: 200,
      onStatus: (status) => statuses.push(status),
    });
    const intake = new CatchIntake();
    const ended = source.run(intake);
    await intake.until(() => intake.total >= 10);
    await broker.allowReader(TOPIC, topic, kafkajs.AclOperationTypes.DESCRIBE);
    await until(() => statuses.at(-1)?.hint?.includes('grant the user Read') === true);
    expect(statuses.at(-1)?.ready).toBe(false);
    await broker.produce(topic, [otlpMessages(0, 5)]);
    await broker.allowReader(TOPIC, topic, kafkajs.AclOperationTypes.READ);
    await intake.until(() => intake.total >= 15);
    expect(intake.offsets(topic, 0)).toEqual(range(0, 15));
    await source.stop();
    await ended;
  });

  test.each([
    ['scram-sha-256', { username: 'reader', passwordFile: 'reader-secret' }],
    ['oauthbearer', { tokenFile: unsecuredToken('reader') }],
  ])(
    'winnow run reads with %s from a file, and even its debug log has no word of the secret',
    async (mechanism, login) => {
      const topic = await broker.createTopic(1);
      const directory = mkdtempSync(join(tmpdir(), 'winnow-login-'));
      onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
      const [[key, secret]] = Object.entries(login).filter(([name]) => name.endsWith('File')) as [
        [string, string],
      ];
      const secretFile = join(directory, 'login');
      writeFileSync(secretFile, secret);
      const sasl = { mechanism, ...login, [key]: secretFile };
      const file = join(directory, 'winnow.json');
      const config = {
        store: { path: join(directory, 'winnow.db') },
        sources: [{ type: 'kafka', brokers: [kafka.saslAddress], topics: [topic], group: topic, sasl }],
        http: { port: 0 },
        log: { level: 'trace' },
      };
      writeFileSync(file, JSON.stringify(config));
      const service = new WinnowProcess(['run', '--config', file]);
      await service.isReady();
      await until(() => service.stderr.includes('kafkajs'));
      const said = service.stderr + (await service.get('/metrics')).text;
      for (const part of [secret, secret.slice(0, 12), Buffer.from(secret).toString('base64').slice(0, 12)])
        expect(said).not.toContain(part);
    },
  );

  function clientTls() {
    const { pem, p12 } = kafka.tlsFiles;
    return { ca: readFileSync(pem, 'utf8'), pfx: readFileSync(p12), passphrase: 'test-only' };
  }
});

/** A JSON web token without a signature, which the broker takes in tests. */
function unsecuredToken(subject: string): string {
  const seconds = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: seconds - 60, exp: seconds + 3600 })}.`;
}
