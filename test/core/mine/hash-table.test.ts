import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashTable } from '../../../src/core/mine/hash-table.ts';
import { NONE } from '../../../src/core/slot-index.ts';

const SEED = 20261122;
const OWNERS = 4;

/** Some hashes differ in their low halves alone. */
const highOf = (hash: number): number => hash >> 2;

/** Few hashes, so that the same ones are added and removed again and probes run into each other. */
const step = fc.record({
  hash: fc.integer({ min: 0, max: 40 }),
  owner: fc.integer({ min: 0, max: OWNERS - 1 }),
  action: fc.constantFrom('add', 'add', 'add', 'remove', 'give') as fc.Arbitrary<'add' | 'remove' | 'give'>,
});

describe('HashTable', () => {
  it('knows the owner of every hash, as a map would, whatever is added, removed and given away', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const table = new HashTable();
        const model = new Map<number, number>();
        const first = new Array<number>(OWNERS).fill(NONE);
        for (const { hash, owner, action } of steps) {
          const entry = table.find(highOf(hash), -hash);
          if (action === 'add' && entry === NONE) {
            first[owner] = table.add(highOf(hash), -hash, owner, hash * 7, first[owner]!);
            model.set(hash, owner);
          } else if (action === 'remove' && entry !== NONE) {
            const of = table.owner(entry);
            first[of] = table.prune(first[of]!, (one) => one === entry);
            model.delete(hash);
          } else if (action === 'give') {
            const to = (owner + 1) % OWNERS;
            first[to] = table.giveAll(first[owner]!, to, first[to]!);
            first[owner] = NONE;
            for (const [key, value] of model) if (value === owner) model.set(key, to);
          }
        }
        expect(table.size).toBe(model.size);
        for (let hash = 0; hash <= 40; hash++) {
          const entry = table.find(highOf(hash), -hash);
          expect(entry === NONE ? undefined : table.owner(entry)).toBe(model.get(hash));
          if (entry !== NONE)
            expect([table.stamp(entry), table.high(entry)]).toEqual([hash * 7, highOf(hash)]);
        }
        const listed = first.map((head) => table.list(head).map((entry) => table.stamp(entry) / 7));
        const expected = first.map((_, of) =>
          [...model].filter(([, value]) => value === of).map(([key]) => key),
        );
        expect(listed.map((list) => list.sort((a, b) => a - b))).toEqual(
          expected.map((list) => list.sort((a, b) => a - b)),
        );
        expect(table.all().length).toBe(model.size);
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});
