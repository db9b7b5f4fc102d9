import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ClosedBucket, PartitionPosition } from '../../src/contracts.ts';
import {
  batch,
  counting,
  EPOCH_S,
  type Line,
  message,
  owned,
  partition,
  Stage1,
  textOf,
} from '../support/stage1.ts';

const A = partition(0);

// Rule 3: open buckets are re-read, never half-saved. A stop at any message loses and doubles nothing.

interface Saved {
  readonly positions: readonly PartitionPosition[];
  readonly closedToMs: number | null;
}

/** Reads each partition's messages in turn from where `from` says, stops after `most` messages. */
function read(
  streams: readonly (readonly (readonly Line[])[])[],
  from: Saved,
  most: number,
  closed: ClosedBucket[],
): Saved {
  const stage = counting();
  stage.load(from.positions, from.closedToMs);
  let closedToMs = from.closedToMs;
  const onClosed = (bucket: ClosedBucket): void => {
    closed.push(owned(bucket));
    closedToMs = bucket.startMs + bucket.stepMs;
  };
  const next = streams.map(
    (_, i) => from.positions.find((position) => position.partition === i)?.resumeAt ?? 0,
  );
  for (const [i] of streams.entries()) stage.clocks.get(partition(i));
  let left = most;
  while (left > 0 && next.some((offset, i) => offset < streams[i]!.length)) {
    for (let i = 0; i < streams.length && left > 0; i++) {
      const lines = streams[i]![next[i]!];
      if (lines === undefined) continue;
      stage.accept(batch(partition(i), [message(lines, next[i]!)]), onClosed);
      next[i]!++;
      left--;
    }
  }
  if (left > 0) stage.drain(onClosed);
  return { positions: stage.positions(), closedToMs };
}

const START: Saved = { positions: [], closedToMs: null };

const line = fc.record<Line>({
  atS: fc.integer({ min: 0, max: 24_000 }).map((ms) => ms / 1_000),
  body: fc.constantFrom('order 17 placed', 'cache miss', 'upstream responded 504 after 30001ms'),
  instance: fc.constantFrom('pod-1', 'pod-2'),
});
const streams = fc.array(
  fc
    .array(fc.array(line, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 10 })
    .map((messages) => messages.map((lines, i) => lines.map((one) => ({ ...one, atS: i * 7 + one.atS })))),
  { minLength: 1, maxLength: 3 },
);

test('stopping after any number of messages, any number of times, closes the same buckets as an uninterrupted run', () => {
  fc.assert(
    fc.property(
      streams,
      fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 6 }),
      (all, stops) => {
        const whole: ClosedBucket[] = [];
        read(all, START, Number.POSITIVE_INFINITY, whole);
        const parts: ClosedBucket[] = [];
        let saved = START;
        for (const most of stops) saved = read(all, saved, most, parts);
        read(all, saved, Number.POSITIVE_INFINITY, parts);
        expect(textOf(parts)).toBe(textOf(whole));
      },
    ),
    { numRuns: 300, seed: 20_263 },
  );
});

test('a position resumes at the first message that an open bucket still needs, with the maximum from before it', () => {
  const all = [
    [[{ atS: 1, body: 'a' }], [{ atS: 12, body: 'b' }], [{ atS: 26, body: 'c' }], [{ atS: 27, body: 'd' }]],
  ];
  const closed: ClosedBucket[] = [];
  const { positions } = read(all, START, 4, closed);
  expect(closed).toHaveLength(2);
  expect(positions[0]).toMatchObject({ resumeAt: 2, readTo: 4, maxTimeMs: (1_700_000_000 + 12) * 1_000 });
});

test('malformed and implausible messages before the first time are counted at once and not read again', () => {
  const stage = new Stage1([A]);
  const nowMs = (EPOCH_S + 5) * 1_000;
  for (let offset = 0; offset < 1_000; offset++) {
    const isOdd = offset % 2 === 1;
    stage.feed(A, offset, isOdd ? [{ atS: -40 * 86_400, body: 'old' }] : new Uint8Array([0xff, 0xff]), nowMs);
  }
  expect(stage.counting.unbooked).toMatchObject({
    consumed: 1_000,
    dropped: { malformed: 500, time_out_of_range: 500 },
  });
  expect(stage.counting.positions()).toMatchObject([{ resumeAt: 1_000, readTo: 1_000, maxTimeMs: null }]);
});
