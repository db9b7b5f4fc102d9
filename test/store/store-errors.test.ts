import { accessSync } from 'node:fs';
import { expect, test } from 'vitest';
import { WinnowError } from '../../src/errors.ts';
import { storeError } from '../../src/store/store-errors.ts';

function withCode(code: string): Error {
  return Object.assign(new Error('refused'), { code });
}

test('what SQLite or the file system refuses has a code, says whether to try again, and has a hint', () => {
  const check = (systemCode: string, code: string, retryable: boolean): void => {
    const error = storeError('open', '/data/winnow.db', withCode(systemCode));
    expect(error, systemCode).toMatchObject({ code, retryable, hint: expect.any(String) });
    expect((error as Error).message).toBe(`open store /data/winnow.db: refused (${systemCode})`);
  };
  check('SQLITE_FULL', 'WINNOW_STORE_FULL', true);
  check('ENOSPC', 'WINNOW_STORE_FULL', true);
  check('SQLITE_BUSY_SNAPSHOT', 'WINNOW_STORE_BUSY', true);
  check('SQLITE_READONLY_DIRECTORY', 'WINNOW_STORE_READ_ONLY', false);
  check('EACCES', 'WINNOW_STORE_READ_ONLY', false);
  check('EROFS', 'WINNOW_STORE_READ_ONLY', false);
  check('SQLITE_CORRUPT_INDEX', 'WINNOW_STORE_CORRUPT', false);
  check('SQLITE_NOTADB', 'WINNOW_STORE_NOT_A_STORE', false);
  check('SQLITE_CANTOPEN_ISDIR', 'WINNOW_STORE_CANNOT_OPEN', false);
  check('SQLITE_IOERR_FSYNC', 'WINNOW_STORE_IO', true);
  check('SQLITE_TOOBIG', 'WINNOW_STORE_FAILED', false);
});

test('errors of others stay as they are', () => {
  for (const error of [
    new TypeError('a bug'),
    withCode('ERR_ASSERTION'),
    new WinnowError('WINNOW_X', 'x'),
    'text',
  ]) {
    expect(storeError('open', 'x', error)).toBe(error);
  }
});

test('a hint names no command that does not exist', () => {
  const error = storeError('open', 'x', withCode('SQLITE_TOOBIG')) as WinnowError;
  expect(error.hint).not.toMatch(/winnow [a-z]/);
});

test('a code and a path that the system put into its message are not said twice', () => {
  let cause: unknown;
  try {
    accessSync('/nowhere/w.db');
  } catch (error) {
    cause = error;
  }
  expect(storeError('read', '/nowhere/w.db', cause)).toMatchObject({
    message: 'read store /nowhere/w.db: no such file or directory (ENOENT)',
  });
});
