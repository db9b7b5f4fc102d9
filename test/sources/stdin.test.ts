import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Batch } from '../../src/contracts.ts';
import { createStdinSource, type StdinSourceOptions } from '../../src/sources/stdin.ts';
import { Catcher, describeSource, expectSame, type SourceUnderTest } from '../contract/source-contract.ts';

const KEY = 'stdin/0';

const LINES = Array.from({ length: 1_200 }, (_, i) =>
  JSON.stringify({ i, text: 'ö'.repeat((i * 31) % 600) }),
);
const TEXT = Array.from({ length: 60_000 }, (_, i) =>
  i % 5 === 2 ? `\tat frame ${i}` : `line ${i} ${'z'.repeat(i % 70)}`,
);

function directoryOfTest(): string {
  const directory = mkdtempSync(join(tmpdir(), 'winnow-stdin-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function inPieces(content: string): Buffer[] {
  const bytes = Buffer.from(content);
  const pieces: Buffer[] = [];
  for (let start = 0, i = 0; start < bytes.length; i++) {
    const size = 1 + ((i * 7_919) % 50_000);
    pieces.push(bytes.subarray(start, start + size));
    start += size;
  }
  return pieces;
}

function linesOf(value: Uint8Array): string[] {
  return Buffer.from(value).toString('utf8').replace(/\n$/, '').split('\n');
}

function pipeOf(pieces: readonly (Buffer | string)[]): Readable {
  return Readable.from(pieces.map((piece) => Buffer.from(piece)));
}

/** A directory whose journal holds what came through a pipe, none of it delivered: what a killed process leaves. */
async function journalOf(content: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'winnow-stdin-'));
  const stdin = pipeOf(inPieces(content));
  const ended = new Promise((resolve) => stdin.once('end', resolve));
  const catcher = new Catcher({ expected: new Map(), ends: true });
  catcher.accept = async () => {
    await ended;
    throw new Error('no delivery');
  };
  const source = createStdinSource({
    name: 'stdin',
    journalDirectory: directory,
    stdin,
    segmentBytes: 50_000,
  });
  await expect(source.run(catcher)).rejects.toThrow('no delivery');
  return directory;
}

