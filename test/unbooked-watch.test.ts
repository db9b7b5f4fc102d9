import { expect, test } from 'vitest';
import { type UnbookedTotals, UnbookedWatch } from '../src/unbooked-watch.ts';

test('growth is told once, by reason, and not again within a minute', () => {
  const watch = new UnbookedWatch();
  expect(watch.look(totals(0, 0), 0)).toBeNull();
  expect(watch.look(totals(3, 1), 500)).toEqual({ records: 4, dropped: { malformed: 3, no_time: 1 } });
  expect(watch.look(totals(9, 1), 1_000)).toBeNull();
  expect(watch.look(totals(9, 1), 60_499)).toBeNull();
  expect(watch.look(totals(9, 1), 60_500)).toEqual({ records: 6, dropped: { malformed: 6 } });
  expect(watch.look(totals(9, 1), 900_000)).toBeNull();
});

function totals(malformed: number, noTime: number): UnbookedTotals {
  const dropped = { late: 0, malformed, time_out_of_range: 0, no_time: noTime, too_large: 0, overflow: 0 };
  return { consumed: malformed + noTime, dropped };
}
