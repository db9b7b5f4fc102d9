import { expect, test } from 'vitest';
import { partition, recordsIn, Stage1, textOf } from '../support/stage1.ts';

// Rule 2: lateness is per partition, a bucket closes at the minimum over partitions of (maximum − L).

const A = partition(0);
const B = partition(1);

test('a record older than its own partition’s earlier maximum by more than L is late, booked and leaves counts alone', () => {
  const stage = new Stage1([A])
    .feed(A, 0, [{ atS: 20, body: 'hello' }])
    .feed(A, 1, [{ atS: 14.9, body: 'too old' }])
    .drain();
  expect(recordsIn(stage.closed)).toBe(1);
  expect(stage.closed[0]!.accounting).toMatchObject({ consumed: 2, counted: 1, dropped: { late: 1 } });
});

test('a record exactly L behind is counted', () => {
  const stage = new Stage1([A])
    .feed(A, 0, [{ atS: 20, body: 'hello' }])
    .feed(A, 1, [{ atS: 15, body: 'hello' }])
    .drain();
  expect(recordsIn(stage.closed)).toBe(2);
});

test('records within one message are judged by the maximum before the message, not by each other', () => {
  const stage = new Stage1([A])
    .feed(A, 0, [
      { atS: 100, body: 'newest first' },
      { atS: 20, body: 'oldest last' },
    ])
    .drain();
  expect(recordsIn(stage.closed)).toBe(2);
});

test('what is late in one partition does not depend on the other partitions', () => {
  const stage = new Stage1([A, B])
    .feed(A, 0, [{ atS: 1_000, body: 'far ahead' }])
    .feed(B, 0, [{ atS: 10, body: 'behind' }]);
  stage.feed(B, 1, [{ atS: 6, body: 'a little older' }]).drain();
  expect(recordsIn(stage.closed)).toBe(3);
});

test('a bucket closes when the slowest partition has passed its end by L', () => {
  const stage = new Stage1([A, B]).feed(A, 0, [{ atS: 5, body: 'x' }]).feed(A, 1, [{ atS: 500, body: 'x' }]);
  expect(stage.closed).toHaveLength(0);
  stage.feed(B, 0, [{ atS: 14.999, body: 'x' }]);
  expect(stage.closed).toHaveLength(0);
  stage.feed(B, 1, [{ atS: 15, body: 'x' }]);
  expect(stage.closed).toHaveLength(1);
  expect(stage.closed[0]!.watermarkMs - stage.closed[0]!.startMs).toBe(15_000);
});

test('an idle partition does not hold buckets back; its return is counted as late where they have closed', () => {
  const stage = new Stage1([A, B]).feed(B, 0, [{ atS: 1, body: 'x' }]).feed(A, 0, [{ atS: 100, body: 'x' }]);
  expect(stage.closed).toHaveLength(0);
  stage.idle(B);
  expect(stage.closed).toHaveLength(1);
  stage.feed(B, 1, [{ atS: 2, body: 'x' }]).drain();
  const late = stage.closed.reduce((sum, bucket) => sum + bucket.accounting.dropped.late, 0);
  expect(late).toBe(1);
  expect(recordsIn(stage.closed)).toBe(2);
});

test('a record far from its reference time is booked with its reason and never moves the watermark', () => {
  const nowMs = (1_700_000_000 + 10) * 1_000;
  const stage = new Stage1([A])
    .feed(A, 0, [{ atS: 10, body: 'x' }], nowMs)
    .feed(A, 1, [{ atS: 10 + 3_600, body: 'clock an hour ahead' }], nowMs)
    .feed(A, 2, [{ atS: 10 - 30 * 86_400, body: 'a month old' }], nowMs)
    .feed(A, 3, [{ atS: 11, body: 'x' }], nowMs);
  expect(stage.closed).toHaveLength(0);
  stage.drain();
  expect(recordsIn(stage.closed)).toBe(2);
  expect(stage.closed[0]!.accounting.dropped.time_out_of_range).toBe(2);
});

test('a partition far ahead of the slowest is to be held back, and no longer when that one has caught up', () => {
  const stage = new Stage1([A, B]).feed(B, 0, [{ atS: 1, body: 'x' }]).feed(A, 0, [{ atS: 200, body: 'x' }]);
  expect(stage.counting.partitionsAhead()).toEqual([A]);
  stage.feed(B, 1, [{ atS: 190, body: 'x' }]);
  expect(stage.counting.partitionsAhead()).toEqual([]);
});

test('an empty bucket between two others is not invented', () => {
  const stage = new Stage1([A])
    .feed(A, 0, [{ atS: 1, body: 'x' }])
    .feed(A, 1, [{ atS: 95, body: 'x' }])
    .drain();
  expect(stage.closed.map((bucket) => bucket.startMs / 1_000 - 1_700_000_000)).toEqual([0, 90]);
  expect(textOf(stage.closed)).toContain('"records":1');
});
