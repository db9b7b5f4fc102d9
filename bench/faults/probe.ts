// Loaded into a measured `winnow run` with `node --import`: notes what cannot be seen from outside, one JSON line each,
// in the file that FAULTS_PROBE names. It decides nothing and changes no input; a line that was written survives SIGKILL.
import { openSync, writeSync } from 'node:fs';
import Database from 'better-sqlite3';
import { type BucketObserver, Pipeline } from '../../src/core/pipeline.ts';
import type { BucketNote, ProbeLine } from './probe-lines.ts';
import { BareDatabase, WalSize } from './yardstick.ts';

const file = openSync(process.env.FAULTS_PROBE ?? '/dev/null', 'a');
const barePath = process.env.FAULTS_BARE_DATABASE;

function note(line: ProbeLine): void {
  writeSync(file, `${JSON.stringify(line)}\n`);
}

noteAccepted();
noteBuckets();
noteCheckpoints();
noteMemoryOnSignal();

/** Every batch with messages: the first one ends a resume, the sum is the progress. And what has no bucket. */
function noteAccepted(): void {
  const { accept } = Pipeline.prototype;
  let messages = 0;
  let unbooked = 0;
  Pipeline.prototype.accept = function (batch) {
    const revisions = accept.call(this, batch);
    const outside = this.counting.unbooked;
    if (outside.consumed !== unbooked) {
      unbooked = outside.consumed;
      note({ kind: 'unbooked', consumed: outside.consumed, dropped: { ...outside.dropped } });
    }
    messages += batch.messages.length;
    if (batch.messages.length > 0) {
      const { user, system } = process.cpuUsage();
      note({ kind: 'accepted', atMs: Date.now(), messages, processorMs: (user + system) / 1_000 });
    }
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
