// Every Source goes through these cases: nothing lost, nothing doubled, in order, whatever the intake does.
import { describe, expect, test } from 'vitest';
import type { Batch, Intake, PartitionPosition, PartitionRef, Source } from '../../src/contracts.ts';

/** One way to read the same content again and again; made fresh for each case. */
export interface SourceUnderTest {
  /** A new source over the same content, as after a restart of the process. */
  create(): Source | Promise<Source>;
  /** Units (a line, a request) of each partition, by `topic/partition`, in order. At least 4 batches in all. */
  readonly expected: ReadonlyMap<string, readonly string[]>;
  /** The units of one message; one message = one unit unless given. */
  units?(value: Uint8Array): string[];
  /** True when the source ends by itself after its content; else the case stops it when all has arrived. */
  readonly ends: boolean;
  close?(): Promise<void> | void;
}

export function describeSource(
  name: string,
  prepare: () => SourceUnderTest | Promise<SourceUnderTest>,
): void {
  const withSource = async (
    run: (subject: SourceUnderTest, catcher: Catcher) => Promise<void>,
  ): Promise<void> => {
    const subject = await prepare();
    try {
      await run(subject, new Catcher(subject));
    } finally {
      await subject.close?.();
    }
  };

  describe(`${name} keeps the contract of a source`, () => {
    test('everything arrives once and in order', () =>
      withSource(async (subject, catcher) => {
        await catcher.readAll(await subject.create());
        catcher.expectAll();
        if (subject.ends)
          expect([...catcher.finishedKeys].sort()).toEqual([...subject.expected.keys()].sort());
      }));

    test('a slow intake gets one batch at a time, and its bytes stay as they are until it is done', () =>
      withSource(async (subject, catcher) => {
        catcher.turnsPerBatch = 5;
        await catcher.readAll(await subject.create());
        catcher.expectAll();
      }));

    test('when the intake rejects, run rejects with its error, and the next run delivers the batch again', () =>
      withSource(async (subject, catcher) => {
        catcher.rejectBatch = 1;
        await expect(catcher.readAll(await subject.create())).rejects.toThrow('intake is out of order');
        await catcher.readAll(await subject.create());
        catcher.expectAll();
      }));

    test('stopped in the middle, the next run continues where the positions say', () =>
      withSource(async (subject, catcher) => {
        for (let batches = 1; batches <= 3; batches++) {
          const source = await subject.create();
          catcher.onBatch = (count) => {
            if (count === batches) catcher.stopping = source.stop();
          };
          await source.run(catcher);
          await catcher.stopping;
        }
        expect(catcher.batches).toBeGreaterThanOrEqual(3);
        await catcher.readAll(await subject.create());
        catcher.expectAll();
      }));

    test('a run that resumes from an earlier position delivers from there again and from nowhere else', () =>
      withSource(async (subject, catcher) => {
        await catcher.readAll(await subject.create());
        const [key, offsets] = [...catcher.offsets].find(([, list]) => list.length > 1)!;
        const from = offsets[Math.floor(offsets.length / 2)]!;
        const again = new Catcher(subject);
        for (const [other, position] of catcher.positions) again.positions.set(other, position);
        again.positions.set(key, { ...catcher.positions.get(key)!, resumeAt: from });
        await again.readAll(await subject.create(), () => again.offsets.get(key)?.at(-1) === offsets.at(-1));
        expect(again.offsets.get(key)).toEqual(offsets.slice(Math.floor(offsets.length / 2)));
        expect([...again.offsets.keys()]).toEqual([key]);
      }));

    test('a source that was stopped before it ran delivers nothing and ends', () =>
      withSource(async (subject, catcher) => {
        const source = await subject.create();
        await source.stop();
        await source.run(catcher);
        expect(catcher.batches).toBe(0);
        await source.stop();
      }));

    test('stop may be called twice, at once and after the end', () =>
      withSource(async (subject, catcher) => {
        const source = await subject.create();
        catcher.onBatch = () => {
          catcher.stopping = Promise.all([source.stop(), source.stop()]);
        };
        await source.run(catcher);
        await catcher.stopping;
        const { batches } = catcher;
        await source.stop();
        expect(catcher.batches).toBe(batches);
      }));

    test('partitions that are paused and released later are delivered all the same', () =>
      withSource(async (subject, catcher) => {
        const source = await subject.create();
        catcher.onAssigned = (refs) => {
          source.setPaused?.(refs);
          setImmediate(() => source.setPaused?.([]));
        };
        await catcher.readAll(source);
        catcher.expectAll();
      }));
  });
}

