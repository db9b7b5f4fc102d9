import { rmSync } from 'node:fs';
import { WinnowError } from '../errors.ts';
import { readHolder, tryLock } from '../store/lock.ts';
import { openStore, type SqliteStore } from '../store/sqlite.ts';
import { programVersion } from '../version.ts';

/**
 * Opens a store for a command that writes to it and ends. Throws WINNOW_STORE_BUSY when a worker has it: two writers
 * would each store half of what they saw. `replace` begins with an empty one.
 */
export function openExclusively(
  path: string,
  options: { readonly replace?: boolean } = {},
): SqliteStore & { release(): void } {
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
    if (options.replace)
      for (const suffix of ['', '-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
    const store = openStore({ path, programVersion: programVersion() });
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
