import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FeedRunner, type FeedRunnerOptions } from '../../src/feeds/feed-runner.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { describeFeed, expectOrder, revisionsOf } from '../contract/feed-contract.ts';
import { sampleRevision, temporaryDirectory } from '../store/sample-checkpoint.ts';
import { CatchFeed, CatchTarget } from '../support/catch-feed.ts';
import { until } from '../support/winnow-process.ts';

describeFeed('the feed that tests use', () => {
  const target = new CatchTarget();
  return {
    create: () => {
      const feed = new CatchFeed(target);
      const { deliver } = feed;
      let isStopped = false;
      return {
        name: feed.name,
        deliver: (page) => (isStopped ? Promise.reject(new Error('stopped')) : deliver.call(feed, page)),
        stop: async () => {
          isStopped = true;
          await feed.stop();
        },
      };
    },
    received: async () => target.caught.map(({ body }) => body),
    break: async () => {
      target.isUp = false;
    },
    repair: async () => {
      target.isUp = true;
    },
  };
});

function bench(options: Partial<FeedRunnerOptions> = {}, target = new CatchTarget()) {
  const store = openStore({ path: join(temporaryDirectory(), 'winnow.db') });
  const said: string[] = [];
  const note = (_: object, message: string): void => void said.push(message);
  const runner = new FeedRunner({
    feed: new CatchFeed(target),
    log: store.deliveries,
    logger: { info: note, warn: note, error: note },
    random: () => 0,
    start: 'earliest',
    retryMsMin: 1,
    retryMsMax: 4,
    ...options,
  });
  onTestFinished(async () => {
    await runner.stop(0);
    store.close();
  });
  const commit = (revisions = revisionsOf(3, 4)): string[] => {
    store.commit({ positions: [], state: [], revisions, closedToMs: null });
    runner.notify();
    return revisions.map(({ event }) => JSON.stringify(event));
  };
  return { store, target, runner, said, commit };
}

const bodies = (target: CatchTarget): string[] => target.caught.map(({ body }) => body);

describe('delivery', () => {
  test('goes page by page in the order of commits, and a page is bounded in number and in bytes', async () => {
    const { target, runner, commit } = bench({ pageCountMax: 5, pageBytesMax: 400 });
    const sent = commit();
    void runner.run();
    await until(() => target.caught.length === sent.length);
    expect(bodies(target)).toEqual(sent);
    expect(target.pages.length).toBeGreaterThan(sent.length / 5);
    expect(Math.max(...target.pages)).toBeLessThanOrEqual(400 / sent[0]!.length);
    expect(runner.counts).toEqual({ delivered: 12, retried: 0, rejected: 0, expired: 0 });
    expect(runner.pending).toBe(0);
  });

  test('an event larger than a whole page is delivered alone', async () => {
    const { target, runner, commit } = bench({ pageBytesMax: 10 });
    commit();
    void runner.run();
    await until(() => target.caught.length === 12);
    expect(new Set(target.pages)).toEqual(new Set([1]));
  });

  test('a lost acknowledgement brings the same bytes again', async () => {
    const target = new CatchTarget();
    target.lostAcknowledgements = 3;
    const { runner, commit } = bench({}, target);
    const sent = commit();
    void runner.run();
    await until(() => runner.counts.delivered === 12);
    expect(bodies(target)).toEqual([...sent, ...sent, ...sent, ...sent]);
    expect(runner.counts.retried).toBe(36);
  });

  test('what is refused for good is left out alone, counted and said, and holds up nothing', async () => {
    const target = new CatchTarget();
    target.refused.add('w_1');
    const { runner, said, commit } = bench({}, target);
    commit();
    void runner.run();
    await until(() => runner.pending === 0);
    expect(target.caught.map(({ windowId }) => windowId)).not.toContain('w_1');
    expect(runner.counts).toEqual({ delivered: 8, retried: 0, rejected: 4, expired: 0 });
    expectOrder(bodies(target));
    expect(said.filter((text) => text.startsWith('left out for good'))).toHaveLength(4);
  });

  test('a target that is away is said once, asked ever more rarely, and said to be back', async () => {
    const target = new CatchTarget();
    target.isUp = false;
    const { runner, said, commit } = bench({}, target);
    commit();
    void runner.run();
    await until(() => target.pages.length >= 6);
    expect(runner.problem?.message).toBe('the target is away');
    expect(runner.pending).toBe(12);
    target.isUp = true;
    await until(() => runner.pending === 0);
    await until(() => said.includes('feed delivers again'));
    expect(said).toEqual(['the target is away', 'feed delivers again']);
    expect(runner.problem).toBeNull();
  });

  test('the key of a window stays that of its first revision when the ranking of services changes', async () => {
    const { target, runner, commit } = bench();
    commit();
    void runner.run();
    await until(() => target.caught.length === 12);
    for (const { windowId, partitionKey } of target.caught)
      expect(partitionKey).toBe(`acme|service-${windowId.slice(2)}`);
  });
});

