import { expect, test } from 'vitest';
import type { AnyStateRow, Stateful } from '../../src/contracts.ts';
import { loadRows, metaRow, STATE_VERSION } from '../../src/core/snapshot.ts';

class Part implements Stateful {
  readonly tables = ['mine'];
  rows: readonly AnyStateRow[] = [];

  takeChanges(): AnyStateRow[] {
    return [...this.rows];
  }

  load(rows: readonly AnyStateRow[]): void {
    this.rows = rows;
  }
}

const row = { table: 'mine', key: 'k', value: 'v' };

function meta(state: number): AnyStateRow {
  return { table: 'meta', key: 'versions', value: JSON.stringify({ state, scanner: 's1' }) };
}

test('each part gets its own rows, and a scanner of another version is told', () => {
  const part = new Part();
  expect(loadRows([metaRow('s1'), row], 's1', [part])).toBe(true);
  expect(part.rows).toEqual([row]);
  expect(loadRows([metaRow('s0'), row], 's1', [new Part()])).toBe(false);
  expect(loadRows([], 's1', [new Part()])).toBe(false);
});

test('state of another form is refused: what an older program wrote with a way on, a newer one with the way back', () => {
  const refused = (hint: string) => expect.objectContaining({ code: 'WINNOW_STATE_VERSION', hint });
  const newStore = 'start with a new store; the windows in this one can still be read';
  expect(() => loadRows([meta(STATE_VERSION - 1), row], 's1', [new Part()])).toThrow(refused(newStore));
  const otherVersion = 'use the version of winnow that wrote the store, or start with a new store';
  for (const rows of [[meta(STATE_VERSION + 1), row], [row]])
    expect(() => loadRows(rows, 's1', [new Part()])).toThrow(refused(otherVersion));
});

test('a table that belongs to no part is refused', () => {
  const rows = [metaRow('s1'), { ...row, table: 'unknown' }];
  expect(() => loadRows(rows, 's1', [new Part()])).toThrow(
    expect.objectContaining({ code: 'WINNOW_STATE_INVALID' }),
  );
});
