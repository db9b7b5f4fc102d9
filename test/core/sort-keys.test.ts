import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeySorter, placeOf, sortKey } from '../../src/core/sort-keys.ts';

const SEED = 20261122;

test('keys sort by their uint32 and then by their place, few or many, spread or crowded', () => {
  const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const orders = fc.oneof(
    fc.array(fc.oneof(uint32, fc.constant(7)), { maxLength: 100, size: 'max' }),
    fc.array(fc.nat(99), { maxLength: 100, size: 'max' }),
    fc.array(uint32, { minLength: 100, maxLength: 10_000, size: 'max' }),
  );
  const sorter = new KeySorter();
  fc.assert(
    fc.property(orders, fc.nat(5), (list, from) => {
      const keys = new Float64Array(from + list.length + 2).fill(-1);
      list.forEach((order, place) => {
        keys[from + place] = sortKey(order, place);
      });
      sorter.sort(keys, from, from + list.length);
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

test('keys that all fall into one place cost no more than others', () => {
  const length = 150_000;
  // In descending order: sorted by moving each to its place they would take half a minute.
  const keys = Float64Array.from({ length }, (_, i) => sortKey(7, length - i));
  new KeySorter().sort(keys, 0, length);
  expect(keys.every((key, i) => placeOf(key) === i + 1)).toBe(true);
});
