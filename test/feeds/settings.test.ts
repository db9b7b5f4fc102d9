import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configSchema } from '../../src/config-schema.ts';

const SOURCE = { type: 'kafka', brokers: ['b:9092'] };
const FEED = { type: 'kafka', brokers: ['b:9092'] };

function problems(settings: object): string[] {
  const { error } = configSchema.safeParse(settings);
  return (error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
}

test('a feed needs nothing but its brokers', () => {
  const { data } = configSchema.safeParse({ feeds: [FEED] });
  expect(data?.feeds).toEqual([
    {
      type: 'kafka',
      name: 'kafka',
      brokers: ['b:9092'],
      clientId: 'winnow',
      tls: false,
      topic: 'winnow_windows',
      createTopic: true,
      start: 'latest',
    },
  ]);
  expect(configSchema.safeParse({}).data).toMatchObject({ feeds: [] });
  expect(configSchema.safeParse({}).data).not.toHaveProperty('deadLetter');
});

test.each([
  ['two feeds of one name', { feeds: [FEED, FEED] }, 'feeds.1.name: two feeds are named kafka'],
  [
    'a feed into a topic that is read',
    { sources: [{ ...SOURCE, topics: ['t'] }], feeds: [{ ...FEED, topic: 't' }] },
    'feeds.0.topic: source kafka reads t',
  ],
  [
    'a feed into a topic that a pattern finds',
    { sources: [{ ...SOURCE, topicPattern: '^winnow' }], feeds: [FEED] },
    'feeds.0.topic: source kafka reads winnow_windows',
  ],
  [
    'dead letters into a topic that is read',
    { sources: [SOURCE], deadLetter: { topic: 'otlp_logs' } },
    'deadLetter.topic: source kafka reads otlp_logs',
  ],
  ['dead letters to nowhere', { deadLetter: {} }, 'deadLetter.cluster: needed'],
  [
    'a topic that Kafka would refuse',
    { feeds: [{ ...FEED, topic: 'a b' }] },
    'feeds.0.topic: letters, digits',
  ],
])('%s is refused', (_, settings, want) => {
  expect(problems(settings)).toEqual([expect.stringContaining(want)]);
});

test('the same topic name on other brokers is another topic', () => {
  const settings = { sources: [SOURCE], feeds: [{ ...FEED, brokers: ['c:9092'], topic: 'otlp_logs' }] };
  expect(problems(settings)).toEqual([]);
});

test('every feed of the registry goes through the contract suite', () => {
  const root = join(import.meta.dirname, '../..');
  const registry = readFileSync(join(root, 'src/feeds/registry.ts'), 'utf8');
  const types = [...registry.matchAll(/case '(\w+)'/g)].map(([, type]) => type);
  expect(types).not.toEqual([]);
  const tests = ['test/feeds', 'test/integration'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => readFileSync(join(root, folder, name), 'utf8')),
  );
  for (const type of types)
    expect(
      tests.some((text) => text.includes(`describeFeed('the ${type} feed'`)),
      type,
    ).toBe(true);
});
