import { expect, test } from 'vitest';
import type { PartitionPosition } from '../../../src/contracts.ts';
import type { KafkaStart } from '../../../src/sources/kafka/options.ts';
import { chooseStart } from '../../../src/sources/kafka/start.ts';

const BOUNDS = { low: 100, high: 200 };

test.each<[string, number | null, boolean, KafkaStart, number]>([
  ['a stored position is where reading resumes', 150, false, 'latest', 150],
  ['a position at the end waits for the next message', 200, false, 'earliest', 200],
  ['an unknown partition starts at the end with latest', null, false, 'latest', 200],
  ['an unknown partition starts at the beginning with earliest', null, false, 'earliest', 100],
  ['an unknown partition starts at the given time', null, false, { timeMs: 5 }, 130],
  [
    'a partition that appeared while reading starts at its beginning whatever the policy',
    null,
    true,
    'latest',
    100,
  ],
])('%s', (_, resumeAt, fresh, start, want) => {
  const known = resumeAt === null ? null : positionAt(resumeAt);
  expect(chooseStart(known, BOUNDS, fresh, start, 130)).toEqual({ offset: want, warning: null, lost: 0 });
});

test('a position whose messages were deleted moves to the first that is left and says how many are gone', () => {
  const got = chooseStart(positionAt(40), BOUNDS, false, 'latest', 130);
  expect([got.offset, got.lost]).toEqual([100, 60]);
  expect(got.warning).toContain('60 messages were deleted');
});

test('a position behind the end means another partition of that name: it is read from its beginning', () => {
  const got = chooseStart(positionAt(201), BOUNDS, false, 'latest', 130);
  expect(got.offset).toBe(100);
  expect(got.warning).toContain('made anew or cut');
});

function positionAt(resumeAt: number): PartitionPosition {
  return { source: 'kafka', topic: 't', partition: 0, resumeAt, readTo: resumeAt + 5, maxTimeMs: null };
}
