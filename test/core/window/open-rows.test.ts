import { expect, test } from 'vitest';
import type { AnyStateRow } from '../../../src/contracts.ts';
import type { WindowAssembler } from '../../../src/core/window/assembler.ts';
import { OpenRows, windowsIn } from '../../../src/core/window/open-rows.ts';
import type { OpenWindow } from '../../../src/core/window/state.ts';
import { assembler, at, bucket, finding, STEP_MS } from './fixtures.ts';

const START = at('02:00:00');

/** The bucket that starts `i` steps after the first one. A line of `orders` is raised in the first. */
function observe(target: WindowAssembler, i: number, body = 'boom 7'): void {
  const startMs = START + i * STEP_MS;
  const lines = [{ body, atMs: startMs + 7, attributes: [['k', `v${i}`]] as const }];
  const findings = i === 0 ? [finding('orders', 'new', 't_1', startMs, { severity: 3 })] : [];
  const specs = [{ service: 'orders', templateId: 't_1', records: 3, lines }];
  target.observe(bucket(startMs, specs), { findings, changes: [] });
}

function rowsOfWindows(target: WindowAssembler): AnyStateRow[] {
  return target
    .takeChanges()
    .filter(({ table }) => table === 'window_open' || table === 'window_samples')
    .sort((a, b) => (a.table + a.key < b.table + b.key ? -1 : 1));
}

function tablesOf(rows: readonly AnyStateRow[]): string[] {
  return rows.map(({ table }) => table);
}

/** A window of one finding in one service, with as much as its rows look at. */
function smallWindow(link: string): OpenWindow {
  return {
    windowId: 'w_1',
    findings: [{ ref: 'F1', records: 1, samples: { isChanged: true, links: [link] } }],
    services: [{ service: { key: 'a/b' }, samples: { isChanged: true, pairs: [] } }],
  } as unknown as OpenWindow;
}

test('samples are stored while there are more of them, and not again when sampling is over', () => {
  const target = assembler();
  observe(target, 0);
  expect(tablesOf(rowsOfWindows(target))).toEqual(['window_open', 'window_samples', 'window_samples']);
  observe(target, 1);
  expect(tablesOf(rowsOfWindows(target))).toEqual(['window_open', 'window_samples', 'window_samples']);
  for (let i = 2; i < 40; i++) observe(target, i);
  rowsOfWindows(target);
  observe(target, 40, 'another line');
  expect(tablesOf(rowsOfWindows(target))).toEqual(['window_open']);
});

test('what was loaded is not stored again', () => {
  const target = assembler();
  observe(target, 0);
  const loaded = assembler();
  loaded.load(target.takeChanges());
  expect(rowsOfWindows(loaded)).toEqual([]);
});

test('a window of a service that says nothing any more is stored whole, too', () => {
  const target = assembler();
  const silence = finding('orders', 'silence', null, START);
  target.observe(bucket(START, []), { findings: [silence], changes: [] });
  const rows = rowsOfWindows(target);
  expect(tablesOf(rows)).toEqual(['window_open', 'window_samples', 'window_samples']);
  const loaded = assembler();
  loaded.load(rows);
  observe(loaded, 1);
  expect(rowsOfWindows(loaded)[0]!.key).toBe(rows[0]!.key);
});

test('what the end of the input revises is stored: a revision is not given twice', () => {
  const target = assembler();
  observe(target, 0);
  observe(target, 1);
  const before = rowsOfWindows(target);
  const [last] = target.finish();
  const rows = new Map([...before, ...rowsOfWindows(target)].map((row) => [row.table + row.key, row]));
  const loaded = assembler();
  loaded.load([...rows.values()]);
  expect(loaded.finish()).toEqual([]);
  observe(loaded, 2);
  expect(loaded.finish()[0]?.revision).toBe(last!.revision + 1);
});

test('windows are put together from rows in any order', () => {
  const rows = new OpenRows();
  const window = smallWindow('x');
  rows.changed(window);
  const taken = rows.takeChanges();
  expect(taken.map(({ key }) => key)).toEqual(['w_1', 'w_1/finding/F1', 'w_1/service/0']);
  expect(windowsIn(taken)).toEqual([window]);
  expect(windowsIn([...taken].reverse())).toEqual([window]);
});

test('a closed window takes its samples with it', () => {
  const rows = new OpenRows();
  const window = smallWindow('x');
  rows.changed(window);
  const stored = rows.takeChanges();
  rows.changed(window);
  rows.closed(window);
  expect(rows.takeChanges()).toEqual(stored.map((row) => ({ ...row, value: null })));
  expect(rows.takeChanges()).toEqual([]);
});

test('of a window that closed and one that opened under its id the later one is stored', () => {
  const rows = new OpenRows();
  rows.closed(smallWindow('x'));
  const later = smallWindow('y');
  rows.changed(later);
  const last = new Map(rows.takeChanges().map((row) => [row.table + row.key, row]));
  expect(windowsIn([...last.values()])).toEqual([later]);
});
