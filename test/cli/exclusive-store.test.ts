import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { openExclusively } from '../../src/cli/exclusive-store.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { winnow } from '../support/winnow-process.ts';

function pathOf(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'winnow-exclusive-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, name);
}

function storeIdOf(path: string): string {
  const store = openStore({ path, purpose: 'demo' });
  store.close();
  return store.storeId;
}

const REFUSAL = expect.objectContaining({ code: 'WINNOW_USAGE', hint: expect.stringContaining('--store') });

test('a demo makes its store and replaces that of an earlier demo', () => {
  const path = pathOf('demo.db');
  const first = openExclusively(path, { demo: true });
  first.release();
  const second = openExclusively(path, { demo: true });
  second.release();
  expect(second.storeId).not.toBe(first.storeId);
});

test('a demo leaves alone what is not a store, with nothing beside it', () => {
  const path = pathOf('notes.txt');
  for (const content of ['dear diary', '']) {
    writeFileSync(path, content);
    expect(() => openExclusively(path, { demo: true })).toThrow(REFUSAL);
    expect(readFileSync(path, 'utf8')).toBe(content);
    expect(readdirSync(join(path, '..'))).toEqual(['notes.txt']);
  }
});

test('a demo leaves alone a database of another program, whatever its tables say', () => {
  const path = pathOf('other.db');
  const other = new Database(path);
  other.exec("CREATE TABLE meta (key TEXT, value TEXT); INSERT INTO meta VALUES ('purpose', 'demo')");
  other.close();
  expect(() => openExclusively(path, { demo: true })).toThrow(REFUSAL);
  expect(existsSync(path)).toBe(true);
});

test('a demo leaves alone a store of real windows, also one that began as a demo', () => {
  const real = pathOf('real.db');
  openStore({ path: real }).close();
  const id = storeIdOf(real);
  expect(() => openExclusively(real, { demo: true })).toThrow(REFUSAL);
  expect(storeIdOf(real)).toBe(id);

  const adopted = pathOf('adopted.db');
  openExclusively(adopted, { demo: true }).release();
  openExclusively(adopted).release();
  expect(() => openExclusively(adopted, { demo: true })).toThrow(REFUSAL);
});

test('the refusal is a usage error on the command line', async () => {
  const path = pathOf('notes.txt');
  writeFileSync(path, 'dear diary');
  const { code, stderr } = await winnow(['demo', '--store', path]);
  expect(code).toBe(2);
  expect(stderr).toContain(`replace ${path}: it is not the store of an earlier demo`);
  expect(readFileSync(path, 'utf8')).toBe('dear diary');
});
