import { expect, test } from 'vitest';
import { WinnowError } from '../../../src/errors.ts';
import { describeReading, type Reading } from '../../../src/sources/kafka/reading-status.ts';

const WHOLE: Reading = {
  groupId: 'winnow',
  topics: { present: ['a', 'b'], missing: [] },
  placed: 6,
  total: 6,
  held: [],
  groupProblem: null,
};

test('all partitions read is ready and asks for nothing', () => {
  expect(describeReading(WHOLE)).toEqual({ ready: true, detail: 'reading 6 of 6 partitions of a, b' });
});

test('partitions without a leader are named, five at most, and nothing else is blamed for them', () => {
  const held = Array.from({ length: 6 }, (_, partition) => ({ source: 'kafka', topic: 'a', partition }));
  const status = describeReading({ ...WHOLE, placed: 0, held });
  expect(status.ready).toBe(false);
  expect(status.detail).toContain('a/0, a/1, a/2, a/3, a/4 cannot be read');
  expect(status.hint).toBe('no leader is to be had: bring back the brokers that hold them; looking again');
});

test('a group that another worker reads is not ready, whoever has the partitions', () => {
  const groupProblem = new WinnowError('WINNOW_KAFKA_GROUP_SHARED', 'shared with x', { hint: 'part' });
  expect(describeReading({ ...WHOLE, placed: 3, groupProblem })).toEqual({
    ready: false,
    detail: 'reading 3 of 6 partitions of a, b; shared with x',
    hint: 'part',
    groupShared: true,
  });
});

test('missing topics and other members are hints, and what is there is read', () => {
  const status = describeReading({ ...WHOLE, placed: 3, topics: { present: ['a'], missing: ['c', 'd'] } });
  expect(status.ready).toBe(true);
  expect(status.hint).toMatch(/group winnow has other members.*; create c, d, or grant Describe/);
});
