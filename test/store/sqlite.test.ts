import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { WinnowError } from '../../src/errors.ts';
import { openStore, type SqliteStore, type StoreOptions } from '../../src/store/sqlite.ts';
import { openWindowReader } from '../../src/store/window-reader.ts';
import { sampleCheckpoint, samplePosition, sampleRevision, temporaryDirectory } from './sample-checkpoint.ts';

const DAY_MS = 86_400_000;

function withStore(options: Partial<StoreOptions>, run: (store: SqliteStore, path: string) => void): void {
  const path = join(temporaryDirectory(), 'winnow.db');
  const store = openStore({ path, ...options });
  try {
    run(store, path);
  } finally {
    store.close();
  }
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof WinnowError ? error.code : `not a WinnowError: ${error}`;
  }
  return 'no error';
}

describe('a checkpoint', () => {
  test('a new store is empty', () => {
    withStore({}, (store) => {
      expect(store.load()).toEqual({ positions: [], state: [], closedToMs: null });
    });
  });

  test('what was committed is loaded after the store was closed and opened again', () => {
    withStore({}, (store, path) => {
      const positions = [
        samplePosition({ maxTimeMs: null }),
        samplePosition({ partition: 1, resumeAt: 0, readTo: 9_007_199_254_740_991 }),
      ];
      store.commit(sampleCheckpoint({ positions }));
      store.close();
      const again = openStore({ path });
      expect(again.load()).toEqual({
        positions,
        state: [{ table: 'template', key: 'k', value: '{"a":1}' }],
        closedToMs: 1_700_000_010_000,
      });
      expect(again.storeId).toBe(store.storeId);
      again.close();
    });
  });

  test('a value of state may be bytes, and comes back as it was written', () => {
    withStore({}, (store) => {
      const bytes = Uint8Array.from({ length: 600 }, (_, i) => i % 256);
      const row = { table: 't', key: 'k', value: bytes.subarray(3, 590) };
      store.commit(sampleCheckpoint({ state: [row, { ...row, key: 'text', value: '{"a":1}' }] }));
      const [loaded, text] = store.load().state;
      expect(Uint8Array.from(loaded!.value as Uint8Array)).toEqual(row.value);
      expect(text!.value).toBe('{"a":1}');
    });
  });

  test('only the rows that a checkpoint names change, and a null value deletes its row', () => {
    withStore({}, (store) => {
      const state = ['a', 'b', 'c'].map((key) => ({ table: 't', key, value: key }));
      store.commit(
        sampleCheckpoint({ state, positions: [samplePosition(), samplePosition({ partition: 1 })] }),
      );
      store.commit({
        positions: [samplePosition({ partition: 1, resumeAt: 30, readTo: 40 })],
        state: [
          { table: 't', key: 'a', value: null },
          { table: 't', key: 'b', value: 'B' },
          { table: 'u', key: 'b', value: 'other table' },
        ],
        revisions: [],
        closedToMs: null,
      });
      expect(store.load()).toEqual({
        positions: [samplePosition(), samplePosition({ partition: 1, resumeAt: 30, readTo: 40 })],
        state: [
          { table: 't', key: 'b', value: 'B' },
          { table: 't', key: 'c', value: 'c' },
          { table: 'u', key: 'b', value: 'other table' },
        ],
        closedToMs: 1_700_000_010_000,
      });
    });
  });

  test('a checkpoint that fails half-way leaves the store as it was', () => {
    withStore({}, (store, path) => {
      store.commit(sampleCheckpoint());
      const before = store.load();
      const circular: Record<string, unknown> = {};
      circular.self = circular;
      const bad = sampleCheckpoint({
        positions: [samplePosition({ resumeAt: 99 })],
        state: [{ table: 'template', key: 'k', value: 'changed' }],
        revisions: [sampleRevision({ revision: 2 }), sampleRevision({ revision: 3, event: circular })],
      });
      expect(() => store.commit(bad)).toThrow('circular');
      expect(store.load()).toEqual(before);
      const reader = openWindowReader(path);
      expect(reader.get('w_7f3a9c1e5b20', 2)).toBeNull();
      reader.close();
      store.commit(sampleCheckpoint({ revisions: [sampleRevision({ revision: 2 })] }));
    });
  });

  test('a second writer on the same file makes the first one fail instead of mixing their checkpoints', () => {
    withStore({}, (first, path) => {
      first.commit(sampleCheckpoint());
      const second = openStore({ path });
      expect(codeOf(() => first.commit(sampleCheckpoint({ closedToMs: 1 })))).toBe('WINNOW_STORE_TAKEN_OVER');
      expect(second.load().closedToMs).toBe(1_700_000_010_000);
      second.commit(sampleCheckpoint());
      second.close();
    });
  });
});

