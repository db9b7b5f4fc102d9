import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeOf, sortKey, sortKeys } from '../../src/core/sort-keys.ts';

const SEED = 20261122;

test('keys sort by their uint32 and then by their place, few or many of them', () => {
  const orders = fc.array(fc.oneof(fc.integer({ min: 0, max: 2 ** 32 - 1 }), fc.constant(7)), {
    maxLength: 100,
  });
  fc.assert(
    fc.property(orders, fc.nat(5), (list, from) => {
      const keys = new Float64Array(from + list.length + 2).fill(-1);
      list.forEach((order, place) => {
        keys[from + place] = sortKey(order, place);
      });
      sortKeys(keys, from, from + list.length);
      const places = list.map((_, i) => placeOf(keys[from + i]!));
      const want = list.map((_, i) => i).sort((a, b) => list[a]! - list[b]! || a - b);
      expect(places).toEqual(want);
      expect([...keys.slice(0, from), ...keys.slice(from + list.length)].every((key) => key === -1)).toBe(
        true,
      );
    }),
    { seed: SEED, numRuns: 200 },
  );
});