async function subject(units: readonly string[]): Promise<SourceUnderTest> {
  const directory = await journalOf(units.join('\n'));
  return {
    create: () => createStdinSource({ name: 'stdin', journalDirectory: directory, stdin: pipeOf([]) }),
    expected: new Map([[KEY, units]]),
    units: linesOf,
    ends: true,
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
}

describeSource('stdin: JSON lines', () => subject(LINES));
describeSource('stdin: text', () => subject(TEXT));

function newCatcher(): Catcher {
  return new Catcher({ expected: new Map(), units: linesOf, ends: true });
}

async function readPipe(stdin: Readable, options: Partial<StdinSourceOptions> = {}) {
  const journalDirectory = options.journalDirectory ?? directoryOfTest();
  const source = createStdinSource({ name: 'stdin', journalDirectory, stdin, ...options });
  const catcher = newCatcher();
  await source.run(catcher);
  return { catcher, units: catcher.units.get(KEY) ?? [], journalDirectory };
}

describe('standard input through the journal', () => {
  test('all of a pipe arrives in order, whatever its pieces', async () => {
    for (const units of [LINES, TEXT]) {
      const { catcher, ...read } = await readPipe(pipeOf(inPieces(units.join('\n'))));
      expectSame(read.units, units, 'stdin');
      expect([...catcher.finishedKeys]).toEqual([KEY]);
    }
  });

  test('the last batch of what is waiting says that the source has caught up', async () => {
    const caughtUp: boolean[] = [];
    const catcher = newCatcher();
    catcher.accept = async (batch: Batch) => void caughtUp.push(batch.caughtUp);
    const directory = await journalOf(LINES.join('\n'));
    await createStdinSource({ name: 'stdin', journalDirectory: directory, stdin: pipeOf([]) }).run(catcher);
    expect(caughtUp.length).toBeGreaterThan(3);
    expect(caughtUp.indexOf(true)).toBe(caughtUp.length - 1);
    rmSync(directory, { recursive: true });
  });

  test('text is delivered while the pipe stays open, and messages carry their arrival time', async () => {
    const stdin = new Readable({ read: () => undefined });
    const source = createStdinSource({
      name: 'stdin',
      journalDirectory: directoryOfTest(),
      stdin,
      service: 'api',
      now: () => 1_234.5,
    });
    const catcher = newCatcher();
    const seen: [string, number, string | undefined][] = [];
    catcher.accept = async (batch: Batch) => {
      for (const message of batch.messages) {
        seen.push([Buffer.from(message.value).toString(), message.referenceTimeMs, batch.defaultService]);
      }
      if (seen.length === 1) stdin.push('rest\nsecond\n');
    };
    stdin.push('first\nthe ');
    const running = source.run(catcher);
    while (seen.length < 2) await new Promise((resolve) => setImmediate(resolve));
    await source.stop();
    await running;
    expect(seen).toEqual([
      ['first\n', 1_234.5, 'api'],
      ['the rest\nsecond\n', 1_234.5, 'api'],
    ]);
  });

  test('when the pipe breaks, what came before is delivered, then the source fails with the reason', async () => {
    const stdin = new Readable({ read: () => undefined });
    const source = createStdinSource({ name: 'stdin', journalDirectory: directoryOfTest(), stdin });
    const catcher = newCatcher();
    catcher.onBatch = () => stdin.destroy(Object.assign(new Error('i/o error'), { code: 'EIO' }));
    stdin.push('{"a":1}\n{"a":2}\n');
    await expect(source.run(catcher)).rejects.toMatchObject({
      code: 'WINNOW_STDIN_UNREADABLE',
      message: 'read standard input: i/o error',
    });
    expect(catcher.units.get(KEY)).toEqual(['{"a":1}', '{"a":2}']);
    expect(catcher.finishedKeys.size).toBe(0);
  });

  test('nothing but the redacted form is written to the journal', async () => {
    const redact = (value: Uint8Array) =>
      Buffer.from(Buffer.from(value).toString().replaceAll('hunter2', '***'));
    const { units, journalDirectory } = await readPipe(pipeOf(['login hunter2\nok\n']), { redact });
    expect(units).toEqual(['login ***', 'ok']);
    const files = readdirSync(journalDirectory).map((name) =>
      readFileSync(join(journalDirectory, name), 'latin1'),
    );
    expect(files.join('')).toContain('login ***');
    expect(files.join('')).not.toContain('hunter2');
  });

  test('the pipe is read no further than the backlog allows', async () => {
    let taken = 0;
    const total = 400;
    const stdin = new Readable({
      highWaterMark: 1,
      read() {
        taken += 1;
        this.push(
          taken > total ? null : Buffer.from(`${JSON.stringify({ taken, filler: 'x'.repeat(10_000) })}\n`),
        );
      },
    });
    const catcher = newCatcher();
    let takenAtFirst = 0;
    const accept = catcher.accept.bind(catcher);
    catcher.accept = async (batch) => {
      if (takenAtFirst === 0) {
        // It is read on until the backlog is full, however long that takes, and then no further.
        for (let last = -1; taken <= 40 || last !== taken; ) {
          last = taken;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        takenAtFirst = taken;
      }
      await accept(batch);
    };
    const source = createStdinSource({
      name: 'stdin',
      journalDirectory: directoryOfTest(),
      stdin,
      maxBacklogBytes: 500_000,
    });
    await source.run(catcher);
    expect(takenAtFirst).toBeLessThan(80);
    expect(catcher.units.get(KEY)).toHaveLength(total);
  });

  test('segments that the committed position has passed are deleted, and a later pipe continues after it', async () => {
    const journalDirectory = await journalOf(LINES.join('\n'));
    const catcher = newCatcher();
    const source = createStdinSource({ name: 'stdin', journalDirectory, stdin: pipeOf([]) });
    const before = readdirSync(journalDirectory).length;
    const accept = catcher.accept.bind(catcher);
    catcher.accept = async (batch) => {
      await accept(batch);
      await source.committed?.([...catcher.positions.values()]);
    };
    await source.run(catcher);
    expect(before).toBeGreaterThan(3);
    expect(readdirSync(journalDirectory)).toHaveLength(1);
    await createStdinSource({ name: 'stdin', journalDirectory, stdin: pipeOf(['{"more":1}\n']) }).run(
      catcher,
    );
    expectSame(catcher.units.get(KEY) ?? [], [...LINES, '{"more":1}'], 'stdin');
    rmSync(journalDirectory, { recursive: true });
  });

  test('a journal that was lost begins after the stored position, so that new messages are not taken for old ones', async () => {
    const catcher = newCatcher();
    const journalDirectory = directoryOfTest();
    const run = (line: string) =>
      createStdinSource({ name: 'stdin', journalDirectory, stdin: pipeOf([line]) }).run(catcher);
    await run('{"a":1}\n{"a":2}\n');
    rmSync(journalDirectory, { recursive: true });
    await run('{"a":3}\n');
    expect(catcher.offsets.get(KEY)).toEqual([0, 1, 2]);
    catcher.positions.set(KEY, {
      source: 'stdin',
      topic: 'stdin',
      partition: 0,
      resumeAt: 9,
      readTo: 10,
      maxTimeMs: null,
    });
    await run('{"a":4}\n');
    expect(catcher.offsets.get(KEY)).toEqual([0, 1, 2, 10]);
  });
});
