import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openForWriting } from '../../src/store/database.ts';
import { inspectStore, isStoreLocked } from '../../src/store/inspect.ts';
import { MIGRATIONS } from '../../src/store/migrations.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { startChild } from '../support/child-process.ts';
import { sampleCheckpoint, samplePosition, temporaryDirectory } from './sample-checkpoint.ts';

const LOCKING_CHILD = new URL('lock-process.ts', import.meta.url);

test('tells what is in a store while its worker writes to it', () => {
  const path = join(temporaryDirectory(), 'winnow.db');
  const store = openStore({ path });
  store.deliveries.open('kafka', 'earliest');
  store.commit(sampleCheckpoint());
  expect(inspectStore(path)).toMatchObject({
    storeId: store.storeId,
    schemaVersion: MIGRATIONS.at(-1)!.version,
    windows: 1,
    closedToMs: 1_700_000_010_000,
    positions: [samplePosition()],
    feeds: [{ feed: 'kafka', pending: 1, expired: 0 }],
    books: null,
  });
  const books = { consumed: 12, bytes: 99, counted: 10, dropped: { late: 2 } };
  const row = { table: 'totals', key: 'closed', value: JSON.stringify(books) };
  store.commit({ positions: [], state: [row], revisions: [], closedToMs: 1_700_000_020_000 });
  expect(inspectStore(path)?.books).toEqual(books);
  store.deliveries.advance('kafka', 1);
  expect(inspectStore(path)?.feeds).toEqual([{ feed: 'kafka', pending: 0, expired: 0 }]);
  store.close();
});

test('reads a store of the first version, and one that a newer program wrote', () => {
  const path = join(temporaryDirectory(), 'winnow.db');
  openForWriting({ path, programVersion: '0.1.0', migrations: MIGRATIONS.slice(0, 1) }).close();
  expect(inspectStore(path)).toMatchObject({ schemaVersion: 1, positions: [], feeds: [] });
  const newer = new Database(path);
  newer.pragma('user_version = 99');
  newer.exec('DROP TABLE feed_cursor; CREATE TABLE feed_cursor (feed TEXT, seq INTEGER, expired INTEGER)');
  newer.close();
  expect(inspectStore(path)).toMatchObject({ schemaVersion: 99 });
});

test('there is nothing to tell of a missing or an empty file, and neither is created', () => {
  const directory = temporaryDirectory();
  expect(inspectStore(join(directory, 'none.db'))).toBeNull();
  writeFileSync(join(directory, 'empty.db'), '');
  expect(inspectStore(join(directory, 'empty.db'))).toBeNull();
  expect(isStoreLocked(join(directory, 'empty.db'))).toBe(false);
  expect(readdirSync(directory)).toEqual(['empty.db']);
});

test('a file that is no store is an error with a code', () => {
  const path = join(temporaryDirectory(), 'notes.txt');
  writeFileSync(path, 'not a database, but long enough to have a header of a hundred bytes'.repeat(4));
  expect(() => inspectStore(path)).toThrow(expect.objectContaining({ code: 'WINNOW_STORE_NOT_A_STORE' }));
});

test('sees the lock of another process without taking it, and that it is gone when the process is killed', async () => {
  const path = join(temporaryDirectory(), 'winnow.db');
  const child = startChild(LOCKING_CHILD, [path]);
  await child.line();
  for (let i = 0; i < 3; i++) expect(isStoreLocked(path)).toBe(true);
  await child.kill();
  expect(isStoreLocked(path)).toBe(false);
});
