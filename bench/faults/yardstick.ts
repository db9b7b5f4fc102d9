import { openSync, readSync } from 'node:fs';
import Database from 'better-sqlite3';

/**
 * How many frames a database's write-ahead log holds, from the index header in its -shm file (WalIndexHdr in SQLite's
 * wal.c: szPage at byte 14, mxFrame at 16). The descriptor stays open: closing it would drop SQLite's own POSIX locks.
 */
export class WalSize {
  readonly #file: number;
  readonly #header = Buffer.alloc(48);
  #frames = 0;

  constructor(databasePath: string) {
    this.#file = openSync(`${databasePath}-shm`, 'r');
    this.#frames = this.#readFrames();
  }

  /** Bytes added since the last call; a log that was begun anew counts from its beginning. */
  addedBytes(): number {
    const before = this.#frames;
    this.#frames = this.#readFrames();
    const added = this.#frames >= before ? this.#frames - before : this.#frames;
    return added * (this.#header.readUInt16LE(14) + WAL_FRAME_HEADER_BYTES);
  }

  #readFrames(): number {
    readSync(this.#file, this.#header, 0, this.#header.length, 0);
    return this.#header.readUInt32LE(16);
  }
}

/** https://www.sqlite.org/fileformat2.html#wal_file_format */
const WAL_FRAME_HEADER_BYTES = 24;

/** The yardstick: WAL and `synchronous=FULL` as the store has them, one table, one row a transaction. */
export class BareDatabase {
  readonly #database: Database.Database;
  readonly #begin: Database.Statement;
  readonly #put: Database.Statement;
  readonly #commit: Database.Statement;

  constructor(path: string) {
    this.#database = new Database(path);
    this.#database.pragma('journal_mode = WAL');
    this.#database.pragma('synchronous = FULL');
    this.#database.prepare('CREATE TABLE IF NOT EXISTS blob (id INTEGER PRIMARY KEY, value BLOB)').run();
    this.#begin = this.#database.prepare('BEGIN IMMEDIATE');
    this.#put = this.#database.prepare('INSERT OR REPLACE INTO blob VALUES (?, ?)');
    this.#commit = this.#database.prepare('COMMIT');
  }

  /** Milliseconds of one transaction that adds about `bytes` to the write-ahead log. */
  write(bytes: number): number {
    // The table's root page is written with the row's overflow pages.
    const value = Buffer.alloc(Math.max(16, bytes - 2 * 4_096), 0x61);
    const startedMs = performance.now();
    this.#begin.run();
    this.#put.run(1, value);
    this.#commit.run();
    return performance.now() - startedMs;
  }
}
