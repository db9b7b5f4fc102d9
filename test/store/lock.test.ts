import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { median } from '../../bench/faults/statistics.ts';
import { acquireLock, readHolder, tryLock } from '../../src/store/lock.ts';
import { type Child, startChild } from '../support/child-process.ts';
import { temporaryDirectory } from './sample-checkpoint.ts';

const CHILD = new URL('lock-process.ts', import.meta.url);
const TAKEOVER_MS = 2_000;

test('a free lock is taken at once, and the note says by whom', async () => {
  const path = join(temporaryDirectory(), 'winnow.db');
  const lock = await acquireLock(path, { onWaiting: () => expect.unreachable() });
  expect(readHolder(path)).toMatchObject({ pid: process.pid });
  expect(readFileSync(`${path}.holder`, 'utf8')).toContain(`"pid":${process.pid}`);
  expect(statSync(`${path}.lock`).mode & 0o777).toBe(0o600);
  lock.release();
  lock.release();
});

test('a second part of the same process waits as well, and gets the lock when it is released', async () => {
  const path = join(temporaryDirectory(), 'winnow.db');
  const first = await acquireLock(path);
  expect(tryLock(path)).toBeNull();
  let waiting = '';
  const second = acquireLock(path, {
    pollMs: 5,
    onWaiting: (message) => {
      waiting += message;
      first.release();
    },
  });
  (await second).release();
  expect(waiting).toMatch(new RegExp(`^store .* is held by pid ${process.pid} on host .* since 20`));
});

test('stores are locked one by one', () => {
  const directory = temporaryDirectory();
  const locks = ['a.db', 'b.db'].map((name) => tryLock(join(directory, name)));
  for (const lock of locks) expect(lock).not.toBeNull();
  for (const lock of locks) lock?.release();
});

test('an aborted wait ends with an error that can be told apart', async () => {
  const path = join(temporaryDirectory(), 'winnow.db');
  const lock = await acquireLock(path);
  const abort = new AbortController();
  const waiting = acquireLock(path, { pollMs: 60_000, signal: abort.signal, onWaiting: () => abort.abort() });
  await expect(waiting).rejects.toMatchObject({ code: 'WINNOW_STORE_LOCK_ABORTED' });
  lock.release();
});

test('a lock that cannot be made is an error, not a wait', async () => {
  const directory = temporaryDirectory();
  await expect(acquireLock(join(directory, 'none', 'winnow.db'))).rejects.toMatchObject({
    code: 'WINNOW_STORE_CANNOT_OPEN',
  });
  mkdirSync(join(directory, 'd.lock'));
  await expect(acquireLock(join(directory, 'd'))).rejects.toMatchObject({ code: 'WINNOW_STORE_CANNOT_OPEN' });
});

test('when the worker is killed, one standby takes over within two seconds, ten times in a row', async () => {
  const path = join(temporaryDirectory(), 'winnow.db');
  let holder = startChild(CHILD, [path]);
  expect(await holder.line()).toBe(`held by ${holder.process.pid}`);
  const takeoversMs: number[] = [];
  for (let round = 0; round < 10; round++) {
    const standby: Child = startChild(CHILD, [path]);
    expect(await standby.line()).toContain(`is held by pid ${holder.process.pid} on host `);
    const killedAt = performance.now();
    await holder.kill();
    expect(await standby.line()).toBe(`held by ${standby.process.pid}`);
    takeoversMs.push(performance.now() - killedAt);
    expect(tryLock(path)).toBeNull();
    holder = standby;
  }
  // One of them may have met a busy moment of the machine.
  expect(median(takeoversMs)).toBeLessThan(TAKEOVER_MS);
});

test('of several standbys exactly one takes over', async () => {
  const path = join(temporaryDirectory(), 'winnow.db');
  const holder = startChild(CHILD, [path]);
  await holder.line();
  const standbys = [1, 2, 3].map(() => startChild(CHILD, [path]));
  for (const standby of standbys) await standby.line();
  await holder.kill();
  const holders: number[] = [];
  const heard = standbys.map(async (standby) =>
    holders.push(Number((await standby.line()).split(' ').at(-1))),
  );
  await Promise.race(heard);
  // Several polls of the others later.
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(holders).toHaveLength(1);
  expect(readHolder(path)?.pid).toBe(holders[0]);
  await Promise.all(standbys.map((standby) => standby.kill()));
  await Promise.allSettled(heard);
});