describe('window revisions', () => {
  test('applying the same revision twice changes nothing', () => {
    withStore({}, (store, path) => {
      store.commit(sampleCheckpoint());
      store.commit(sampleCheckpoint());
      const reader = openWindowReader(path);
      expect(reader.list({ limit: 10 })).toHaveLength(1);
      reader.close();
      const database = new Database(path, { readonly: true });
      expect(database.prepare('SELECT seq, window_id, revision FROM revision').all()).toHaveLength(1);
      expect(
        database
          .prepare(
            'SELECT revisions_bytes - length(CAST(body AS BLOB)) AS d FROM revision JOIN window USING (window_id)',
          )
          .all(),
      ).toEqual([{ d: 0 }]);
      database.close();
      expect(store.counters.conflictingRevisions).toBe(0);
    });
  });

  test('the first content of a revision is kept and a different one is counted', () => {
    withStore({}, (store, path) => {
      store.commit(sampleCheckpoint());
      store.commit(
        sampleCheckpoint({ revisions: [sampleRevision({ headline: 'changed', status: 'closed' })] }),
      );
      expect(store.counters.conflictingRevisions).toBe(1);
      const reader = openWindowReader(path);
      expect(reader.get('w_7f3a9c1e5b20')).toEqual(sampleRevision());
      expect(reader.list({ limit: 1 })[0]?.headline).toBe('new error in payments');
      reader.close();
    });
  });

  test('a replayed older revision does not become the latest', () => {
    withStore({}, (store, path) => {
      const first = sampleRevision();
      const second = sampleRevision({
        revision: 2,
        status: 'closed',
        headline: 'over',
        watermarkMs: 1_700_000_600_000,
      });
      store.commit(sampleCheckpoint({ revisions: [second] }));
      store.commit(sampleCheckpoint({ revisions: [first] }));
      const reader = openWindowReader(path);
      expect(reader.get(first.windowId)).toEqual(second);
      expect(reader.get(first.windowId, 1)).toEqual(first);
      expect(reader.list({ limit: 1 })[0]).toMatchObject({ revision: 2, status: 'closed', headline: 'over' });
      reader.close();
    });
  });

  test('revisions are numbered in the order in which they became durable, and no number is used twice', () => {
    withStore({ retention: { windowsDays: 1 } }, (store, path) => {
      const at = (id: string, watermarkMs: number, closedToMs: number) =>
        store.commit(
          sampleCheckpoint({ revisions: [sampleRevision({ windowId: id, watermarkMs })], closedToMs }),
        );
      at('w_a', 1000, 1000);
      at('w_b', 2000, 2000);
      at('w_c', 10 * DAY_MS, 10 * DAY_MS);
      at('w_d', 10 * DAY_MS, 10 * DAY_MS);
      const database = new Database(path, { readonly: true });
      expect(database.prepare('SELECT seq, window_id AS id FROM revision ORDER BY seq').all()).toEqual([
        { seq: 3, id: 'w_c' },
        { seq: 4, id: 'w_d' },
      ]);
      expect(database.prepare('SELECT * FROM feed_cursor').all()).toEqual([]);
      database.close();
    });
  });
});

describe('retention', () => {
  test('a window goes when its last revision is older in event time than the term', () => {
    withStore({ retention: { windowsDays: 2 } }, (store, path) => {
      const ids = (closedToMs: number, revisions = [] as ReturnType<typeof sampleRevision>[]) => {
        store.commit(sampleCheckpoint({ revisions, closedToMs }));
        const reader = openWindowReader(path);
        const listed = reader.list({ limit: 10 }).map((window) => window.windowId);
        reader.close();
        return listed;
      };
      const day = (n: number, id: string, revision = 1) =>
        sampleRevision({ windowId: id, revision, onsetMs: DAY_MS, watermarkMs: n * DAY_MS });
      expect(ids(3 * DAY_MS, [day(1, 'w_a'), day(1, 'w_b'), day(2, 'w_b', 2)])).toEqual(['w_a', 'w_b']);
      expect(ids(3 * DAY_MS + 1)).toEqual(['w_b']);
      expect(ids(4 * DAY_MS)).toEqual(['w_b']);
      expect(ids(4 * DAY_MS + 1)).toEqual([]);
      expect(store.counters.windowsDeleted).toBe(2);
    });
  });

  test('the total size of all windows is bounded, oldest first, a bounded number per commit', () => {
    withStore({ retention: { maxWindowsBytes: 20_000 } }, (store, path) => {
      const filler = 'x'.repeat(1_000);
      const revisions = Array.from({ length: 200 }, (_, i) =>
        sampleRevision({ windowId: `w_${String(i).padStart(3, '0')}`, watermarkMs: i, event: { filler } }),
      );
      const remaining = () => {
        const reader = openWindowReader(path);
        const count = reader.list({ limit: 1_000 }).length;
        reader.close();
        return count;
      };
      store.commit(sampleCheckpoint({ revisions, closedToMs: 200 }));
      expect(remaining()).toBe(200 - 64);
      for (let i = 0; i < 4; i++) store.commit(sampleCheckpoint({ revisions: [], closedToMs: 200 }));
      expect(remaining()).toBeGreaterThan(10);
      expect(remaining()).toBeLessThan(20);
      const reader = openWindowReader(path);
      expect(reader.get('w_199')).not.toBeNull();
      expect(reader.get('w_000')).toBeNull();
      reader.close();
    });
  });

  test('the audit journal keeps its latest rows', () => {
    withStore({ retention: { maxAuditRows: 3 } }, (store, path) => {
      for (let i = 0; i < 10; i++) store.record([{ atMs: i, kind: 'tick', detail: String(i) }]);
      store.record([]);
      const database = new Database(path, { readonly: true });
      expect(database.prepare('SELECT at_ms, kind, detail FROM audit ORDER BY seq').all()).toEqual([
        { at_ms: 7, kind: 'tick', detail: '7' },
        { at_ms: 8, kind: 'tick', detail: '8' },
        { at_ms: 9, kind: 'tick', detail: '9' },
      ]);
      database.close();
    });
  });
});

