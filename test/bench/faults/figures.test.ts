import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import {
  Books,
  type BucketNote,
  droppedIn,
  type ProbeLine,
  ProbeReader,
} from '../../../bench/faults/probe-lines.ts';
import { median, percentile, slopeOf } from '../../../bench/faults/statistics.ts';
import { type Contents, differenceOf } from '../../../bench/faults/store-contents.ts';

// A bench that cannot find a fault proves nothing: what its figures are made of finds each kind of one here.

function bucket(startMs: number, consumed: number): ProbeLine {
  const dropped = { late: 1, malformed: 0, time_out_of_range: 0, no_time: 0, too_large: 0, overflow: 0 };
  const books: BucketNote = {
    consumed,
    counted: consumed - 1,
    dropped,
    templates: consumed - 1,
    frames: 0,
    censored: 0,
    services: { shop: consumed - 1 },
  };
  return { kind: 'bucket', startMs, books };
}

test('a bucket that is judged again after a kill counts once, and another result the second time is seen', () => {
  const books = new Books();
  for (const line of [bucket(0, 10), bucket(10_000, 20), bucket(10_000, 20)]) books.add(line);
  expect(books.totals()).toMatchObject({ consumed: 30, counted: 28, services: { shop: 28 } });
  expect(droppedIn(books.totals())).toBe(2);
  expect([books.buckets, books.judgedAgain, books.disagreements]).toEqual([2, 1, 0]);
  books.add(bucket(0, 11));
  expect(books.disagreements).toBe(1);
});

test('lines are read as they come, and one that a kill cut short is left out', () => {
  const directory = mkdtempSync(join(tmpdir(), 'winnow-probe-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'probe.jsonl');
  const reader = new ProbeReader(path);
  expect(reader.read()).toEqual([]);
  const line = JSON.stringify(bucket(0, 10));
  writeFileSync(path, `${line}\n${line.slice(0, 20)}`);
  expect(reader.read()).toEqual([bucket(0, 10)]);
  writeFileSync(path, `${line.slice(20)}\n${line.slice(0, 7)}`, { flag: 'a' });
  expect(reader.read()).toEqual([bucket(0, 10)]);
});

test('two stores differ by a byte, by a row that only one has, and by the order of revisions', () => {
  const base: Contents = { revisions: ['a1', 'b1', 'a2'], state: ['t\tk\t1'], closedTo: '10' };
  const check = (other: Partial<Contents>, want: readonly [number, number]): void => {
    const { revisions, state } = differenceOf({ ...base, ...other }, base);
    expect([revisions, state]).toEqual(want);
  };
  check({}, [0, 0]);
  check({ revisions: ['a1', 'b1', 'a3'] }, [1, 0]);
  check({ revisions: ['a1'] }, [2, 0]);
  check({ revisions: ['a1', 'a2', 'b1'] }, [1, 0]);
  check({ state: ['t\tk\t2'] }, [0, 1]);
  check({ state: [] }, [0, 1]);
  check({ closedTo: '20' }, [0, 1]);
});

test('percentiles are nearest ranks, and a slope comes with its standard error', () => {
  const values = Array.from({ length: 100 }, (_, i) => i + 1);
  expect([median(values), percentile(values, 0.99), percentile(values, 1)]).toEqual([50, 99, 100]);
  expect(slopeOf([5, 7, 9, 11])).toEqual({ perStep: 2, standardError: 0 });
  // By hand: fitted 1.3, 2.1, 2.9, 3.7; squared residuals 0.09 + 0.81 + 0.81 + 0.09 = 1.8 over n − 2; Σ(x − mean)² = 5.
  const { perStep, standardError } = slopeOf([1, 3, 2, 4]);
  expect(perStep).toBeCloseTo(0.8, 12);
  expect(standardError).toBeCloseTo(Math.sqrt(1.8 / 2 / 5), 12);
});
