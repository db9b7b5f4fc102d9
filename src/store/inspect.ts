import { existsSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { PartitionPosition } from '../contracts.ts';
import { APPLICATION_ID } from './database.ts';
import { storeError } from './store-errors.ts';

/** What is in a store, of any schema version, read beside its worker without a trace. */
export interface StoreReport {
  readonly storeId: string;
  readonly schemaVersion: number;
  readonly sizeBytes: number;
  readonly windows: number;
  /** End of the last closed bucket, event time. */
  readonly closedToMs: number | null;
  readonly positions: readonly PartitionPosition[];
  readonly feeds: readonly FeedReport[];
  /** Where every unit of all closed buckets went, since the store began; null = nothing closed yet. */
  readonly books: Books | null;
}

export interface Books {
  readonly consumed: number;
  readonly counted: number;
  /** By reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

export interface FeedReport {
  readonly feed: string;
  readonly pending: number;
  readonly expired: number;
}

/** Null: there is no such file, or nothing in it yet. Throws a WinnowError when it is no store or cannot be read. */
export function inspectStore(path: string): StoreReport | null {
  if (!existsSync(path)) return null;
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { readonly: true, fileMustExist: true, timeout: 1_000 });
    const schemaVersion = database.pragma('user_version', { simple: true }) as number;
    if (schemaVersion === 0 || database.pragma('application_id', { simple: true }) !== APPLICATION_ID)
      return null;
    return database.transaction(read)(database, path, schemaVersion);
  } catch (error) {
    throw storeError('read', path, error);
  } finally {
    database?.close();
  }
}

/** True while a process works on the store. Only a look: it takes the lock from nobody and leaves no file behind. */
export function isStoreLocked(path: string): boolean {
  if (!existsSync(`${path}.lock`)) return false;
  let database: Database.Database | undefined;
  try {
    database = new Database(`${path}.lock`, { readonly: true, fileMustExist: true, timeout: 0 });
    // Any reading waits for the worker's exclusive transaction.
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY'))
      return true;
    throw storeError('look at the lock of', path, error);
  } finally {
    database?.close();
  }
}

function read(database: Database.Database, path: string, schemaVersion: number): StoreReport {
  const meta = (key: string): string | undefined =>
    (database.prepare('SELECT value FROM meta WHERE key = ?').get(key) as { value: string } | undefined)
      ?.value;
  const closedTo = meta('closed_to_ms');
  const totals = database.prepare("SELECT value FROM state WHERE part = 'totals'").get() as
    | { value: string }
    | undefined;
  const { n } = database.prepare('SELECT count(*) AS n FROM window').get() as { n: number };
  return {
    storeId: meta('store_id') ?? '',
    schemaVersion,
    sizeBytes: statSync(path).size,
    windows: n,
    closedToMs: closedTo === undefined ? null : Number(closedTo),
    positions: database
      .prepare(
        `SELECT source, topic, partition, resume_at AS resumeAt, read_to AS readTo, max_time_ms AS maxTimeMs
         FROM position ORDER BY source, topic, partition`,
      )
      .all() as PartitionPosition[],
    books: totals === undefined ? null : (JSON.parse(totals.value) as Books),
    // Before schema version 2 there were no feeds.
    feeds:
      schemaVersion < 2
        ? []
        : (database
            .prepare(
              `SELECT feed, expired, (SELECT count(*) FROM revision WHERE +revision.seq > feed_cursor.seq) AS pending
               FROM feed_cursor ORDER BY feed`,
            )
            .all() as FeedReport[]),
  };
}
