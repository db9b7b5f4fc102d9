import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mix32 } from '../../src/core/hash.ts';
import { NONE, SlotIndex } from '../../src/core/slot-index.ts';

const SEED = 20261122;

/** Slots of names of which many have the same hash, or one that begins at the end: searches run into each other and wrap. */
function hashOf(name: number): number {
  return name % 3 === 0 ? -1 - (name % 5) : mix32(name % 20) | 0;
}

function find(index: SlotIndex, names: readonly number[], name: number): number {
  for (let place = index.first(hashOf(name)); ; place = index.next(hashOf(name), place)) {
    const slot = index.at(place);
    if (slot === NONE || names[slot] === name) return slot;
  }
}

describe('SlotIndex', () => {
  it('finds what was added and not removed, as a map would', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 60 }), fc.boolean()), { maxLength: 400 });
    fc.assert(
      fc.property(steps, (all) => {
        const names: number[] = [];
        const index = new SlotIndex((slot) => hashOf(names[slot]!));
        const model = new Map<number, number>();
        for (const [name, isAdded] of all) {
          const slot = find(index, names, name);
          expect(slot).toBe(model.get(name) ?? NONE);
          if (isAdded && slot === NONE) {
            model.set(name, names.push(name) - 1);
            index.add(names.length - 1);
          } else if (!isAdded && slot !== NONE) {
            model.delete(name);
            index.remove(slot);
          }
        }
        expect(index.size).toBe(model.size);
        expect(index.slots().sort((a, b) => a - b)).toEqual([...model.values()].sort((a, b) => a - b));
      }),
      { seed: SEED, numRuns: 200 },
    );
  });
});
