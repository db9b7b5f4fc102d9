import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import { helpText } from '../../src/cli/command.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { streamTerminal } from '../../src/cli/terminal.ts';
import { WinnowError } from '../../src/errors.ts';
import { simulate } from '../../src/simulator/simulate.ts';
import { STORIES } from '../../src/simulator/stories.ts';
import { toJsonLines } from '../../src/simulator/to-json-lines.ts';
import { winnow } from '../support/winnow-process.ts';

function directory(): string {
  const path = mkdtempSync(join(tmpdir(), 'winnow-cli-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function file(name: string, content: string): string {
  const path = join(directory(), name);
  writeFileSync(path, content);
  return path;
}

const REFUSED = [...toJsonLines(simulate(STORIES.refused_then_504.options))].join('\n');

describe('help and errors', () => {
  test('without a command it lists the commands and fails as a usage error', async () => {
    const { code, stdout } = await winnow([]);
    expect(code).toBe(2);
    for (const { name, summary } of COMMANDS) expect(stdout).toContain(`${name.padEnd(9)}  ${summary}`);
  });

  test('--help names every option of every command, and --version the version', async () => {
    for (const { summary, load } of COMMANDS) {
      const command = await load();
      const text = helpText(command, summary);
      for (const { flag, help } of command.options) {
        expect(text).toContain(`--${flag}`);
        expect(text).toContain(help);
      }
    }
    const { code, stdout } = await winnow(['replay', '--help']);
    expect(code).toBe(0);
    const replay = COMMANDS.find((command) => command.name === 'replay')!;
    expect(stdout).toBe(helpText(await replay.load(), replay.summary));
    expect((await winnow(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('a usage error of a command names the program once', async () => {
    const { code, stderr } = await winnow(['replay']);
    expect(code).toBe(2);
    expect(stderr).toBe('winnow replay: no file given\nhint: see `winnow replay --help`\n');
  });

  test('a usage error ends with 2, its message and a hint on stderr', async () => {
    const { code, stdout, stderr } = await winnow(['frobnicate']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe('winnow: unknown command frobnicate\nhint: winnow --help lists the commands\n');
  });

  test.each([
    [['replay'], 'no file given'],
    [
      ['demo', '--seed', '-1'],
      'winnow demo: --seed needs a value; one that begins with a dash is written --seed=-1',
    ],
    [['demo', '--seed=-1'], '--seed -1 is not a whole number from 0'],
    [['demo', '--seed=1.5'], '--seed 1.5 is not a whole number from 0'],
    [
      ['windows', 'list', '--store', '/nowhere/w.db', '--limit', '10001'],
      'is not a whole number from 1 to 10000',
    ],
    [['windows', 'list', '--store', '/nowhere/w.db', '--status', 'shut'], '--status shut is none of open'],
    [['windows', 'show', 'w_1', '--store', '/nowhere/w.db', '--revision', '0'], '--revision 0'],
    [['replay', 'x', '--format', 'xml'], '--format xml is none of json, text'],
    [['replay', 'x', '--budget', 'lots'], '--budget lots is not a number'],
    [['replay', 'x', '--nonsense'], '--nonsense'],
    [['windows', 'eat'], 'give list, show ID or prompt ID'],
    [['windows', 'list', 'what'], 'give list, show ID or prompt ID'],
    [['templates', 'x', '--top', '0'], '--top 0 is not a positive number'],
    [['demo', 'now'], 'unexpected now'],
    [['run', '--log-level', 'loud'], 'log.level'],
    [['run'], 'no source to read from'],
  ])('%j is refused with a hint', async ([name, ...args], message) => {
    const command = await COMMANDS.find((one) => one.name === name)!.load();
    const silent = streamTerminal(new PassThrough(), new PassThrough());
    const error = await command.run(args, silent).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WinnowError);
    expect((error as WinnowError).message).toContain(message);
    if ((error as WinnowError).code === 'WINNOW_USAGE')
      expect((error as WinnowError).message).not.toContain('\n');
    expect((error as WinnowError).hint).toBeDefined();
    expect((error as WinnowError).code).toMatch(/^WINNOW_(USAGE|CONFIG_INVALID)$/);
  });
});

describe('replay', () => {
  test('prints every revision as a CloudEvent on one line, the same bytes each time', async () => {
    const path = file('story.otlp.jsonl', REFUSED);
    const [first, second] = await Promise.all([
      winnow(['replay', path]),
      winnow(['replay', path, '--quiet']),
    ]);
    expect(first.code).toBe(0);
    expect(second.stdout).toBe(first.stdout);
    const events = first.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.length).toBeGreaterThan(0);
    for (const event of events)
      expect(event).toMatchObject({ specversion: '1.0', source: 'winnow://replay' });
    expect(first.stderr).toMatch(/[\d,]+ records \(0 dropped\), \d+ windows, \d+ revisions in/);
    expect(second.stderr).toBe('');
  });

  test('prints windows as text with --format text', async () => {
    const { stdout } = await winnow(['replay', file('story.otlp.jsonl', REFUSED), '--format', 'text']);
    expect(stdout).toContain('# winnow window w_');
    expect(stdout).toContain('ORDER OF ONSET');
  });

  test('says so when there is nothing to say', async () => {
    const { code, stdout } = await winnow([
      'replay',
      file('quiet.log', 'started\nready\n'),
      '--format',
      'text',
    ]);
    expect(code).toBe(0);
    expect(stdout).toBe('no anomaly windows\n');
  });

  test('reads what it can, names what it cannot, and ends with 3', async () => {
    const { code, stderr } = await winnow(['replay', file('story.otlp.jsonl', REFUSED), '/nowhere/at.all']);
    expect(code).toBe(3);
    expect(stderr).toContain('/nowhere/at.all');
  });

  test.each(['replay', 'templates'])(
    '%s ends with 1, its reasons alone, where nothing could be read',
    async (name) => {
      const { code, stdout, stderr } = await winnow([name, '/nowhere/at.all', tmpdir()]);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(
        /^winnow: open \/nowhere\/at\.all: no such file or directory\nhint: .*\nwinnow: open .*\nhint: it is a directory/,
      );
      expect(stderr).not.toContain('ENOENT');
    },
  );

  test('reads lines from standard input', async () => {
    const { code, stderr } = await winnow(['replay', '-'], { input: 'one line\nanother line\n' });
    expect(code).toBe(0);
    expect(stderr).toContain('2 records (0 dropped)');
  });
});

describe('windows', () => {
  test('lists, shows and prompts what a replay stored', async () => {
    const store = join(directory(), 'w.db');
    const replayed = await winnow(['replay', file('story.otlp.jsonl', REFUSED), '--store', store, '--quiet']);
    const last = JSON.parse(replayed.stdout.trimEnd().split('\n').at(-1)!);
    const id = last.data.window_id as string;

    const list = await winnow(['windows', 'list', '--store', store]);
    expect(list.stdout).toContain(id);
    const rows = (await winnow(['windows', 'list', '--store', store, '--json'])).stdout.trimEnd().split('\n');
    expect(rows.map((row) => JSON.parse(row).windowId)).toContain(id);

    const shown = await winnow(['windows', 'show', id, '--store', store]);
    expect(JSON.parse(shown.stdout)).toEqual(last);
    const prompt = await winnow(['windows', 'prompt', id.slice(0, 8), '--store', store]);
    expect(prompt.stdout).toContain(`# winnow window ${id}`);
    expect(prompt.stdout).toContain('\nASK ');
    const bare = await winnow(['windows', 'prompt', id, '--no-ask', '--store', store]);
    expect(bare.stdout).not.toContain('\nASK ');
  });

  test('an unknown window and a missing store are clear errors', async () => {
    const missing = await winnow(['windows', 'list', '--store', '/nowhere/w.db']);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toMatch(
      /^winnow: read store \/nowhere\/w\.db: no such file or directory \(ENOENT\)\n/,
    );
    const store = join(directory(), 'w.db');
    await winnow(['replay', file('a.log', 'ready\n'), '--store', store]);
    const unknown = await winnow(['windows', 'show', 'w_0000', '--store', store]);
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('find window w_0000');
  });
});

describe('templates', () => {
  const LINES = Array.from({ length: 250 }, (_, i) => `connection from 10.0.0.${i % 250} took ${i} ms`).join(
    '\n',
  );

  test('prints patterns with their counts', async () => {
    const { code, stdout } = await winnow(['templates', file('a.log', `${LINES}\nshutting down\n`)]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ 250 {2}files .*connection from <ip> took <[a-z]+>/);
    expect(stdout).toContain('251 lines, 2 templates');
  });

  test('what could be read is printed, what could not is named, with a hint', async () => {
    const { code, stdout, stderr } = await winnow(['templates', file('a.log', 'ready\n'), '/nowhere/at.all']);
    expect(code).toBe(3);
    expect(stdout).toContain('1 lines, 1 templates');
    expect(stderr).toContain('hint: check that the file exists');
  });

  test('maps every line, blank and frame-like ones included, to its final template as CSV', async () => {
    const text = 'user "a, b" logged in\n\n    at com.shop.Cart.add(Cart.java:12)\nlast line without end';
    const { stdout } = await winnow(['templates', '--csv', file('a.log', text)]);
    const rows = stdout.trimEnd().split('\n');
    expect(rows[0]).toBe('LineId,EventId,EventTemplate');
    expect(rows).toHaveLength(5);
    expect(rows[1]).toMatch(/^1,t_[0-9a-f]{12},"user ""/);
    expect(rows[2]).toBe('2,,');
    expect(rows[3]).toMatch(/^3,t_[0-9a-f]{12},/);
    expect(rows[4]).toMatch(/^4,t_[0-9a-f]{12},last line without end$/);
  });
});
