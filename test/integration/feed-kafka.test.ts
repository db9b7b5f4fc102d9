import { randomUUID } from 'node:crypto';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Delivery } from '../../src/contracts.ts';
import { createKafkaFeed, type KafkaFeedOptions } from '../../src/feeds/kafka.ts';
import { describeFeed } from '../contract/feed-contract.ts';
import type { KafkaBroker } from '../support/kafka-broker.ts';
import { ownBroker, SILENT, TestBroker } from '../support/kafka-shared.ts';
import { readTopic } from '../support/read-topic.ts';

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
});
