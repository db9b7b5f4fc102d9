import { randomUUID } from 'node:crypto';
import { accessSync, closeSync, constants, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import { WinnowError } from '../errors.ts';
import { MIGRATIONS, type Migration } from './migrations.ts';
import { storeError } from './store-errors.ts';

export interface DatabaseOptions {
  readonly path: string;
  /** Written into the file when it is created, for people who find it later. */
  readonly programVersion: string;
  /** Noted in the file when it is created; opening without one takes the note away: from then on it is anybody's. */
  readonly purpose?: string;
  /** SQLITE_FULL above this; undefined = as large as the disk. */
  readonly maxFileBytes?: number;
  readonly migrations?: readonly Migration[];
}

/** Marks a file as ours in its header, "wnow" in ASCII: https://www.sqlite.org/pragma.html#pragma_application_id */
export const APPLICATION_ID = 0x776e6f77;

/** Key in table `meta` of what the store was made for. */
export const PURPOSE_KEY = 'purpose';

/** Only another process that opens or migrates the same store holds the lock, for milliseconds. */
const BUSY_TIMEOUT_MS = 5_000;

/**
 * Of a new file; one that is there keeps its own. With SQLite's 4,096 a commit takes a third more of CPU time than with
 * this; twice as much is no quicker, and small commits would write twice as much.
 */
const PAGE_BYTES = 8_192;

/**
 * What SQLite may hold of a file that system caches hold as well. More is no quicker: a commit writes the same rows as the
 * one before, and all else is read once.
 */
const CACHE_KIB = 4_096;

/** The WAL is cut back to this after a checkpoint of SQLite; a long read may have let it grow. */
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;

/** Opens for writing; creates the file (readable by its owner only: it holds log excerpts) and brings it up to date. */
export function openForWriting(options: DatabaseOptions): Database.Database {
  let database: Database.Database | undefined;
  try {
    createPrivately(options.path);
    database = new Database(options.path, { timeout: BUSY_TIMEOUT_MS });
    refuseForeignFile(database, options.path);
    database.pragma(`page_size = ${PAGE_BYTES}`);
    database.pragma(`cache_size = -${CACHE_KIB}`);
    // A commit is durable on return only with FULL: https://www.sqlite.org/pragma.html#pragma_synchronous
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    database.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`);
    limitSize(database, options.maxFileBytes);
    migrate(database, options);
    return database;
  } catch (error) {
    database?.close();
    throw storeError('open', options.path, error);
  }
}

/** Opens an existing store for reading, while a worker may be writing to it. */
export function openForReading(
  path: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Database.Database {
  let database: Database.Database | undefined;
  try {
    // better-sqlite3 throws a bare TypeError where the directory is missing.
    accessSync(path, constants.R_OK);
    database = new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
    refuseForeignFile(database, path);
    const version = refuseNewerStore(database, path, migrations);
    if (version < newestOf(migrations)) throw olderStore(path, version);
    return database;
  } catch (error) {
    database?.close();
    throw storeError('read', path, error);
  }
}

/**
 * Runs `write` in one `BEGIN IMMEDIATE` transaction: all of it is durable on return, or none of it happened.
 * A failed COMMIT may leave the transaction open (SQLITE_FULL); it is rolled back here.
 */
export function transact<T>(database: Database.Database, write: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = write();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Creates an empty file that only its owner can read; an existing file stays as it is. */
export function createPrivately(path: string): void {
  try {
    // Exclusively: closing a descriptor of a file that this process has open in SQLite would drop its locks.
    // SQLite gives the -wal and -shm files the mode of the file itself.
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

function refuseForeignFile(database: Database.Database, path: string): void {
  const id = database.pragma('application_id', { simple: true });
  const tables = database.prepare('SELECT count(*) AS n FROM sqlite_schema').get() as { n: number };
  if (id === APPLICATION_ID || (id === 0 && tables.n === 0)) return;
  throw new WinnowError('WINNOW_STORE_NOT_A_STORE', `open store ${path}: a database of another program`, {
    hint: 'name another path for the store',
  });
}

function limitSize(database: Database.Database, maxFileBytes: number | undefined): void {
  if (maxFileBytes === undefined) return;
  const pageSize = database.pragma('page_size', { simple: true }) as number;
  database.pragma(`max_page_count = ${Math.max(1, Math.floor(maxFileBytes / pageSize))}`);
}

function migrate(database: Database.Database, options: DatabaseOptions): void {
  const migrations = options.migrations ?? MIGRATIONS;
  transact(database, () => {
    const version = refuseNewerStore(database, options.path, migrations);
    for (const migration of migrations) {
      if (migration.version <= version) continue;
      database.exec(migration.sql);
      database.pragma(`user_version = ${migration.version}`);
    }
    database.pragma(`application_id = ${APPLICATION_ID}`);
    const put = database.prepare('INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)');
    put.run('store_id', randomUUID());
    put.run('created_by', options.programVersion);
    if (options.purpose === undefined) database.prepare('DELETE FROM meta WHERE key = ?').run(PURPOSE_KEY);
    else if (version === 0) put.run(PURPOSE_KEY, options.purpose);
  });
}

function refuseNewerStore(
  database: Database.Database,
  path: string,
  migrations: readonly Migration[],
): number {
  const version = database.pragma('user_version', { simple: true }) as number;
  const newest = newestOf(migrations);
  if (version <= newest) return version;
  const message = `open store ${path}: schema version ${version} is newer than this program's ${newest}`;
  throw new WinnowError('WINNOW_STORE_TOO_NEW', message, {
    hint: 'run the newer winnow that wrote it, or restore the backup made before the upgrade',
  });
}

function olderStore(path: string, version: number): WinnowError {
  const what =
    version === 0 ? 'has no windows yet' : `has schema version ${version}, older than this program's`;
  return new WinnowError('WINNOW_STORE_TOO_OLD', `read store ${path}: it ${what}`, {
    retryable: true,
    hint: 'a worker brings it up to date when it starts',
  });
}

function newestOf(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}
