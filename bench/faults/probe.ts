// Loaded into a measured `winnow run` with `node --import`: notes what cannot be seen from outside, one JSON line each,
// in the file that FAULTS_PROBE names. It decides nothing and changes no input; a line that was written survives SIGKILL.
import { openSync, readSync, writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import { type BucketObserver, Pipeline } from '../../src/core/pipeline.ts';
import type { BucketNote, ProbeLine } from './probe-lines.ts';

const file = openSync(process.env.FAULTS_PROBE ?? '/dev/null', 'a');
const barePath = process.env.FAULTS_BARE_DATABASE;

function note(line: ProbeLine): void {
  writeSync(file, `${JSON.stringify(line)}\n`);
}

noteAccepted();
noteBuckets();
noteCheckpoints();
noteMemoryOnSignal();

/** Every batch with messages: the first one ends a resume, the sum is the progress. */
function noteAccepted(): void {
  const { accept } = Pipeline.prototype;
  let messages = 0;
  Pipeline.prototype.accept = function (batch) {
    const revisions = accept.call(this, batch);
    messages += batch.messages.length;
    if (batch.messages.length > 0) note({ kind: 'accepted', atMs: Date.now(), messages });
    return revisions;
  };
}

/** What became of every unit of a closed bucket, as the pipeline hands it to its observer. */
function noteBuckets(): void {
  const { observe } = Pipeline.prototype;
  Pipeline.prototype.observe = function (observer: BucketObserver) {
    observe.call(this, (bucket, judgement, revisions) => {
      observer(bucket, judgement, revisions);
      const { consumed, counted, dropped } = bucket.accounting;
      const services: Record<string, number> = {};
      let templates = 0;
      let frames = 0;
      let censored = 0;
      for (const service of bucket.services) {
        services[service.service.name] = (services[service.service.name] ?? 0) + service.records;
        for (const template of service.templates) templates += template.records;
        frames += service.frames;
        for (const records of service.censored) censored += records;
      }
      const books: BucketNote = { consumed, counted, dropped, templates, frames, censored, services };
      note({ kind: 'bucket', startMs: bucket.startMs, books });
    });
  };
}

/**
 * Duration of each checkpoint, from asking the pipeline for its changes to the return of COMMIT, and the bytes that it
 * added to the write-ahead log. Then the same number of bytes in one bare transaction on a file beside the store.
 */
function noteCheckpoints(): void {
  const { checkpoint } = Pipeline.prototype;
  const { exec } = Database.prototype;
  const bare = barePath === undefined ? null : new BareDatabase(barePath);
  let beganMs = Number.NaN;
  let transactionMs = Number.NaN;
  let wal: WalSize | null = null;
  Pipeline.prototype.checkpoint = function () {
    beganMs = performance.now();
    return checkpoint.call(this);
  };
  Database.prototype.exec = function (sql: string) {
    if (sql === 'BEGIN IMMEDIATE') transactionMs = performance.now();
    const result = exec.call(this, sql);
    if (sql !== 'COMMIT' || Number.isNaN(beganMs)) return result;
    const endedMs = performance.now();
    wal ??= new WalSize(this.name);
    const bytes = wal.addedBytes();
    const bareMs = bytes === 0 ? null : (bare?.write(bytes) ?? null);
    note({ kind: 'checkpoint', ms: endedMs - beganMs, storeMs: endedMs - transactionMs, bytes, bareMs });
    beganMs = Number.NaN;
    return result;
  };
}

/** SIGUSR2: the heap after a full collection. Needs --expose-gc. */
function noteMemoryOnSignal(): void {
  process.on('SIGUSR2', () => {
    globalThis.gc?.();
    globalThis.gc?.();
    const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
    note({ kind: 'memory', rss, heapUsed, external, arrayBuffers });
  });
}

/**
 * How many frames a database's write-ahead log holds, from the index header in its -shm file (WalIndexHdr in SQLite's
 * wal.c: szPage at byte 14, mxFrame at 16). The descriptor stays open: closing it would drop SQLite's own POSIX locks.
 */
class WalSize {
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
class BareDatabase {
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
