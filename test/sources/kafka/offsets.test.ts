import { expect, test } from 'vitest';
import { matchTopics } from '../../../src/sources/kafka/offsets.ts';

const EXISTING = ['otlp_logs', 'otlp_logs_eu', 'billing', '__consumer_offsets'];

test('names and expressions together give each topic once, sorted, and the names that are missing', () => {
  expect(matchTopics(['otlp_logs', 'nope', /^otlp_/], EXISTING)).toEqual({
    present: ['otlp_logs', 'otlp_logs_eu'],
    missing: ['nope'],
  });
});

test('an expression that matches everything leaves out the topics of kafka itself', () => {
  expect(matchTopics([/./], EXISTING).present).toEqual(['billing', 'otlp_logs', 'otlp_logs_eu']);
});

test('an expression with the global flag matches the same topics every time', () => {
  const pattern = /otlp/g;
  for (let i = 0; i < 3; i++) expect(matchTopics([pattern], EXISTING).present).toHaveLength(2);
});
