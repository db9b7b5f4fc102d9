import { describe, expect, it } from 'vitest';
import type { AnyStateRow } from '../../../src/contracts.ts';
import { SIGNATURES_PER_TEMPLATE } from '../../../src/core/mine/limits.ts';
import { closedBucket, createMiner, signatureOf, textOf } from './mine-lines.ts';

const BUCKETS_PER_DAY = 8_640;
const PER_BUCKET = 1_500;
const letters = (n: number) =>
  n.toString(26).replace(/./g, (c) => String.fromCharCode(97 + Number.parseInt(c, 26)));
const line = (n: number) => `user q${letters(n)} logged in`;
/** Each bucket a day after the last, with names that were never seen. */
const bucket = (day: number) =>
  closedBucket(day * BUCKETS_PER_DAY, {
    api: Array.from({ length: PER_BUCKET }, (_, i) => line(day * PER_BUCKET + i)),
  });

describe('signatures of a template whose name never repeats', () => {
  it('are capped and counted, those unseen for longest go first, and what comes back finds its template', () => {
    const miner = createMiner();
    for (let day = 0; day < 4; day++) {
      const before = miner.signaturesForgotten;
      const mined = miner.mine(bucket(day));
      expect(mined.services[0]!.templates.reduce((sum, t) => sum + t.records, 0)).toBe(PER_BUCKET);
      if (day < 2) expect(miner.signaturesForgotten).toBe(before);
    }
    const learnt = 4 * PER_BUCKET;
    expect(learnt - miner.signaturesForgotten).toBeLessThanOrEqual(SIGNATURES_PER_TEMPLATE);
    expect(learnt - miner.signaturesForgotten).toBeGreaterThan(SIGNATURES_PER_TEMPLATE / 2);
    expect(miner.size).toBe(1);
    const known = (n: number) => miner.resolve('api', ...signatureOf(line(n))) !== undefined;
    expect(known(learnt - 1)).toBe(true);
    expect(Array.from({ length: 100 }, (_, i) => known(i)).filter(Boolean)).toEqual([]);
    const again = miner.mine(closedBucket(5 * BUCKETS_PER_DAY, { api: [line(0)] }));
    expect(again.changes).toEqual([]);
    expect(textOf(miner, 'api', line(0))).toBe('user <str> logged in');
  });

  it('do not push out names that repeat', () => {
    const miner = createMiner();
    const repeating = Array.from({ length: 40 }, (_, i) => line(1_000_000 + i));
    const isKnown = (one: string) => miner.resolve('api', ...signatureOf(one)) !== undefined;
    for (let hour = 0; hour < 30; hour++) {
      if (hour > 1) expect(repeating.filter((one) => !isKnown(one))).toEqual([]);
      const once = Array.from({ length: 600 }, (_, i) => line(hour * 600 + i));
      miner.mine(closedBucket(hour * (BUCKETS_PER_DAY / 24), { api: [...once, ...repeating] }));
    }
    expect(miner.signaturesForgotten).toBeGreaterThan(2 * SIGNATURES_PER_TEMPLATE);
  });

  it('are the same after a restart, with the rows of those that were forgotten deleted', () => {
    const steady = createMiner();
    const rows = new Map<string, AnyStateRow>();
    const keep = (changed: readonly AnyStateRow[]) => {
      for (const row of changed) rows.set(`${row.table} ${row.key}`, row);
    };
    for (let day = 0; day < 4; day++) {
      const restarted = createMiner();
      restarted.load([...rows.values()].reverse());
      expect(JSON.stringify(restarted.mine(bucket(day)))).toBe(JSON.stringify(steady.mine(bucket(day))));
      const changed = steady.takeChanges();
      expect(restarted.takeChanges()).toEqual(changed);
      keep(changed);
    }
    const stored = [...rows.values()].filter((row) => row.table === 'mine.signature' && row.value !== null);
    expect(stored.length).toBe(4 * PER_BUCKET - steady.signaturesForgotten);
  });
});
