import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnyStateRow } from '../../src/contracts.ts';
import { openForWriting } from '../../src/store/database.ts';
import { StateTable } from '../../src/store/state-table.ts';
import { temporaryDirectory } from './sample-checkpoint.ts';

const row: fc.Arbitrary<AnyStateRow> = fc.record({
  table: fc.constantFrom('a', 'b'),
  key: fc.nat(40).map(String),
  value: fc.option(fc.string(), { freq: 20 }),
});

test('rows are written in their order, however many there are and wherever some are deleted', () => {
  const path = join(temporaryDirectory(), 'winnow.db');
  const database = openForWriting({ path, programVersion: 'test' });
  const table = new StateTable(database);
  const want = new Map<string, AnyStateRow>();
  fc.assert(
    fc.property(fc.array(row, { maxLength: 100, size: 'max' }), (rows) => {
      table.putAll(rows);
      for (const one of rows) {
        if (one.value === null) want.delete(one.table + one.key.padStart(2));
        else want.set(one.table + one.key.padStart(2), one);
      }
      const got = new Map(table.all().map((one) => [one.table + one.key.padStart(2), one]));
      expect([...got].sort(byKey)).toEqual([...want].sort(byKey));
    }),
    { seed: 20261122, numRuns: 60 },
  );
  database.close();
});

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}
