import { expect, onTestFinished, test } from 'vitest';
import type { DeadLetter } from '../../src/contracts.ts';
import { DeadLetterTopic, type DeadLetterTopicOptions } from '../../src/feeds/dead-letter-topic.ts';

/** A topic that nobody answers for: port 9 of this machine refuses. */
function topicWithoutBroker(options: Partial<DeadLetterTopicOptions> = {}) {
  const said: string[] = [];
  const note = (_: object, message: string): void => void said.push(message);
  const topic = new DeadLetterTopic({
    brokers: ['127.0.0.1:9'],
    clientId: 'winnow-test',
    tls: false,
    logger: { debug() {}, info: note, warn: note, error: note },
    topic: 'dead',
    createTopic: false,
    perMinute: 1_000_000,
    nowMs: () => 0,
    ...options,
  });
  onTestFinished(() => topic.stop());
  return { topic, said };
}

const letter = (offset: number, bytes = 10): DeadLetter => ({
  source: 'kafka',
  topic: 'otlp_logs',
  partition: 0,
  offset,
  reason: 'malformed',
  detail: 'field 4 is longer than what remains',
  value: new Uint8Array(bytes),
  timestampMs: Number.NaN,
});

test('so many letters a minute are taken, all at once or one by one, and the rest is counted', () => {
  let nowMs = 1_000;
  const { topic } = topicWithoutBroker({ perMinute: 60, nowMs: () => nowMs });
  for (let i = 0; i < 100; i++) topic.take(letter(i));
  expect([topic.pending, topic.counts.sampled]).toEqual([60, 40]);
  for (let i = 0; i < 10; i++) {
    nowMs += 1_000;
    topic.take(letter(i));
    topic.take(letter(i));
  }
  expect([topic.pending, topic.counts.sampled]).toEqual([70, 50]);
});

test('without a broker letters wait in a queue that is bounded in number and in bytes, and what is over is counted', () => {
  const many = topicWithoutBroker().topic;
  for (let i = 0; i < 1_500; i++) many.take(letter(i));
  expect([many.pending, many.counts.dropped]).toEqual([1_000, 500]);
  const large = topicWithoutBroker().topic;
  for (let i = 0; i < 10; i++) large.take(letter(i, 1024 * 1024));
  expect([large.pending, large.counts.dropped]).toEqual([7, 3]);
});

test('a stop without a broker ends within seconds and counts what waited', async () => {
  const { topic } = topicWithoutBroker();
  for (let i = 0; i < 5; i++) topic.take(letter(i));
  const startedMs = performance.now();
  await topic.stop();
  expect(performance.now() - startedMs).toBeLessThan(15_000);
  expect([topic.pending, topic.counts.dropped]).toEqual([0, 5]);
  topic.take(letter(6));
  expect(topic.counts.dropped).toBe(6);
  await topic.stop();
  expect(topic.counts.dropped).toBe(6);
});
