import { describe, expect, test } from 'vitest';
import { sharedBroker, type TestBroker } from '../support/kafka-shared.ts';
import {
  configFor,
  connect,
  eventsOf,
  messagesOf,
  produce,
  StoredWindows,
  storyOn,
} from '../support/kafka-story.ts';
import { until, WinnowProcess } from '../support/winnow-process.ts';

// Goal: whoever reads the partitions, and however often they change hands, the stored windows are those of an
// uninterrupted run. `npm run bench:faults` is the long form.

const PARTITIONS = 4;
/** Parts in which a story is produced: one request each and partition. */
const CHUNKS = 9;
const found = await sharedBroker();

describe.skipIf(found === null)('the partitions of winnow run change hands', () => {
  const broker = found as TestBroker;

  test('a process that stands by reads on when the one before it is killed, twice, and no window is lost or doubled', {
    timeout: 300_000,
  }, async () => {
    const topic = await broker.createTopic(PARTITIONS);
    const streams = storyOn(topic, PARTITIONS);
    const config = configFor(broker, topic);
    const storing = new StoredWindows(config.store);
    const producer = await connect(broker);

    let active = new WinnowProcess(['run', '--config', config.file]);
    await until(() => active.stderr.includes('store opened'));
    for (let chunk = 0; chunk < CHUNKS; chunk++) {
      await produce(producer, topic, streams, chunk, CHUNKS);
      if (chunk !== 1 && chunk !== 4) continue;
      const standby = new WinnowProcess(['run', '--config', config.file]);
      await until(() => standby.stderr.includes('standing by'));
      await until(() => storing.readTo() > 0);
      await active.kill();
      await until(() => standby.stderr.includes('joined the consumer group'));
      active = standby;
    }
    await until(() => storing.readTo() === messagesOf(streams), 120_000);
    active.signal('SIGTERM');
    expect((await active.finished()).code).toBe(0);
    expect(storing.events()).toEqual(eventsOf(streams));
  });

  test('partitions that another member of the group holds for a while are read on where they were left', {
    timeout: 300_000,
  }, async () => {
    const topic = await broker.createTopic(PARTITIONS);
    const streams = storyOn(topic, PARTITIONS);
    const config = configFor(broker, topic);
    const storing = new StoredWindows(config.store);
    const producer = await connect(broker);

    const service = new WinnowProcess(['run', '--config', config.file]);
    const placed = (): number => Number([...service.stderr.matchAll(/"placed":(\d+)/g)].at(-1)?.[1] ?? 0);
    for (const chunk of [0, 1, 2]) await produce(producer, topic, streams, chunk, CHUNKS);
    await until(() => storing.readTo() > 0);
    const other = broker.client.consumer({
      groupId: config.group,
      sessionTimeout: 10_000,
      heartbeatInterval: 300,
    });
    await other.connect();
    await other.subscribe({ topics: [topic] });
    await other.run({ autoCommit: false, eachBatch: async () => undefined });
    await until(() => placed() > 0 && placed() < PARTITIONS);
    for (const chunk of [3, 4, 5]) await produce(producer, topic, streams, chunk, CHUNKS);
    await other.disconnect();
    await until(() => placed() === PARTITIONS);
    for (const chunk of [6, 7, 8]) await produce(producer, topic, streams, chunk, CHUNKS);
    await until(() => storing.readTo() === messagesOf(streams), 120_000);
    service.signal('SIGTERM');
    expect((await service.finished()).code).toBe(0);
    expect(storing.events()).toEqual(eventsOf(streams));
  });
});