describe('the cursor', () => {
  test('a new feed begins with what comes, or with everything stored when asked to', async () => {
    const { store, commit, target, runner } = bench({ start: 'latest' });
    commit();
    void runner.run();
    const later = commit(revisionsOf(1, 2, 'later'));
    await until(() => target.caught.length === 2);
    expect(bodies(target)).toEqual(later);
    store.deliveries.open('other', 'earliest');
    expect(store.deliveries.pending('other')).toBe(14);
  });

  test('a stop delivers what is pending, and the cursor survives', async () => {
    const { store, target, runner, commit } = bench();
    void runner.run();
    commit();
    await runner.stop(5_000);
    expect(target.caught).toHaveLength(12);
    store.deliveries.open('catch', 'earliest');
    expect(store.deliveries.pending('catch')).toBe(0);
  });

  test('a feed that was stopped before it ran delivers nothing', async () => {
    const { target, runner, commit } = bench();
    commit();
    await runner.stop(0);
    await runner.run();
    expect(target.pages).toEqual([]);
  });

  test('a delivery that comes to its end after the stop moves nothing', async () => {
    const gate = Promise.withResolvers<void>();
    const target = new CatchTarget();
    target.onDeliver = () => gate.promise;
    const { store, runner, commit } = bench({}, target);
    commit();
    const running = runner.run();
    await runner.stop(0);
    gate.resolve();
    await running;
    expect(store.deliveries.pending('catch')).toBe(12);
    expect(runner.counts.delivered).toBe(0);
  });

  test('what retention deletes before it was delivered is counted and said', async () => {
    const target = new CatchTarget();
    target.isUp = false;
    const { store, runner, said } = bench({}, target);
    const DAY_MS = 86_400_000;
    const revisions = [1, 2, 3].map((revision) => sampleRevision({ revision, watermarkMs: revision }));
    store.commit({ positions: [], state: [], revisions, closedToMs: 0 });
    void runner.run();
    await until(() => target.pages.length >= 1);
    store.commit({ positions: [], state: [], revisions: [], closedToMs: 100 * DAY_MS });
    await until(() => said.some((text) => text.startsWith('retention deleted')));
    expect(runner.counts.expired).toBe(3);
    expect(runner.pending).toBe(0);
  });
});

test('a store that can no longer be used ends the feed with its error', async () => {
  const directory = temporaryDirectory();
  const path = join(directory, 'winnow.db');
  const store = openStore({ path });
  const runner = new FeedRunner({
    feed: new CatchFeed(new CatchTarget()),
    log: store.deliveries,
    logger: { info() {}, warn() {}, error() {} },
    random: () => 0,
    start: 'earliest',
  });
  const running = runner.run();
  openStore({ path }).close();
  expect(() =>
    store.commit({ positions: [], state: [], revisions: revisionsOf(1, 1), closedToMs: null }),
  ).toThrow('another worker opened it');
  const late = openStore({ path });
  late.commit({ positions: [], state: [], revisions: revisionsOf(1, 1), closedToMs: null });
  runner.notify();
  await expect(running).rejects.toMatchObject({ code: 'WINNOW_STORE_TAKEN_OVER' });
  await runner.stop(0);
  late.close();
  store.close();
});
