import { expect, test } from 'vitest';
import type { JournalledInput, Source, Store } from '../src/contracts.ts';
import { Worker } from '../src/worker.ts';
import { newPipeline } from './support/replay.ts';
import { message, partition } from './support/stage1.ts';

const SOURCE: Source = { name: 'kafka', run: async () => undefined, stop: async () => undefined };
const A = partition(0);
const B = partition(1);

/** A store that keeps what it is given in memory, and can be told to fail. */
class MemoryStore implements Store {
  readonly checkpoints: Parameters<Store['commit']>[0][] = [];
  readonly inputs: JournalledInput[] = [];
  failure: Error | null = null;
  load = () => ({ positions: [], state: [], closedToMs: null });
  commit(checkpoint: Parameters<Store['commit']>[0]): void {
    if (this.failure !== null) throw this.failure;
    this.checkpoints.push(checkpoint);
  }
  record(inputs: readonly JournalledInput[]): void {
    this.inputs.push(...inputs);
  }
  close(): void {}
}

function start(store: MemoryStore | null = new MemoryStore()) {
  const clock = { nowMs: 0 };
  const pipeline = newPipeline();
  const closed: number[] = [];
  pipeline.observe((bucket) => closed.push(bucket.startMs / 1_000 - 1_700_000_000));
  const options = { checkpointEveryMs: 5_000, idleAfterMs: 30_000, nowMs: () => clock.nowMs };
  const worker = new Worker(pipeline, store, options, () => undefined);
  return { clock, closed, worker, intake: worker.intake(SOURCE), pipeline };
}

const batch = (ref: typeof A, offset: number, atS: number, caughtUp = false) => ({
  partition: ref,
  messages: [message([{ atS, body: 'ready' }], offset)],
  encoding: 'otlp_proto' as const,
  caughtUp,
});

test('a caught-up, quiet partition is excluded after its time, which is journalled; a lagging one never is', async () => {
  const store = new MemoryStore();
  const { clock, closed, worker, intake } = start(store);
  await intake.assigned([A, B]);
  await intake.accept(batch(B, 0, 1, true));
  await intake.accept(batch(A, 0, 100, false));
  clock.nowMs = 29_999;
  await worker.tick();
  expect(closed).toEqual([]);
  clock.nowMs = 30_000;
  await worker.tick();
  expect(closed).toEqual([0]);
  expect(store.inputs).toEqual([{ atMs: 30_000, kind: 'idle', detail: 'kafka/otlp_logs/1' }]);
  await intake.accept(batch(B, 1, 101));
  expect(store.inputs.at(-1)).toMatchObject({ kind: 'active', detail: 'kafka/otlp_logs/1' });
});

test('an empty partition that is caught up does not hold windows back for ever', async () => {
  const { clock, closed, worker, intake } = start();
  await intake.assigned([A, B]);
  await intake.accept({ partition: B, messages: [], encoding: 'otlp_proto', caughtUp: true });
  await intake.accept(batch(A, 0, 5));
  await intake.accept(batch(A, 1, 50));
  expect(closed).toEqual([]);
  clock.nowMs = 30_000;
  await worker.tick();
  expect(closed).toEqual([0]);
});

test('checkpoints come by time, hold what was read, and a partition that comes back goes on behind it', async () => {
  const store = new MemoryStore();
  const { clock, worker, intake } = start(store);
  expect(await intake.assigned([A])).toEqual([null]);
  await intake.accept(batch(A, 0, 1));
  expect(store.checkpoints).toHaveLength(0);
  clock.nowMs = 5_000;
  await worker.tick();
  expect(store.checkpoints).toHaveLength(1);
  expect(store.checkpoints[0]!.positions).toMatchObject([{ resumeAt: 0, readTo: 1 }]);
  await intake.accept(batch(A, 1, 2));
  await intake.revoked([A]);
  expect(store.checkpoints.at(-1)!.positions).toMatchObject([{ resumeAt: 0, readTo: 2 }]);
  // Same process: its two records are counted in the open bucket and are not read again.
  expect(await intake.assigned([A])).toMatchObject([{ resumeAt: 2, readTo: 2 }]);
});

test('a failed commit ends the worker: nothing more is accepted until the process starts again', async () => {
  const store = new MemoryStore();
  const { worker, intake } = start(store);
  await intake.accept(batch(A, 0, 1));
  store.failure = new Error('disk full');
  await expect(worker.checkpoint()).rejects.toThrow('disk full');
  store.failure = null;
  await expect(intake.accept(batch(A, 1, 2))).rejects.toThrow('disk full');
  expect(store.checkpoints).toHaveLength(0);
});

test('the source hears which of its partitions run ahead, and when they no longer do', async () => {
  const paused: number[][] = [];
  const source: Source = { ...SOURCE, setPaused: (refs) => paused.push(refs.map((ref) => ref.partition)) };
  const { worker } = start();
  const intake = worker.intake(source);
  await intake.assigned([A, B]);
  await intake.accept(batch(B, 0, 1));
  await intake.accept(batch(A, 0, 200));
  expect(paused.at(-1)).toEqual([0]);
  await intake.accept(batch(B, 1, 190));
  expect(paused.at(-1)).toEqual([]);
});

test('a partition of which nothing was read yet is not given a position, and an empty one keeps where it stands', async () => {
  const store = new MemoryStore();
  const { worker, intake } = start(store);
  await intake.assigned([A, B]);
  await intake.accept({
    partition: B,
    messages: [],
    encoding: 'otlp_proto',
    caughtUp: true,
    nextOffset: 4_711,
  });
  await worker.checkpoint();
  expect(store.checkpoints.at(-1)!.positions).toMatchObject([
    { partition: 1, resumeAt: 4_711, readTo: 4_711 },
  ]);
  await intake.revoked([A, B]);
  expect(await intake.assigned([A, B])).toMatchObject([null, { resumeAt: 4_711 }]);
});
