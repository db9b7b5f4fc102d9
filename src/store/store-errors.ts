import { WinnowError } from '../errors.ts';
import { codeOf, systemReason } from '../system-error.ts';

/**
 * Says in winnow's terms what SQLite or the file system refused. Errors that are not theirs are returned as they are,
 * so that a bug stays a bug.
 */
export function storeError(action: string, path: string, cause: unknown): unknown {
  if (cause instanceof WinnowError) return cause;
  const systemCode = codeOf(cause);
  const known = CAUSES.find(([prefix]) => systemCode === prefix || systemCode.startsWith(`${prefix}_`));
  if (known === undefined && !systemCode.startsWith('SQLITE_')) return cause;
  const [, code, retryable, hint] = known ?? OTHER;
  const message = `${action} store ${path}: ${systemReason(cause)} (${systemCode})`;
  return new WinnowError(code, message, { retryable, hint, cause });
}

type Cause = readonly [systemCode: string, code: string, retryable: boolean, hint: string];

const OTHER: Cause = [
  'SQLITE',
  'WINNOW_STORE_FAILED',
  false,
  'try again; if it persists, restore the store from a backup or start with an empty one',
];

// Result codes: https://www.sqlite.org/rescode.html
const CAUSES: readonly Cause[] = [
  [
    'SQLITE_NOTADB',
    'WINNOW_STORE_NOT_A_STORE',
    false,
    'the file is something else: name another path for the store',
  ],
  [
    'SQLITE_CORRUPT',
    'WINNOW_STORE_CORRUPT',
    false,
    'move the file away and restore a backup, or start with an empty store',
  ],
  [
    'SQLITE_FULL',
    'WINNOW_STORE_FULL',
    true,
    'free disk space, raise the size limit, or shorten the retention',
  ],
  ['ENOSPC', 'WINNOW_STORE_FULL', true, 'free disk space'],
  ['SQLITE_BUSY', 'WINNOW_STORE_BUSY', true, 'another process is writing to this store; only one worker may'],
  [
    'SQLITE_LOCKED',
    'WINNOW_STORE_BUSY',
    true,
    'another process is writing to this store; only one worker may',
  ],
  [
    'SQLITE_READONLY',
    'WINNOW_STORE_READ_ONLY',
    false,
    'make the file and its directory writable for this user',
  ],
  ['SQLITE_PERM', 'WINNOW_STORE_READ_ONLY', false, 'make the file and its directory writable for this user'],
  ['EACCES', 'WINNOW_STORE_READ_ONLY', false, 'make the file and its directory writable for this user'],
  ['EPERM', 'WINNOW_STORE_READ_ONLY', false, 'make the file and its directory writable for this user'],
  ['EROFS', 'WINNOW_STORE_READ_ONLY', false, 'put the store on a file system that can be written'],
  [
    'SQLITE_CANTOPEN',
    'WINNOW_STORE_CANNOT_OPEN',
    false,
    'check that the directory exists and this user may write in it',
  ],
  ['ENOENT', 'WINNOW_STORE_CANNOT_OPEN', false, 'no such file or directory: name the path of a store'],
  ['ENOTDIR', 'WINNOW_STORE_CANNOT_OPEN', false, 'name a path inside a directory'],
  ['EISDIR', 'WINNOW_STORE_CANNOT_OPEN', false, 'name a file, not a directory'],
  ['SQLITE_IOERR', 'WINNOW_STORE_IO', true, 'the disk reported an error; look at the kernel log'],
];
