import { createHash } from 'node:crypto';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { openForWriting } from '../../src/store/database.ts';
import { MIGRATIONS, type Migration } from '../../src/store/migrations.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { openWindowReader } from '../../src/store/window-reader.ts';
import { sampleCheckpoint, samplePosition, sampleRevision, temporaryDirectory } from './sample-checkpoint.ts';

const NEXT: Migration = {
  version: MIGRATIONS.length + 1,
  sql: 'ALTER TABLE position ADD COLUMN note TEXT; CREATE TABLE later (a TEXT) STRICT;',
};

function schemaVersion(path: string): unknown {
  const database = new Database(path, { readonly: true });
  const version = database.pragma('user_version', { simple: true });
  database.close();
  return version;
}

function pageBytes(path: string): unknown {
  const database = new Database(path, { readonly: true });
  const bytes = database.pragma('page_size', { simple: true });
  database.close();
  return bytes;
}

/** A store as the first release wrote it, with one checkpoint in it. */
function writeFirstVersion(path: string): void {
  const database = openForWriting({ path, migrations: MIGRATIONS.slice(0, 1), programVersion: '0.1.0' });
  const { source, topic, partition, resumeAt, readTo, maxTimeMs } = samplePosition();
  database
    .prepare('INSERT INTO position VALUES (?, ?, ?, ?, ?, ?)')
    .run(source, topic, partition, resumeAt, readTo, maxTimeMs);
  const [row] = sampleCheckpoint().state;
  database.prepare('INSERT INTO state VALUES (?, ?, ?)').run(row!.table, row!.key, row!.value);
  database.close();
}

test('released migrations are never edited: add a new one instead', () => {
  const digests = MIGRATIONS.map(({ version, sql }) => [
    version,
    createHash('sha256').update(sql).digest('hex').slice(0, 16),
  ]);
  expect(digests).toEqual([
    [1, '0b4d8e56bbc543b2'],
    [2, '1434da0a55a0277c'],
    [3, '68b9b27d1b43be6c'],
  ]);
});

test('versions count up from 1 without gaps', () => {
  expect(MIGRATIONS.map((migration) => migration.version)).toEqual(MIGRATIONS.map((_, i) => i + 1));
});

test('a store of the first version is upgraded when it is opened and keeps its content', () => {
  const path = join(temporaryDirectory(), 'winnow.db');
  writeFirstVersion(path);
  expect(schemaVersion(path)).toBe(1);
  const store = openStore({ path, migrations: [...MIGRATIONS, NEXT] });
  expect(schemaVersion(path)).toBe(NEXT.version);
  expect(store.load()).toMatchObject({
    positions: sampleCheckpoint().positions,
    state: sampleCheckpoint().state,
  });
  store.close();
  const database = new Database(path, { readonly: true });
  expect(database.prepare("SELECT value FROM meta WHERE key = 'created_by'").get()).toEqual({
    value: '0.1.0',
  });
  expect(database.prepare('SELECT note FROM position').all()).toEqual([{ note: null }]);
  database.close();
});

test('a store whose file has pages of another size keeps them', () => {
  const path = join(temporaryDirectory(), 'winnow.db');
  openStore({ path: `${path}.new` }).close();
  expect(pageBytes(`${path}.new`)).toBe(8_192);
  const file = new Database(path);
  file.pragma('page_size = 4096');
  file.exec('CREATE TABLE t (a); DROP TABLE t').close();
  const store = openStore({ path });
  store.commit(sampleCheckpoint());
  expect(store.load().state).toEqual(sampleCheckpoint().state);
  store.close();
  expect(pageBytes(path)).toBe(4_096);
});

test('a migration that fails leaves the store at the version it had', () => {
  const path = join(temporaryDirectory(), 'winnow.db');
  writeFirstVersion(path);
  const failing = { version: NEXT.version + 1, sql: 'CREATE TABLE later (a TEXT)' };
  expect(() => openStore({ path, migrations: [...MIGRATIONS, NEXT, failing] })).toThrow(
    'table later already exists',
  );
  expect(schemaVersion(path)).toBe(1);
  const store = openStore({ path });
  expect(store.load().positions).toHaveLength(1);
  store.close();
});

test('a store that a newer program wrote is refused with a hint and left alone', () => {
  const path = join(temporaryDirectory(), 'winnow.db');
  openStore({ path, migrations: [...MIGRATIONS, NEXT] }).close();
  for (const open of [() => openStore({ path }), () => openWindowReader(path)]) {
    expect(open).toThrow(
      expect.objectContaining({ code: 'WINNOW_STORE_TOO_NEW', hint: expect.stringContaining('newer') }),
    );
  }
  expect(schemaVersion(path)).toBe(NEXT.version);
});

test('a reader of an empty file says that there is nothing yet', () => {
  const path = join(temporaryDirectory(), 'winnow.db');
  new Database(path).exec('VACUUM').close();
  expect(() => openWindowReader(path)).toThrow(
    expect.objectContaining({ code: 'WINNOW_STORE_TOO_OLD', retryable: true }),
  );
  const store = openStore({ path });
  store.commit(sampleCheckpoint({ revisions: [sampleRevision()] }));
  const reader = openWindowReader(path);
  expect(reader.list({ limit: 1 })).toHaveLength(1);
  reader.close();
  store.close();
});
