import { lstatSync, rmSync } from 'node:fs';
import { WinnowError } from '../errors.ts';
import { readHolder, tryLock } from '../store/lock.ts';
import { readPurpose } from '../store/purpose.ts';
import { openStore, type SqliteStore } from '../store/sqlite.ts';
import { programVersion } from '../version.ts';

const DEMO = 'demo';

/**
 * Opens a store for a command that writes to it and ends. Throws WINNOW_STORE_BUSY when a worker has it: two writers
 * would each store half of what they saw. `demo` begins with an empty one in place of an earlier demo's; throws
 * WINNOW_USAGE when the file is anything else.
 */
export function openExclusively(
  path: string,
  options: { readonly demo?: boolean } = {},
): SqliteStore & { release(): void } {
  // Before the lock, which leaves files beside the store; and once more when nobody else can write to it.
  if (options.demo) refuseToReplace(path);
  const lock = tryLock(path);
  if (lock === null) {
    const holder = readHolder(path);
    const by =
      holder === null ? 'another process' : `process ${holder.pid} on ${holder.host} since ${holder.since}`;
    throw new WinnowError('WINNOW_STORE_BUSY', `open store ${path}: ${by} is writing to it`, {
      retryable: true,
      hint: 'name another file with --store, or stop that process first',
    });
  }
  try {
    if (options.demo) {
      refuseToReplace(path);
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
    }
    const store = openStore({
      path,
      programVersion: programVersion(),
      ...(options.demo ? { purpose: DEMO } : {}),
    });
    return Object.assign(store, {
      release: () => {
        store.close();
        lock.release();
      },
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

function refuseToReplace(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || readPurpose(path) === DEMO) return;
  throw new WinnowError('WINNOW_USAGE', `replace ${path}: it is not the store of an earlier demo`, {
    hint: 'name another file with --store, or delete this one yourself',
  });
}
