import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tryLock } from '../../src/store/lock.ts';
import { until, WinnowProcess } from '../support/winnow-process.ts';

test('a standby answers /metrics and says what it is, also when it takes over', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'winnow-run-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const store = join(directory, 'w.db');
  const lock = tryLock(store)!;
  const standby = new WinnowProcess([
    'run',
    '--brokers',
    '127.0.0.1:9',
    '--store',
    store,
    '--http-port',
    '0',
  ]);
  const metrics = () => standby.get('/metrics');
  await until(async () => (await metrics()).text.includes('\nwinnow_standby 1\n'));
  expect(await metrics()).toEqual({
    status: 200,
    text: expect.stringMatching(/^winnow_build_info\{version="\d/m),
  });
  lock.release();
  await until(async () => (await metrics()).text.includes('\nwinnow_standby 0\n'));
  expect((await metrics()).text).toContain('winnow_store_conflicts_total 0');
  standby.signal('SIGTERM');
  expect((await standby.finished()).code).toBe(0);
});
