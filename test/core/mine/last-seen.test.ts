import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dayOf, momentAt } from '../../../src/core/mine/last-seen.ts';
import { closedBucket, createMiner, jsonOf, STEP_MS, signatureOf } from './mine-lines.ts';

const SEED = 20261123;
const HOUR_MS = 3_600_000;
const BUCKETS_PER_HOUR = HOUR_MS / STEP_MS;
const hash = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

it('a signature is seen in one day after the other, each of which begins at most a day early', () => {
  fc.assert(
    fc.property(hash, fc.integer({ min: 0, max: 40_000 }), (low, day) => {
      const seen = Array.from({ length: 25 }, (_, hour) => dayOf(low, momentAt((24 * day + hour) * HOUR_MS)));
      expect([seen[0], seen[24]]).toEqual([day, day + 1]);
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
    }),
    { seed: SEED, numRuns: 300 },
  );
});

it('a signature learnt at any time has its row written anew when it is seen again and when its next day begins, and in no other bucket', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3 * 24 }), (hour) => {
      const miner = createMiner();
      const line = 'took 5 ms';
      const [, low] = signatureOf(line);
      let day = Number.NaN;
      for (let later = 0; later < 25; later++) {
        miner.mine(closedBucket((hour + later) * BUCKETS_PER_HOUR, { api: [line] }));
        const written = miner.takeChanges().filter(({ table }) => table === 'mine.signature');
        const now = dayOf(low, momentAt((hour + later) * HOUR_MS));
        const told = later === 0 ? now - 2 : now;
        expect(written.map(jsonOf)).toEqual(told === day ? [] : [[expect.any(String), told]]);
        day = told;
      }
    }),
    { seed: SEED, numRuns: 20 },
  );
});

describe('the rows of a miner whose templates are all in use', () => {
  const letters = (n: number) =>
    n.toString(26).replace(/./g, (c) => String.fromCharCode(97 + Number.parseInt(c, 26)));
  /** Sentences that have no word in common. */
  const lines = Array.from({ length: 600 }, (_, i) =>
    [0, 1, 2].map((word) => `word${letters(1_000 + 3 * i + word)}`).join(' '),
  );

  it('change with the hour, few for many templates, and those of signatures once a day, a few at a time', () => {
    const miner = createMiner();
    const byTable = new Map<string, number>();
    let mostSignatures = 0;
    for (let hour = 0; hour < 72; hour++) {
      // Its buckets: those that end the looking at young templates, then one in five minutes.
      for (let bucket = 0; bucket < BUCKETS_PER_HOUR; bucket += hour === 0 ? 5 : 30) {
        miner.mine(closedBucket(hour * BUCKETS_PER_HOUR + bucket, { api: lines }));
        const rows = miner.takeChanges();
        if (hour < 24) continue;
        for (const { table } of rows) byTable.set(table, (byTable.get(table) ?? 0) + 1);
        mostSignatures = Math.max(
          mostSignatures,
          rows.filter(({ table }) => table === 'mine.signature').length,
        );
      }
    }
    expect(miner.size).toBe(lines.length);
    // Three blocks of at most 256 templates, 48 hours.
    expect(byTable.get('mine.use')).toBe(3 * 48);
    expect(byTable.get('mine.signature')).toBe(2 * lines.length);
    expect(mostSignatures).toBeLessThan(lines.length / 20);
    expect([...byTable.keys()].sort()).toEqual(['mine.signature', 'mine.use']);
  });
});
