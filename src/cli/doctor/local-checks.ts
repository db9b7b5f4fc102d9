import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { Config } from '../../config-schema.ts';
import { type Books, inspectStore, isStoreLocked, type StoreReport } from '../../store/inspect.ts';
import { readHolder } from '../../store/lock.ts';
import { MIGRATIONS } from '../../store/migrations.ts';
import { systemReason } from '../../system-error.ts';
import { type Check, count, fail, failed, ok, warn } from './check.ts';

/** What is known of the store when the other checks begin. */
export interface StoreState {
  readonly report: StoreReport | null;
  /** A worker is at work on it. */
  readonly isLocked: boolean;
}

const MIB = 1024 * 1024;

/** A WAL may grow to 64 MiB beside a store that keeps growing: below this a commit may soon fail. */
const DISK_FREE_FAIL_BYTES = 128 * MIB;
/** The default bound of all windows (1 GiB). */
const DISK_FREE_WARN_BYTES = 1024 * MIB;

export function checkStore(path: string, checks: Check[]): StoreState {
  const state = { report: null as StoreReport | null, isLocked: false };
  try {
    state.isLocked = isStoreLocked(path);
    checks.push(lockCheck(path, state.isLocked));
    state.report = inspectStore(path);
    checks.push(state.report === null ? newStoreCheck(path) : schemaCheck(path, state.report));
    if (state.report?.books) checks.push(booksCheck(path, state.report.books));
    if (existsSync(dirname(path))) checks.push(diskCheck(path));
  } catch (error) {
    checks.push(failed('store', error));
  }
  return state;
}

function lockCheck(path: string, isLocked: boolean): Check {
  if (!isLocked) return ok(`store ${path}: no worker is at work on it`, { locked: false });
  const holder = readHolder(path);
  if (holder === null) return ok(`store ${path}: a worker is at work on it`, { locked: true });
  const { pid, host, since } = holder;
  return ok(`store ${path}: a worker is at work on it: pid ${pid} on ${host} since ${since}`, {
    locked: true,
    holder,
  });
}

function newStoreCheck(path: string): Check {
  const directory = dirname(path);
  try {
    accessSync(directory, constants.W_OK);
    return ok(`store ${path}: not there yet; a worker creates it`);
  } catch (error) {
    const hint = 'create the directory, writable for the user that runs winnow, or name another path';
    return fail(`store ${path}: cannot be created in ${directory}: ${systemReason(error)}`, hint);
  }
}

function schemaCheck(path: string, report: StoreReport): Check {
  const newest = MIGRATIONS.at(-1)!.version;
  const { schemaVersion, windows, positions, sizeBytes } = report;
  const facts = { schemaVersion, windows, positions: positions.length, sizeBytes };
  if (schemaVersion > newest) {
    const hint = 'run the newer winnow that wrote it, or restore the backup made before the upgrade';
    return fail(
      `store ${path}: schema version ${schemaVersion}, newer than this program's ${newest}`,
      hint,
      facts,
    );
  }
  const held = `${count(windows, 'window')}, positions of ${count(positions.length, 'partition')}`;
  if (schemaVersion < newest) {
    const hint = 'a worker of this version brings it up to date when it starts; back it up before';
    return warn(`store ${path}: schema version ${schemaVersion}, older than ${newest}; ${held}`, hint, facts);
  }
  return ok(`store ${path}: schema version ${schemaVersion}, ${held}`, facts);
}

/** Every consumed unit of a closed bucket is counted or dropped with a reason. */
export function booksCheck(path: string, books: Books): Check {
  const { consumed, counted, dropped } = books;
  const reasons = Object.entries(dropped).filter(([, units]) => units > 0);
  const lost = reasons.reduce((sum, [, units]) => sum + units, 0);
  const sum = [`${counted} counted`, ...reasons.map(([reason, units]) => `${units} ${reason}`)].join(' + ');
  const text = `store ${path}: ${consumed} consumed = ${sum}`;
  if (counted + lost !== consumed)
    return fail(`store ${path}: ${consumed} consumed, but ${sum}`, 'please report this with the store', {
      books,
    });
  const share = lost / Math.max(1, consumed);
  if (share <= DROPPED_SHARE_MAX) return ok(text, { books });
  return warn(text, 'see winnow_records_dropped_total for when, and the samples below for why', { books });
}

/** More than this share dropped is worth a look: late records beyond the odd one, or messages that cannot be read. */
const DROPPED_SHARE_MAX = 0.01;

function diskCheck(path: string): Check {
  const { bavail, bsize } = statfsSync(existsSync(path) ? path : dirname(path));
  const freeBytes = bavail * bsize;
  const what = `disk of the store: ${(freeBytes / MIB / 1024).toFixed(1)} GiB free`;
  const hint = 'free disk space, or put the store elsewhere; a full disk stops the worker';
  if (freeBytes < DISK_FREE_FAIL_BYTES) return fail(what, hint, { freeBytes });
  if (freeBytes < DISK_FREE_WARN_BYTES) return warn(what, hint, { freeBytes });
  return ok(what, { freeBytes });
}

/** The port of metrics and health: free for a worker that is to start, or the worker's that runs. */
export async function checkEndpoint(config: Config, store: StoreState, checks: Check[]): Promise<void> {
  const { host, port } = config.http;
  const address = `${host}:${port}`;
  if (port === 0) {
    checks.push(ok('endpoint: any free port is taken (http.port 0)'));
    return;
  }
  const problem = await bindProblem(host, port);
  if (problem === null) {
    checks.push(ok(`endpoint: ${address} is free`));
    return;
  }
  const holder = store.isLocked ? readHolder(config.store.path) : null;
  if (holder?.host === hostname()) {
    checks.push(ok(`endpoint: ${address} is in use, and a worker of this store runs here`));
    return;
  }
  const hint = 'choose another with --http-port, or stop the program that has it';
  checks.push(fail(`endpoint: cannot listen on ${address}: ${problem}`, hint));
}

async function bindProblem(host: string, port: number): Promise<string | null> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', (error) => resolve(error.message.replace(/^listen [A-Z]+: /, '')));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}

export function checkFiles(paths: readonly string[], source: string, checks: Check[]): void {
  for (const path of paths.filter((one) => one !== '-')) {
    try {
      accessSync(path, constants.R_OK);
      if (statSync(path).isDirectory()) throw new Error('it is a directory');
      checks.push(ok(`source ${source}: ${path} can be read`));
    } catch (error) {
      const hint = 'name a file that exists and this user may read';
      checks.push(fail(`source ${source}: ${path} cannot be read: ${systemReason(error)}`, hint));
    }
  }
}
