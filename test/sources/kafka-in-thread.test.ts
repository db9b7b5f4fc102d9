import { describe, expect, test } from 'vitest';
import type { Batch, Intake, PartitionPosition } from '../../src/contracts.ts';
import type { KafkaStatus } from '../../src/sources/kafka/options.ts';
import { createKafkaSourceInThread } from '../../src/sources/kafka-in-thread.ts';
import { SILENT } from '../support/kafka-shared.ts';

// The thread is a real one that follows a script; with Kafka in it, it runs in test/integration.
const SCRIPTED = new URL('../support/scripted-thread.ts', import.meta.url);
const POSITION: PartitionPosition = {
  source: 'kafka',
  topic: 'logs',
  partition: 0,
  resumeAt: 5,
  readTo: 5,
  maxTimeMs: null,
};

describe('a source in a thread of its own', () => {
  test('batches and questions reach the intake one at a time, in the order in which the thread put them', async () => {
    const { intake, calls } = recording();
    await start('reads').run(intake);
    expect(calls).toEqual(['assigned 0', '5: line 5', '6: line 6', 'revoked 0']);
  });

  test('is not ready before its thread says so', async () => {
    const statuses: KafkaStatus[] = [];
    await start('reads', statuses).run(recording().intake);
    expect(statuses).toEqual([{ ready: false, detail: 'connecting to nowhere:1' }]);
  });

  test('ends with the very error of its intake, and hands on nothing after it', async () => {
    const { intake, calls } = recording();
    const failure = new Error('disk full');
    intake.accept = async () => {
      calls.push('accept');
      throw failure;
    };
    await expect(start('reads').run(intake)).rejects.toBe(failure);
    expect(calls).toEqual(['assigned 0', 'accept']);
  });

  test('ends with the error that its thread met, with code and hint', async () => {
    const failure = { code: 'WINNOW_KAFKA_TLS', message: 'no trust', hint: 'check ca', retryable: false };
    await expect(start('fails').run(recording().intake)).rejects.toMatchObject(failure);
  });

  test('a thread that crashes is told clearly; what came before is counted, and the process lives', async () => {
    const { intake, calls } = recording();
    const failure = { code: 'WINNOW_KAFKA_THREAD', message: expect.stringContaining('out of luck') };
    await expect(start('crashes').run(intake)).rejects.toMatchObject(failure);
    expect(calls[0]).toBe('5: line 5');
  });

  test('a thread that ends without a word is a failure too', async () => {
    const failure = { code: 'WINNOW_KAFKA_THREAD', message: expect.stringContaining('ended by itself') };
    await expect(start('exits').run(recording().intake)).rejects.toMatchObject(failure);
  });

  test('stop waits for the batch in hand, drops the one behind it, and lets run resolve', async () => {
    const { intake, calls } = recording();
    const entered = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    intake.accept = async (batch) => {
      calls.push(`${batch.messages[0]!.offset}`);
      entered.resolve();
      await release.promise;
    };
    const source = start('reads until stopped');
    const ended = source.run(intake);
    await entered.promise;
    let isStopped = false;
    const stopped = source.stop().then(() => {
      isStopped = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isStopped).toBe(false);
    release.resolve();
    await Promise.all([stopped, ended]);
    expect(calls).toEqual(['5']);
  });

  test('stopped before it runs, it never begins', async () => {
    const { intake, calls } = recording();
    const source = start('reads');
    await source.stop();
    await source.run(intake);
    expect(calls).toEqual([]);
  });

  test('a thread that does not hear the stop is ended where it stands', async () => {
    const source = start('hangs');
    const { intake } = recording();
    const counted = Promise.withResolvers<void>();
    intake.accept = async () => counted.resolve();
    const ended = source.run(intake);
    await counted.promise;
    await source.stop();
    await ended;
  });
});

function start(script: string, statuses: KafkaStatus[] = []) {
  return createKafkaSourceInThread(
    {
      name: 'kafka',
      brokers: ['nowhere:1'],
      topics: ['logs'],
      groupId: 'group',
      clientId: script,
      logger: SILENT,
      stopDeadlineMs: 0,
      onStatus: (status) => statuses.push(status),
    },
    SCRIPTED,
  );
}

function recording(): { intake: Intake; calls: string[] } {
  const calls: string[] = [];
  const intake: Intake = {
    accept: async ({ messages }: Batch) => {
      for (const { offset, value } of messages) calls.push(`${offset}: ${Buffer.from(value)}`);
    },
    assigned: async (refs) => {
      calls.push(`assigned ${refs.map(({ partition }) => partition)}`);
      return [POSITION];
    },
    revoked: async (refs) => {
      calls.push(`revoked ${refs.map(({ partition }) => partition)}`);
    },
    finished: async () => undefined,
  };
  return { intake, calls };
}
