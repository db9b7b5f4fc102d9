import { describe, expect, it } from 'vitest';
import {
  CountedPair,
  emptyPairTable,
  lifts,
  PairCounter,
  type PairCounts,
  type PairTable,
  pairCounts,
} from '../../../src/core/window/lift.ts';

function pair(here: number, hereTotal: number, there: number, thereTotal: number, value = 'v'): PairCounts {
  return { key: 'k', value, here, hereTotal, there, thereTotal };
}

describe('attribute lift', () => {
  const table: [string, PairCounts, boolean][] = [
    ['98 % here against 31 % of the service', pair(98, 100, 310, 1000), true],
    ['one pod of ten', pair(40, 40, 60, 600), true],
    ['the same share', pair(31, 100, 310, 1000), false],
    ['a share below 5 %', pair(4, 100, 0, 1000), false],
    ['three records, all with it, a fifth of the service', pair(3, 3, 4, 20), false],
    ['a difference that is certain but small', pair(5200, 10_000, 5000, 10_000), false],
    ['under-represented', pair(10, 100, 800, 1000), false],
  ];
  for (const [title, counts, want] of table) {
    it(`${want ? 'tells' : 'does not tell'} ${title}`, () => {
      expect(lifts([counts], 5).length).toBe(want ? 1 : 0);
    });
  }

  it('gives shares, log-odds with +½ smoothing and a q that grows with the number of pairs tested', () => {
    const [alone] = lifts([pair(20, 20, 40, 100)], 5);
    expect(alone).toMatchObject({ share: 1, serviceShare: 0.4 });
    expect(alone!.logOdds).toBeCloseTo(Math.log((20.5 * 60.5) / (0.5 * 40.5)), 10);
    const others = Array.from({ length: 9 }, (_, i) => pair(8, 20, 40, 100, `o${i}`));
    const [among] = lifts([pair(20, 20, 40, 100), ...others], 5);
    expect(among!.q).toBeCloseTo(10 * alone!.q, 12);
  });

  it('agrees with the χ² table at the 5 % point of a single pair', () => {
    // 10 of 10 against 10·s of 10·n moves G through 3.841; the q of one pair is its p.
    const q = (there: number): number => lifts([pair(12, 12, there, 40)], 1)[0]?.q ?? 1;
    expect(q(30)).toBeLessThan(0.05);
    expect(q(34)).toBe(1);
  });

  it('puts the strongest first and breaks ties by name', () => {
    const found = lifts(
      [pair(50, 50, 100, 500, 'b'), pair(50, 50, 100, 500, 'a'), pair(50, 50, 10, 500, 'z')],
      2,
    );
    expect(found.map(({ value }) => value)).toEqual(['z', 'a']);
  });

  it('weighs a sampled record by the records it stands for, and knows that unequal weights inform less', () => {
    const table = emptyPairTable();
    const counter = new PairCounter(table);
    counter.add([new CountedPair('route', '/a')], 90);
    for (let i = 0; i < 10; i++) counter.add([new CountedPair('route', '/b')], 1);
    const counts = pairCounts(table, table);
    const a = counts.find(({ value }) => value === '/a')!;
    expect(a.here / a.hereTotal).toBeCloseTo(0.9, 12);
    expect(a.hereTotal).toBeCloseTo((100 * 100) / (90 * 90 + 10), 12);
  });

  it('sums weights in the order of the records, whether a pair is one object or many', () => {
    // Fifths and thirds, whose sums depend on their order: 8.35 or 8.350000000000001.
    const weights = Array.from({ length: 200 }, (_, i) => ((i * 7) % 23) / (3 + (i % 3)));
    const shared = emptyPairTable();
    const apart = emptyPairTable();
    const counter = new PairCounter(shared);
    const one = new CountedPair('user', 'kim');
    let sum = 0;
    for (const weight of weights) {
      counter.add([one, one], weight);
      const equals = [new CountedPair('user', 'kim'), new CountedPair('user', 'kim')];
      new PairCounter(apart).add(equals, weight);
      sum = sum + weight + weight;
    }
    expect([...shared.places]).toEqual([[one.id, 0]]);
    expect(shared.weights).toEqual([sum]);
    expect(apart).toEqual(shared);
  });

  it('holds a bounded number of pairs', () => {
    const table = emptyPairTable();
    const counter = new PairCounter(table);
    const pairs = Array.from({ length: 1000 }, (_, i) => new CountedPair('id', String(i)));
    for (const pair of [...pairs, ...pairs]) counter.add([pair], 1);
    expect(table.places.size).toBe(256);
    expect(table.weights).toEqual(new Array(256).fill(2));
    expect(table.records).toBe(2000);
  });

  it('counts a pair in the table at hand, whichever table it was counted in before', () => {
    const tables = [emptyPairTable(), emptyPairTable()] as const;
    const counters = [new PairCounter(tables[0]), new PairCounter(tables[1])] as const;
    const [a, b] = [new CountedPair('route', '/a'), new CountedPair('route', '/b')];
    counters[0].add([a, b], 1);
    counters[1].add([b], 2);
    counters[0].add([b], 4);
    counters[1].add([a], 8);
    const weightsOf = (table: PairTable) =>
      [...table.places].map(([id, place]) => [id, table.weights[place]]);
    expect(weightsOf(tables[0])).toEqual([
      [a.id, 1],
      [b.id, 5],
    ]);
    expect(weightsOf(tables[1])).toEqual([
      [b.id, 2],
      [a.id, 8],
    ]);
  });
});
