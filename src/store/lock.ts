import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { WinnowError } from '../errors.ts';
import { createPrivately } from './database.ts';
import { storeError } from './store-errors.ts';

/** Who holds a store; advisory, for messages only. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
}

export interface LockOptions {
  /** Ends the wait: `acquireLock` then rejects with WINNOW_STORE_LOCK_ABORTED. */
  readonly signal?: AbortSignal;
  /** Time between tries of a standby; a takeover takes at most about this long. */
  readonly pollMs?: number;
  /** Called once, when another process holds the store. */
  readonly onWaiting?: (message: string, holder: LockHolder | null) => void;
}

export interface StoreLock {
  /** Idempotent. A process that dies releases the lock too. */
  release(): void;
}

const DEFAULT_POLL_MS = 250;

/**
 * Waits until this process is the one worker of the store at `path`. The lock is an exclusive transaction on `<path>.lock`,
 * an SQLite file without content: the operating system drops it when the process ends, however it ends.
 * On a network file system without POSIX locks it does not protect; the store's writer epoch then does.
 */
export async function acquireLock(path: string, options: LockOptions = {}): Promise<StoreLock> {
  let waiting = false;
  for (;;) {
    refuseAborted(path, options.signal);
    const lock = tryLock(path);
    if (lock !== null) return lock;
    if (!waiting) {
      waiting = true;
      const holder = readHolder(path);
      options.onWaiting?.(describeHolder(path, holder), holder);
    }
    await sleep(options.pollMs ?? DEFAULT_POLL_MS, options.signal);
  }
}

/** Takes the lock, or returns null when another process (or another part of this one) holds it. */
export function tryLock(path: string): StoreLock | null {
  let database: Database.Database | undefined;
  try {
    createPrivately(`${path}.lock`);
    database = new Database(`${path}.lock`, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY'))
      return null;
    throw storeError('lock', path, error);
  }
  writeHolder(path);
  const held = database;
  return { release: () => void (held.open && held.close()) };
}

/** The last process that took the lock, or null when nobody did or the note is unreadable. */
export function readHolder(path: string): LockHolder | null {
  try {
    const holder = JSON.parse(readFileSync(holderPath(path), 'utf8')) as LockHolder;
    return typeof holder.pid === 'number' && typeof holder.host === 'string' ? holder : null;
  } catch {
    return null;
  }
}

/** In its own file: opening and closing the lock file outside SQLite would drop the lock of this process. */
function holderPath(path: string): string {
  return `${path}.holder`;
}

function writeHolder(path: string): void {
  const holder: LockHolder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  try {
    const temporary = `${holderPath(path)}.${process.pid}`;
    writeFileSync(temporary, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
    renameSync(temporary, holderPath(path));
  } catch {
    // The lock is held; only the message that a standby shows will be poorer.
  }
}

function describeHolder(path: string, holder: LockHolder | null): string {
  if (holder === null) return `store ${path} is held by another process`;
  return `store ${path} is held by pid ${holder.pid} on host ${holder.host} since ${holder.since}`;
}

function refuseAborted(path: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  const message = `wait for the lock of store ${path}: stopped before it was free`;
  throw new WinnowError('WINNOW_STORE_LOCK_ABORTED', message, { retryable: true });
}

async function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  // An abort ends the wait early; the caller looks at the signal next.
  await delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}
