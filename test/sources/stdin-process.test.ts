import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { createStdinSource } from '../../src/sources/stdin.ts';
import { Catcher, expectSame } from '../contract/source-contract.ts';
import { startChild } from '../support/child-process.ts';

const CHILD = new URL('stdin-process.ts', import.meta.url);

test('a process that reads a real pipe ends by itself when the pipe does', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'winnow-stdin-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const args of [[], [directory]]) {
    const child = startChild(CHILD, args);
    const exited = new Promise((resolve) => child.process.once('exit', resolve));
    child.process.stdin.end('2026-11-21 one\n2026-11-21 two\n');
    expect(await child.line()).toBe('0 2');
    expect(await child.line()).toBe(`finished ${args.length === 0 ? '-' : 'stdin'}`);
    expect(await exited).toBe(0);
  }
});

// Goal: what was delivered can be delivered again, exactly, after a kill at any instant.
// Method: the pipe never ends; the child is killed after some batches; its journal is read from the start in this process.
test('killed while it reads a pipe, its journal still holds all that was delivered, in order and nothing else', async () => {
  for (let round = 0; round < 5; round++) {
    const directory = mkdtempSync(join(tmpdir(), 'winnow-stdin-'));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    const child = startChild(CHILD, [directory]);
    const sent = Array.from({ length: 20_000 }, (_, i) =>
      JSON.stringify({ round, i, filler: 'x'.repeat((i * 13) % 200) }),
    );
    child.process.stdin.write(`${sent.join('\n')}\n`);
    let delivered = -1;
    for (let batches = 0; batches <= round * 4; batches++)
      delivered = Number((await child.line()).split(' ')[0]);
    await child.kill();

    const catcher = new Catcher({ expected: new Map(), ends: true });
    const stdin = Readable.from([]);
    await createStdinSource({ name: 'stdin', journalDirectory: directory, stdin }).run(catcher);
    const kept = catcher.units.get('stdin/0') ?? [];
    expect(kept.length).toBeGreaterThan(delivered);
    expectSame(kept, sent.slice(0, kept.length), 'journal');
  }
});
