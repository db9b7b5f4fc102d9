import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BucketTable } from '../../../src/core/count/bucket-table.ts';
import { InstanceBlocks } from '../../../src/core/count/instance-blocks.ts';
import { ChunkPool } from '../../../src/core/count/kept-records.ts';
import { BLOCK, HEAD_BYTES, HEAD_WORDS, INSTANCES } from '../../../src/core/count/row-head.ts';

const SEED = 20261122;

/** Records per instance key of a row. */
function instancesOf(table: BucketTable, row: number): [number, number][] {
  const { words } = table.instances;
  const at = table.head[row * HEAD_WORDS + BLOCK]!;
  return Array.from({ length: table.bytes[row * HEAD_BYTES + INSTANCES]! }, (_, i) => [
    words[at + i * 2]!,
    words[at + i * 2 + 1]!,
  ]);
}

describe('BucketTable', () => {
  it('counts up to sixteen instances of each row, in order of their keys, also after rows were dropped', () => {
    const step = fc.record({ row: fc.nat(6), key: fc.integer({ min: -8, max: 7 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.array(step, { maxLength: 100 }), (before, after) => {
        const table = new BucketTable(new ChunkPool());
        const model = new Map<number, Map<number, number>>();
        const count = ({ row: low, key }: { row: number; key: number }): void => {
          const row = table.find(0, 0, low);
          if (row < 0) table.insert(0, 0, low, key);
          else table.countInstance(row, key);
          const counts = model.get(low) ?? new Map<number, number>();
          model.set(low, counts.set(key, (counts.get(key) ?? 0) + 1));
        };
        before.forEach(count);
        const keep = Uint8Array.from({ length: table.rows }, (_, row) => row % 2);
        const dropped = [...model.keys()].filter((low) => table.find(0, 0, low) % 2 === 0);
        for (const low of dropped) model.delete(low);
        table.retain(keep);
        after.forEach(count);
        expect(table.rows).toBe(model.size);
        for (const [low, counts] of model) {
          const want = [...counts].sort((a, b) => a[0] - b[0]);
          expect(instancesOf(table, table.find(0, 0, low))).toEqual(want);
        }
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('takes no more memory however often rows are dropped for others', () => {
    const table = new BucketTable(new ChunkPool());
    const sizes = new Set<string>();
    for (let round = 0; round < 50; round++) {
      for (let i = 0; table.rows < 500; i++) {
        const row = table.insert(0, round, i, 1);
        for (let key = 2; key <= 1 + (i % 16); key++) table.countInstance(row, key);
      }
      sizes.add([table.head.length, table.instances.words.length].join());
      table.retain(Uint8Array.from({ length: 500 }, (_, row) => (row < 250 ? 1 : 0)));
    }
    expect([...sizes].slice(1)).toEqual([]);
  });
});

describe('InstanceBlocks', () => {
  it('gives out again what was given back', () => {
    const blocks = new InstanceBlocks();
    const first = blocks.take(0);
    const second = blocks.take(0);
    expect(second).not.toBe(first);
    blocks.give(first, 1);
    blocks.give(second, 2);
    expect([blocks.take(0), blocks.take(0)].sort()).toEqual([first, second].sort());
    const larger = blocks.take(4);
    blocks.give(larger, 5);
    expect(blocks.take(4)).toBe(larger);
  });
});

it('forgets messages that no record is kept of any more, but not where the one in hand is', () => {
  const table = new BucketTable(new ChunkPool());
  const { messages } = table;
  table.insert(0, 0, 1, 1);
  for (let offset = 0; offset < 50_000; offset++) {
    messages.begin();
    messages.numberOf(0, offset);
    table.spareMemory();
    expect(messages.offsets[messages.numberOf(0, offset)]).toBe(offset);
    expect(messages.size).toBeLessThan(5_000);
  }
  table.clear();
  expect(messages.size).toBe(0);
});
