import { expect, test } from 'vitest';
import type { Batch } from '../../../src/contracts.ts';
import { WinnowError } from '../../../src/errors.ts';
import { unpackBatch } from '../../../src/sources/kafka/packed-batch.ts';
import { ThreadIntake, UNDERWAY_MAX } from '../../../src/sources/kafka/thread-intake.ts';
import { type FromThread, sendError } from '../../../src/sources/kafka/thread-protocol.ts';

const REF = { source: 'kafka', topic: 'logs', partition: 0 };
const MIB = 1024 * 1024;

test('batches are sent ahead while there is room, and the next one when one was counted', async () => {
  const { intake, sent } = connect();
  const all = Array.from({ length: UNDERWAY_MAX + 1 }, (_, offset) => offset);
  const accepted = all.map((offset) => track(intake.accept(batch(offset, 10))));
  await settled();
  expect(offsets(sent)).toEqual(all.slice(0, UNDERWAY_MAX));
  expect(accepted.map(({ state }) => state)).toEqual([...Array(UNDERWAY_MAX).fill('resolved'), 'pending']);
  intake.receive({ kind: 'counted', buffer: null });
  await settled();
  expect(offsets(sent)).toEqual(all);
});

test('a batch above the bound of bytes waits until it is alone, and goes then', async () => {
  const { intake, sent } = connect();
  void intake.accept(batch(1, 10));
  void intake.accept(batch(2, 7 * MIB));
  await settled();
  expect(offsets(sent)).toEqual([1]);
  intake.receive({ kind: 'counted', buffer: null });
  await settled();
  expect(offsets(sent)).toEqual([1, 2]);
});

test('a question is sent behind the batches before it, and its answer is its own', async () => {
  const { intake, sent } = connect();
  await intake.accept(batch(1, 10));
  const first = intake.assigned([REF]);
  const second = track(intake.revoked([REF]));
  expect(sent.map(({ kind }) => kind)).toEqual(['batch', 'question', 'question']);
  intake.receive({ kind: 'answer', id: idOf(sent[1]!), value: [null] });
  await expect(first).resolves.toEqual([null]);
  expect(second.state).toBe('pending');
  const failure = new WinnowError('WINNOW_STORE', 'disk full', { hint: 'make room' });
  intake.receive({ kind: 'failure', id: idOf(sent[2]!), error: sendError(failure) });
  await expect(second.promise).rejects.toMatchObject({ code: 'WINNOW_STORE', hint: 'make room' });
});

test('when the intake has failed, nothing is taken any more, what waits for room included', async () => {
  const { intake, sent } = connect();
  await intake.accept(batch(1, 10));
  const waiting = intake.accept(batch(2, 7 * MIB));
  intake.receive({ kind: 'refused' });
  await expect(waiting).rejects.toThrow('intake has failed');
  await expect(intake.accept(batch(3, 10))).rejects.toThrow('intake has failed');
  expect(offsets(sent)).toEqual([1]);
});

function connect(): { intake: ThreadIntake; sent: FromThread[] } {
  const sent: FromThread[] = [];
  return { intake: new ThreadIntake((message) => sent.push(message)), sent };
}

function batch(offset: number, bytes: number): Batch {
  const messages = [{ offset, value: new Uint8Array(bytes), referenceTimeMs: 0, key: null }];
  return { partition: REF, messages, encoding: 'text', caughtUp: false };
}

function offsets(sent: readonly FromThread[]): number[] {
  return sent.flatMap((message) =>
    message.kind === 'batch' ? unpackBatch(message.packed).messages.map(({ offset }) => offset) : [],
  );
}

function idOf(message: FromThread): number {
  if (message.kind !== 'question') throw new Error(`${message.kind} is no question`);
  return message.id;
}

function track<T>(promise: Promise<T>) {
  const tracked = { promise, state: 'pending' };
  promise.then(
    () => {
      tracked.state = 'resolved';
    },
    () => {
      tracked.state = 'rejected';
    },
  );
  return tracked;
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
