import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../src/store/sqlite.ts';
import { openWindowReader } from '../../src/store/window-reader.ts';
import { startChild } from '../support/child-process.ts';
import { temporaryDirectory } from './sample-checkpoint.ts';

const CHILD = new URL('crash-process.ts', import.meta.url);
const ROUNDS = 12;

// Goal: killed at any instant, the store holds exactly one checkpoint, and no older one than was acknowledged.
// Method: a child commits numbered checkpoints in a loop and is killed after a varied time; the parts must agree.
test('a process killed while it commits leaves the parts of one checkpoint, at least the last acknowledged one', async () => {
  const path = join(temporaryDirectory(), 'winnow.db');
  let previous = 0;
  // On a machine that syncs slowly a child is killed before it commits, and the next one has to.
  for (let round = 0; round < ROUNDS || previous <= ROUNDS; round++) {
    const child = startChild(CHILD, [path]);
    expect(await child.line()).toBe('open');
    let acknowledged = previous;
    // Lines that were written before the kill may still be in the pipe: read on to its end.
    const reading = (async () => {
      for (;;) acknowledged = Number(await child.line());
    })().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 5 + ((round * 37) % 120)));
    await child.kill();
    await reading;
    previous = checkOneCheckpoint(path, acknowledged);
  }
});

function checkOneCheckpoint(path: string, acknowledged: number): number {
  const store = openStore({ path });
  const { positions, state, closedToMs } = store.load();
  const n = closedToMs ?? 0;
  expect(n).toBeGreaterThanOrEqual(acknowledged);
  if (n > 0) {
    expect(positions.map((position) => [position.partition, position.resumeAt, position.readTo])).toEqual([
      [0, n, n],
      [1, n, n],
      [2, n, n],
    ]);
    expect(state).toHaveLength(200);
    expect(new Set(state.map((row) => row.value))).toEqual(new Set([`${n}`]));
  }
  store.close();
  const reader = openWindowReader(path);
  const ids = new Set(reader.list({ limit: 10_000 }).map((window) => window.windowId));
  expect(ids).toEqual(new Set(Array.from({ length: n }, (_, i) => `w_${i + 1}`)));
  expect(n === 0 || reader.get(`w_${n}`)?.event.n === n).toBe(true);
  reader.close();
  return n;
}
