import { describe, expect, test } from 'vitest';
import { CatchIntake } from '../support/kafka-catch.ts';
import { startsSources } from '../support/kafka-running.ts';
import { otlpMessages, range, SILENT, sharedBroker, type TestBroker } from '../support/kafka-shared.ts';

const found = await sharedBroker();

describe.skipIf(found === null)('where the kafka source reads on, on a real broker', () => {
  const broker = found as TestBroker;
  const start = startsSources(broker?.brokers ?? []);

  test('resumes where the intake says, partition by partition, whatever the group has committed', async () => {
    const topic = await broker.createTopic(3);
    await broker.produce(topic, [otlpMessages(0, 300), otlpMessages(1, 300), otlpMessages(2, 300)]);
    const intake = new CatchIntake();
    intake.setPosition({ source: 'kafka', topic, partition: 0 }, 120);
    intake.setPosition({ source: 'kafka', topic, partition: 1 }, 300);
    const groupId = `group-${crypto.randomUUID()}`;
    const before = new CatchIntake();
    const { source } = start(before, { topics: [topic], groupId });
    await before.until(() => before.total >= 900);
    for (const partition of [0, 1, 2]) {
      await source.committed([
        { source: 'kafka', topic, partition, resumeAt: 250, readTo: 250, maxTimeMs: 5 },
      ]);
    }
    await source.stop();
    expect(await broker.committedOffset(groupId, topic, 0)).toBe('250');
    start(intake, { topics: [topic], groupId });
    await intake.until(() => intake.total >= 480 && intake.caughtUp.size === 3);
    expect(intake.offsets(topic, 0)).toEqual(range(120, 300));
    expect(intake.offsets(topic, 1)).toEqual([]);
    expect(intake.caughtUp.get(`${topic}/1`)).toBe(true);
    expect(intake.offsets(topic, 2)).toEqual(range(0, 300));
  });

  test('starts an unknown partition at its end or at a time', async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [otlpMessages(0, 10)]);
    const latest = new CatchIntake();
    start(latest, { topics: [topic], start: 'latest' });
    await latest.until(() => latest.caughtUp.get(`${topic}/0`) === true);
    const sinceMs = Date.now() + 1;
    while (Date.now() <= sinceMs) await new Promise((resolve) => setImmediate(resolve));
    await broker.produce(topic, [otlpMessages(0, 5)]);
    const byTime = new CatchIntake();
    start(byTime, { topics: [topic], start: { timeMs: sinceMs } });
    await latest.until(() => latest.total >= 5);
    await byTime.until(() => byTime.total >= 5);
    expect(latest.offsets(topic, 0)).toEqual(range(10, 15));
    expect(byTime.offsets(topic, 0)).toEqual(range(10, 15));
  });

  test('with latest, what arrives during a rebalance is not skipped though the intake stores nothing yet', async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [otlpMessages(0, 10)]);
    const intake = new CatchIntake();
    intake.onRevoked = async () => {
      if (intake.revocations.length === 1) await broker.produce(topic, [otlpMessages(0, 5)]);
    };
    start(intake, { topics: [topic], start: 'latest', topicCheckMs: 300 });
    await intake.until(() => intake.caughtUp.get(`${topic}/0`) === true);
    expect(intake.positions.size).toBe(0);
    await broker.addPartitions(topic, 2);
    await intake.until(() => intake.total >= 5);
    expect(intake.offsets(topic, 0)).toEqual(range(10, 15));
    expect(intake.revocations.length).toBeGreaterThan(0);
  });

  test('a second member that comes and goes neither loses nor doubles a message', async () => {
    const topic = await broker.createTopic(4);
    const groupId = `group-${crypto.randomUUID()}`;
    const positions = new Map();
    const first = new CatchIntake(positions);
    const second = new CatchIntake(positions);
    const slow = async () => await new Promise<void>((resolve) => setTimeout(resolve, 20));
    first.onAccept = slow;
    first.durableLate = true;
    second.onAccept = slow;
    const shared = { topics: [topic], groupId };
    let sent = 0;
    const sendUntil = async (ready: () => boolean) => {
      do {
        await broker.produce(
          topic,
          [0, 1, 2, 3].map((partition) => otlpMessages(partition, 100)),
        );
        sent += 100;
      } while (!ready());
    };
    start(first, shared);
    await sendUntil(() => first.total > 1000);
    const joiner = start(second, shared);
    await sendUntil(() => second.total > 1000);
    await joiner.source.stop();
    await sendUntil(() => first.assignments.at(-1)?.length === 4);
    await first.until(() => first.total + second.total >= 4 * sent);
    for (const partition of [0, 1, 2, 3]) {
      const all = [...first.offsets(topic, partition), ...second.offsets(topic, partition)];
      expect(all.sort((a, b) => a - b)).toEqual(range(0, sent));
    }
    expect(first.revocations.length).toBeGreaterThanOrEqual(2);
    expect(joiner.statuses.some(({ hint }) => hint?.includes('other members'))).toBe(true);
  });

  test('commits positions to kafka for lag monitoring, and counts a commit that fails', async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [otlpMessages(0, 50)]);
    const groupId = `group-${crypto.randomUUID()}`;
    const intake = new CatchIntake();
    const { source } = start(intake, { topics: [topic], groupId });
    await intake.until(() => intake.total >= 50);
    await source.committed?.([
      { source: 'kafka', topic, partition: 0, resumeAt: 30, readTo: 50, maxTimeMs: 5 },
    ]);
    expect(await broker.committedOffset(groupId, topic, 0)).toBe('50');
    expect(source.kafka.commitFailures).toBe(0);
    await source.committed?.([
      { source: 'kafka', topic, partition: 0, resumeAt: 30, readTo: -7, maxTimeMs: 5 },
    ]);
    expect(source.kafka.commitFailures).toBe(1);
  });

  test('messages that were deleted before they were read are skipped with a warning that counts them', async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [otlpMessages(0, 100)]);
    await broker.deleteBefore(topic, 0, 40);
    const warnings: string[] = [];
    const intake = new CatchIntake();
    intake.setPosition({ source: 'kafka', topic, partition: 0 }, 10);
    start(intake, { topics: [topic], logger: { ...SILENT, warn: (_, message) => warnings.push(message) } });
    await intake.until(() => intake.total >= 60);
    expect(intake.offsets(topic, 0)).toEqual(range(40, 100));
    expect(warnings).toContain('30 messages were deleted at the broker before they were read');
  });

  test('messages that expire while their partition is held back are counted as lost, and reading goes on', async () => {
    const topic = await broker.createTopic(1);
    await broker.produce(topic, [otlpMessages(0, 100)]);
    const warnings: object[] = [];
    const intake = new CatchIntake();
    const logger = { ...SILENT, warn: (fields: object) => warnings.push(fields) };
    const { source } = start(intake, { topics: [topic], logger });
    await intake.until(() => intake.total >= 100);
    const paused = { source: 'kafka', topic, partition: 0 };
    source.setPaused([paused]);
    // Once this is answered the pause before it has taken effect.
    await source.committed([{ ...paused, resumeAt: 100, readTo: 100, maxTimeMs: null }]);
    await broker.produce(topic, [otlpMessages(0, 200)]);
    await broker.deleteBefore(topic, 0, 250);
    source.setPaused([]);
    await intake.until(() => intake.total >= 150);
    expect(intake.offsets(topic, 0)).toEqual([...range(0, 100), ...range(250, 300)]);
    expect(source.kafka?.lostMessages).toBe(150);
    expect(warnings).toEqual([
      expect.objectContaining({ topic, hint: expect.stringContaining('retention.ms') }),
    ]);
  });
});
