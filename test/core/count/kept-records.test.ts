import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chunk, ChunkPool } from '../../../src/core/count/kept-records.ts';
import { SIGNATURES_PER_SERIES } from '../../../src/core/count/limits.ts';
import { Random } from '../../../src/simulator/random.ts';
import { batch, counting, EPOCH_S, message, partition } from '../../support/stage1.ts';

const SEED = 20261122;
const A = partition(0);

/** The texts of all kept records of one bucket, by number; what else is known of them must be theirs, too. */
function keptTexts(
  bodies: readonly string[],
  timeOf: (i: number) => number,
  perMessage = 1,
): { kept: Map<number, string>; templates: number } {
  const stage = counting();
  const kept = new Map<number, string>();
  let templates = 0;
  const records = bodies.map((body, i) => ({ atS: timeOf(i), body }));
  const messages = Array.from({ length: bodies.length / perMessage }, (_, offset) =>
    message(records.slice(offset * perMessage, (offset + 1) * perMessage), offset),
  );
  stage.accept(batch(A, messages), () => undefined);
  stage.drain((bucket) => {
    for (const { signatures } of bucket.services)
      for (const { sample, exemplar } of signatures) {
        templates++;
        for (const { position, timeMs, severityNumber, wire } of [...sample, exemplar]) {
          const i = position.offset * perMessage + position.index;
          expect(Math.round(timeMs)).toBe(Math.round((EPOCH_S + timeOf(i)) * 1_000));
          expect(severityNumber).toBe(9);
          kept.set(i, new TextDecoder().decode(wire));
        }
      }
  });
  return { kept, templates };
}

describe('kept records', () => {
  it('hold their own bytes, whatever was written in the places of others, in whatever order of time', () => {
    const line = fc
      .tuple(fc.constantFrom('alpha', 'beta', 'gamma'), fc.nat(40))
      .map(([name, digits]) => `${name} took ${'7'.repeat(digits + 1)} ms`);
    fc.assert(
      fc.property(fc.array(fc.tuple(line, fc.nat(400)), { minLength: 1, maxLength: 300 }), (drawn) => {
        const bodies = drawn.map(([body]) => body);
        const { kept } = keptTexts(bodies, (i) => drawn[i]![1] / 100);
        expect(kept.size).toBeGreaterThan(0);
        for (const [offset, text] of kept) expect(text).toContain(bodies[offset]);
      }),
      { seed: SEED, numRuns: 50 },
    );
  });

  it('say where they are, also when most messages that records were kept of are forgotten', () => {
    const bodies = Array.from({ length: 20_000 }, (_, i) => `took ${i} ms`);
    // Each is earlier than those before it, and so the one to keep.
    const timeOf = (i: number): number => 4.9 - (4.9 * i) / bodies.length;
    for (const perMessage of [1, 2]) {
      const { kept, templates } = keptTexts(bodies, timeOf, perMessage);
      expect(templates).toBe(1);
      expect(kept.size).toBeGreaterThanOrEqual(4);
      expect(kept.has(bodies.length - 1)).toBe(true);
      for (const [i, text] of kept) expect(text).toContain(`took ${i} ms`);
    }
  });

  it('hold their own bytes, also where rows were cut and whatever comes later is written in freed places', () => {
    const random = new Random(SEED);
    const letters = 'abcdefghij';
    const nameOf = (n: number): string => [...String(n)].map((digit) => letters[Number(digit)]).join('');
    // So many signatures that rows are cut, and of each some records of any length, the later ones often earlier in time.
    const bodies = Array.from({ length: 8 * SIGNATURES_PER_SERIES }, () => {
      const name = nameOf(1_000 + random.between(0, 1.5 * SIGNATURES_PER_SERIES));
      return `${name} took ${'7'.repeat(random.between(1, 150))} ms`;
    });
    const times = bodies.map(() => random.between(0, 4_000) / 1_000);
    const { kept, templates } = keptTexts(bodies, (i) => times[i]!);
    expect(templates).toBe(SIGNATURES_PER_SERIES);
    for (const [offset, text] of kept) expect(text).toContain(bodies[offset]);
  });

  it('survive being moved together when more than half of them is no longer kept', () => {
    const names = 'abcdefghijklmnop'.split('').map((letter) => letter.repeat(8));
    // Ever longer, so that no record fits in the place of one before, and earlier, so that each is kept; far more than a
    // mebibyte in all.
    const bodies = Array.from(
      { length: 3_000 },
      (_, i) => `${names[i % 16]} ${'x'.repeat(12)} ${'9'.repeat(40 + Math.floor(i / 2))}`,
    );
    const { kept, templates } = keptTexts(bodies, (i) => (3_000 - i) / 1_000);
    expect(templates).toBeGreaterThanOrEqual(16);
    for (const [offset, text] of kept) expect(text).toContain(bodies[offset]);
  });
});

describe('ChunkPool', () => {
  const take = (pool: ChunkPool, count: number): Chunk[] => Array.from({ length: count }, () => pool.take());

  it('gives out again what was given back, as much as is in use, and lets go of the rest', () => {
    const pool = new ChunkPool();
    const open = take(pool, 100);
    const closed = take(pool, 300);
    pool.give(closed);
    const again = take(pool, 150);
    expect(again.filter((chunk) => closed.includes(chunk))).toHaveLength(100);
    expect(again.filter((chunk) => open.includes(chunk))).toEqual([]);
  });

  it('keeps some for the next bucket when none is in use', () => {
    const pool = new ChunkPool();
    const closed = take(pool, 100);
    pool.give(closed);
    expect(take(pool, 100).filter((chunk) => closed.includes(chunk))).toHaveLength(32);
  });
});
