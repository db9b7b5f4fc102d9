import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, onTestFinished, test } from 'vitest';
import { count, duration, list, oneLine } from '../../src/cli/doctor/check.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { winnow } from '../support/winnow-process.ts';

// Without a broker; what doctor finds on one is in test/integration/doctor-kafka.test.ts.

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'winnow-doctor-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function doctor(settings: object): Promise<{ code: number | null; lines: string[] }> {
  const file = join(directory(), 'winnow.json');
  writeFileSync(file, JSON.stringify({ http: { port: 0 }, ...settings }));
  const { code, stdout, stderr } = await winnow(['doctor', '--config', file]);
  expect(stderr).toBe('');
  return { code, lines: stdout.split('\n').slice(0, -1) };
}

describe('winnow doctor', () => {
  test('one line a check, a verdict first and a hint last; nothing is created', async () => {
    const path = directory();
    const log = join(path, 'app.log');
    writeFileSync(log, 'x\n');
    const { code, lines } = await doctor({
      store: { path: join(path, 'winnow.db') },
      sources: [{ type: 'files', paths: [log] }],
    });
    expect(code).toBe(0);
    expect(lines).toEqual([
      `ok    store ${path}/winnow.db: no worker is at work on it`,
      `ok    store ${path}/winnow.db: not there yet; a worker creates it`,
      expect.stringMatching(/^ok {4}disk of the store: [\d.]+ GiB free$/),
      'ok    endpoint: any free port is taken (http.port 0)',
      `ok    source files: ${log} can be read`,
      'winnow can run: 5 ok, 0 warnings, 0 failed',
    ]);
    expect(readdirSync(path)).toEqual(['app.log']);
  });

  test('ends with 1 when a check failed: no source, a file that is not there, a store that cannot be created', async () => {
    const none = await doctor({ store: { path: join(directory(), 'winnow.db') } });
    expect(none.code).toBe(1);
    expect(none.lines).toContainEqual(
      expect.stringMatching(/^fail {2}sources: there is none to read from {2}— name one in the/),
    );
    const { code, lines } = await doctor({
      store: { path: '/nowhere/winnow.db' },
      sources: [{ type: 'files', paths: ['/nowhere/app.log'] }],
    });
    expect(code).toBe(1);
    expect(lines).toContainEqual(
      expect.stringMatching(/^fail {2}store .*cannot be created in \/nowhere: .* {2}— create the directory/),
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^fail {2}source files: \/nowhere\/app.log cannot be read: no such file/),
    );
    expect(lines.at(-1)).toMatch(/^winnow cannot run as it should: 2 ok, 0 warnings, 2 failed$/);
  });

  test('a port that another program has is a failure', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { code, lines } = await doctor({
      store: { path: join(directory(), 'winnow.db') },
      http: { port },
      sources: [{ type: 'stdin' }],
    });
    expect(code).toBe(1);
    expect(lines).toContainEqual(
      expect.stringMatching(
        new RegExp(`^fail {2}endpoint: cannot listen on 127.0.0.1:${port}: address already in use`),
      ),
    );
  });

  test('the schema of a store is told from this program’s', async () => {
    const path = join(directory(), 'winnow.db');
    openStore({ path }).close();
    const settings = { store: { path }, sources: [{ type: 'stdin' }] };
    expect((await doctor(settings)).lines).toContainEqual(
      expect.stringMatching(/^ok {4}store .*: schema version \d+, 0 windows, positions of 0 partitions$/),
    );
    const setVersion = (version: number): void => {
      const database = new Database(path);
      database.pragma(`user_version = ${version}`);
      database.close();
    };
    setVersion(1);
    expect((await doctor(settings)).lines).toContainEqual(
      expect.stringMatching(
        /^warn {2}store .*: schema version 1, older than \d+; .* {2}— a worker of this version/,
      ),
    );
    setVersion(99);
    const newer = await doctor(settings);
    expect(newer.code).toBe(1);
    expect(newer.lines).toContainEqual(
      expect.stringMatching(/^fail {2}store .*: schema version 99, newer .* {2}— run the newer winnow/),
    );
  });

  test('wrong settings and flags are a usage error, as of run', async () => {
    expect(await winnow(['doctor', '--sample', '0'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--sample 0 is not a whole number from 1'),
    });
    expect(await winnow(['doctor', '--budget', 'lots'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('falseAlarmBudgetPerDay'),
    });
    expect((await winnow(['doctor', 'now'])).code).toBe(2);
  });
});

test('durations have two units at most', () => {
  const table: readonly (readonly [number, string])[] = [
    [0, '0 ms'],
    [250, '250 ms'],
    [1_000, '1 s'],
    [61_000, '1 min 1 s'],
    [3_600_000, '1 h'],
    [2 * 86_400_000 + 3 * 3_600_000 + 59_000, '2 d 3 h'],
    [86_400_000 + 59_000, '1 d'],
  ];
  for (const [ms, want] of table) expect(duration(ms), `${ms}`).toBe(want);
});

test('counts, lists and text of others stay one line', () => {
  expect(count(1, 'broker')).toBe('1 broker');
  expect(count(12_000, 'message')).toBe('12,000 messages');
  expect(list(['a', 'b', 'c'])).toBe('a, b, c');
  expect(list(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
  expect(oneLine('a\r\nok    forged\u001b[2J\u202eb')).toBe('a ok    forged [2J b');
});