describe('what the file system refuses is said with a code and a hint', () => {
  test('every file of a store is readable by its owner only', () => {
    withStore({}, (store, path) => {
      store.commit(sampleCheckpoint());
      const directory = join(path, '..');
      const modes = readdirSync(directory).map((name) => [
        name,
        statSync(join(directory, name)).mode & 0o777,
      ]);
      expect(modes).toEqual([
        ['winnow.db', 0o600],
        ['winnow.db-shm', 0o600],
        ['winnow.db-wal', 0o600],
      ]);
    });
  });

  test('a file that is not a database is refused and left as it is', () => {
    const path = join(temporaryDirectory(), 'notes.txt');
    writeFileSync(path, 'not a database, but long enough to have a header of a hundred bytes'.repeat(4));
    expect(codeOf(() => openStore({ path }))).toBe('WINNOW_STORE_NOT_A_STORE');
    expect(codeOf(() => openWindowReader(path))).toBe('WINNOW_STORE_NOT_A_STORE');
    expect(statSync(path).size).toBe(67 * 4);
  });

  test("another program's database is refused", () => {
    const path = join(temporaryDirectory(), 'other.db');
    const other = new Database(path);
    other.exec('CREATE TABLE meta (a)');
    other.close();
    expect(codeOf(() => openStore({ path }))).toBe('WINNOW_STORE_NOT_A_STORE');
  });

  test('a damaged store is reported as such', () => {
    withStore({}, (store, path) => {
      const state = Array.from({ length: 2_000 }, (_, i) => ({
        table: 't',
        key: `${i}`,
        value: 'v'.repeat(100),
      }));
      store.commit(sampleCheckpoint({ state }));
      store.close();
      const damaged = Buffer.alloc(100_000, 0xab);
      const database = new Database(path);
      database.pragma('wal_checkpoint(TRUNCATE)');
      database.close();
      writeFileSync(path, damaged, { flag: 'r+', encoding: null });
      expect(['WINNOW_STORE_CORRUPT', 'WINNOW_STORE_NOT_A_STORE']).toContain(
        codeOf(() => openStore({ path }).load()),
      );
    });
  });

  test('a directory that is missing or a path that is a directory', () => {
    const directory = temporaryDirectory();
    expect(codeOf(() => openStore({ path: join(directory, 'none', 'winnow.db') }))).toBe(
      'WINNOW_STORE_CANNOT_OPEN',
    );
    expect(codeOf(() => openWindowReader(join(directory, 'winnow.db')))).toBe('WINNOW_STORE_CANNOT_OPEN');
    mkdirSync(join(directory, 'd'));
    expect(codeOf(() => openStore({ path: join(directory, 'd') }))).toBe('WINNOW_STORE_CANNOT_OPEN');
  });

  test.skipIf(process.getuid?.() === 0)('a directory in which this user may not write', () => {
    const directory = temporaryDirectory();
    chmodSync(directory, 0o500);
    expect(codeOf(() => openStore({ path: join(directory, 'winnow.db') }))).toBe('WINNOW_STORE_READ_ONLY');
    chmodSync(directory, 0o700);
  });

  test('a full disk fails the commit as retryable, and the commit succeeds once there is room', () => {
    withStore({ maxFileBytes: 320_000 }, (store, path) => {
      store.commit(sampleCheckpoint());
      const before = store.load();
      const large = sampleCheckpoint({
        positions: [samplePosition({ resumeAt: 1000 })],
        state: [{ table: 't', key: 'large', value: 'x'.repeat(400_000) }],
      });
      try {
        store.commit(large);
        expect.unreachable();
      } catch (error) {
        expect(error).toMatchObject({ code: 'WINNOW_STORE_FULL', retryable: true });
        expect((error as WinnowError).hint).toContain('disk space');
      }
      expect(store.load()).toEqual(before);
      store.close();
      const roomier = openStore({ path });
      roomier.commit(large);
      expect(roomier.load().positions[0]?.resumeAt).toBe(1000);
      roomier.close();
    });
  });
});