/** An intake that keeps what it gets and the positions that a store would have. */
export class Catcher implements Intake {
  readonly units = new Map<string, string[]>();
  readonly offsets = new Map<string, number[]>();
  readonly positions = new Map<string, PartitionPosition>();
  readonly finishedKeys = new Set<string>();
  readonly encodings = new Set<string>();
  batches = 0;
  /** Turns of the event loop that a batch takes. */
  turnsPerBatch = 0;
  /** This batch (0 = the first) is rejected, once. */
  rejectBatch: number | null = null;
  onBatch: ((count: number) => void) | null = null;
  onAssigned: ((refs: readonly PartitionRef[]) => void) | null = null;
  stopping: Promise<unknown> = Promise.resolve();
  readonly #subject: Pick<SourceUnderTest, 'expected' | 'units' | 'ends'>;
  #accepting = false;
  #batchesOfRun = 0;

  constructor(subject: Pick<SourceUnderTest, 'expected' | 'units' | 'ends'>) {
    this.#subject = subject;
  }

  /** Runs the source until it ends, or until `done` says that all has arrived. */
  async readAll(source: Source, done = () => this.#isComplete()): Promise<void> {
    this.onBatch = this.#subject.ends
      ? null
      : () => {
          if (done()) this.stopping = source.stop();
        };
    await source.run(this);
    await this.stopping;
  }

  expectAll(): void {
    for (const [key, want] of this.#subject.expected) expectSame(this.units.get(key) ?? [], want, key);
    expect([...this.units.keys()].sort()).toEqual([...this.#subject.expected.keys()].sort());
  }

  async assigned(partitions: readonly PartitionRef[]): Promise<readonly (PartitionPosition | null)[]> {
    this.#batchesOfRun = 0;
    for (const ref of partitions) this.finishedKeys.delete(keyOf(ref));
    this.onAssigned?.(partitions);
    return partitions.map((ref) => this.positions.get(keyOf(ref)) ?? null);
  }

  async accept(batch: Batch): Promise<void> {
    expect(this.#accepting, 'one batch at a time').toBe(false);
    this.#accepting = true;
    await this.#take(batch);
    this.#accepting = false;
    if (this.rejectBatch === this.batches) {
      this.rejectBatch = null;
      throw new Error('intake is out of order');
    }
    this.#keep(batch);
    this.batches += 1;
    this.#batchesOfRun += 1;
    this.onBatch?.(this.#batchesOfRun);
  }

  /** Takes its time, during which the bytes must stay as they are. */
  async #take(batch: Batch): Promise<void> {
    if (this.turnsPerBatch === 0) return;
    const before = batch.messages.map((message) => Buffer.from(message.value));
    for (let i = 0; i < this.turnsPerBatch; i++) await new Promise((resolve) => setImmediate(resolve));
    const same = batch.messages.every((message, i) => before[i]!.equals(message.value));
    expect(same, 'bytes are the intake’s until it resolves').toBe(true);
  }

  async revoked(): Promise<void> {
    // Everything accepted is durable here.
  }

  async finished(partition: PartitionRef): Promise<void> {
    expect(this.finishedKeys.has(keyOf(partition)), 'finished twice').toBe(false);
    this.finishedKeys.add(keyOf(partition));
  }

  #keep(batch: Batch): void {
    const key = keyOf(batch.partition);
    const offsets = listOf(this.offsets, key);
    const units = listOf(this.units, key);
    expect(batch.messages.length, 'messages of a batch').toBeGreaterThan(0);
    this.encodings.add(batch.encoding);
    for (const message of batch.messages) {
      expect(message.offset, 'ascending offsets').toBeGreaterThan(offsets.at(-1) ?? -1);
      offsets.push(message.offset);
      const text = Buffer.from(message.value).toString('utf8');
      units.push(...(this.#subject.units?.(message.value) ?? [text]));
    }
    // As the worker does without open buckets: it does not know how long a message is in a source's offsets.
    const next = offsets.at(-1)! + 1;
    this.positions.set(key, { ...batch.partition, resumeAt: next, readTo: next, maxTimeMs: null });
  }

  #isComplete(): boolean {
    for (const [key, want] of this.#subject.expected)
      if ((this.units.get(key)?.length ?? 0) < want.length) return false;
    return true;
  }
}

/** A difference of two long lists that can be read. */
export function expectSame(have: readonly string[], want: readonly string[], what: string): void {
  const length = Math.max(have.length, want.length);
  let i = 0;
  while (i < length && have[i] === want[i]) i++;
  const at = (list: readonly string[]) => list.slice(i, i + 2).map((unit) => unit.slice(0, 200));
  if (i < length)
    expect({ what, i, count: have.length, units: at(have) }).toEqual({
      what,
      i,
      count: want.length,
      units: at(want),
    });
}

function keyOf(ref: PartitionRef): string {
  return `${ref.topic}/${ref.partition}`;
}

function listOf<T>(lists: Map<string, T[]>, key: string): T[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
