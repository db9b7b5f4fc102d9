// Every Feed goes through these cases: at least once, in order, the same bytes, whatever becomes of the target.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Feed, WindowRevision } from '../../src/contracts.ts';
import { FeedRunner } from '../../src/feeds/feed-runner.ts';
import { openStore, type SqliteStore } from '../../src/store/sqlite.ts';
import { sampleRevision } from '../store/sample-checkpoint.ts';
import { until } from '../support/winnow-process.ts';

/** One target and feeds to it; made fresh for each case. */
export interface FeedUnderTest {
  /** A new feed to the same target, as after a restart of the process; the name is always the same. */
  create(): Feed;
  /** Bodies that the target has, in the order in which it took those of one key. */
  received(): Promise<readonly string[]>;
  /** Takes the target away; what it has taken stays. */
  break(): Promise<void>;
  repair(): Promise<void>;
  close?(): Promise<void> | void;
}

/** What a target may take to answer: a broker that comes back needs some seconds, on a busy machine many. */
const PATIENCE_MS = 80_000;

export function describeFeed(name: string, prepare: () => FeedUnderTest | Promise<FeedUnderTest>): void {
  const withFeed = async (run: (bench: Bench) => Promise<void>): Promise<void> => {
    const bench = new Bench(await prepare());
    try {
      await run(bench);
    } finally {
      await bench.close();
    }
  };

  describe(`${name} keeps the contract of a feed`, () => {
    test('revisions arrive once, unchanged, and those of one window in order', () =>
      withFeed(async (bench) => {
        const sent = bench.commit(revisionsOf(7, 5));
        await bench.run();
        await bench.untilReceived(sent.length);
        await bench.stop();
        const received = await bench.subject.received();
        expect([...received].sort()).toEqual([...sent].sort());
        expectOrder(received);
      }));

    test('text of any kind arrives byte for byte', () =>
      withFeed(async (bench) => {
        const event = {
          ...sampleRevision().event,
          partitionkey: 'tenant "x"\n|ünï ∆ 𝌆',
          data: '\u0000\u001f\u2028\ud800 ⟦x⟧ ,\r\n--',
        };
        const sent = bench.commit([sampleRevision({ event })]);
        await bench.run();
        await bench.untilReceived(1);
        expect(await bench.subject.received()).toEqual(sent);
      }));

    test('the next process goes on behind what was acknowledged', () =>
      withFeed(async (bench) => {
        const first = bench.commit(revisionsOf(2, 3));
        await bench.run();
        await bench.untilReceived(first.length);
        await bench.stop();
        const second = bench.commit(revisionsOf(3, 2, 'later'));
        await bench.run();
        await bench.untilReceived(first.length + second.length);
        await bench.stop();
        expect([...(await bench.subject.received())].sort()).toEqual([...first, ...second].sort());
      }));

    test('while the target is away nothing is lost, and once it is back everything arrives in order', () =>
      withFeed(async (bench) => {
        const before = bench.commit(revisionsOf(2, 2));
        await bench.run();
        await bench.untilReceived(before.length);
        await bench.subject.break();
        const during = bench.commit(revisionsOf(3, 4, 'away'));
        await until(() => bench.runner!.problem !== null, PATIENCE_MS);
        expect(bench.runner!.pending).toBe(during.length);
        const later = bench.commit(revisionsOf(3, 1, 'still-away'));
        await bench.subject.repair();
        await bench.untilReceived(before.length + during.length + later.length);
        await until(() => bench.runner!.problem === null, PATIENCE_MS);
        expectOrder(await bench.subject.received());
        expect(bench.runner!.counts).toMatchObject({ rejected: 0, expired: 0 });
        expect(bench.runner!.counts.retried).toBeGreaterThan(0);
      }));

    test('a stop while the target is away takes no longer than its deadline, and loses nothing', () =>
      withFeed(async (bench) => {
        await bench.subject.break();
        const sent = bench.commit(revisionsOf(2, 2));
        await bench.run();
        const startedMs = performance.now();
        await bench.stop();
        // Without a deadline it would go on until the target is back.
        expect(performance.now() - startedMs).toBeLessThan(STOP_MS + 13_000);
        await bench.subject.repair();
        await bench.run();
        await bench.untilReceived(sent.length);
        expectOrder(await bench.subject.received());
      }));

    test('a feed that was never used, or is stopped twice, stops', () =>
      withFeed(async (bench) => {
        const feed = bench.subject.create();
        await feed.stop();
        await feed.stop();
        await expect(
          feed.deliver([{ seq: 1, windowId: 'w', revision: 1, partitionKey: 'k', body: '{}' }]),
        ).rejects.toThrow();
      }));
  });
}

const STOP_MS = 2_000;

/** A store, and the runner of the feed under test beside it. */
class Bench {
  readonly subject: FeedUnderTest;
  readonly #directory = mkdtempSync(join(tmpdir(), 'winnow-feed-'));
  readonly #store: SqliteStore;
  runner: FeedRunner | null = null;

  constructor(subject: FeedUnderTest) {
    this.subject = subject;
    this.#store = openStore({ path: join(this.#directory, 'winnow.db') });
  }

  /** Makes revisions durable; returns the bodies that the target is to have. */
  commit(revisions: readonly WindowRevision[]): string[] {
    this.#store.commit({ positions: [], state: [], revisions, closedToMs: null });
    this.runner?.notify();
    return revisions.map(({ event }) => JSON.stringify(event));
  }

  async run(): Promise<void> {
    this.runner = new FeedRunner({
      feed: this.subject.create(),
      log: this.#store.deliveries,
      logger: { info() {}, warn() {}, error() {} },
      random: Math.random,
      start: 'earliest',
      pageCountMax: 8,
      retryMsMin: 50,
      retryMsMax: 500,
    });
    this.runner.run().catch(() => undefined);
  }

  async stop(): Promise<void> {
    await this.runner?.stop(STOP_MS);
    this.runner = null;
  }

  /** Waits until so many different bodies have arrived. */
  async untilReceived(count: number): Promise<void> {
    await until(async () => new Set(await this.subject.received()).size >= count, PATIENCE_MS);
  }

  async close(): Promise<void> {
    await this.stop();
    this.#store.close();
    rmSync(this.#directory, { recursive: true, force: true });
    await this.subject.close?.();
  }
}

/** Windows of different services whose revisions alternate; the ranking of services changes with every revision. */
export function revisionsOf(windows: number, revisions: number, prefix = 'w'): WindowRevision[] {
  return Array.from({ length: windows * revisions }, (_, i) => {
    const window = i % windows;
    const revision = Math.floor(i / windows) + 1;
    const windowId = `${prefix}_${window}`;
    return sampleRevision({
      windowId,
      revision,
      services: [`service-${revision}`, `service-${window}`],
      event: {
        specversion: '1.0',
        id: `${windowId}.r${revision}`,
        partitionkey: `acme|service-${window}`,
        data: { window_id: windowId, revision },
      },
    });
  });
}

/** A revision may come again, but never before one that is older and has not yet come. */
export function expectOrder(bodies: readonly string[]): void {
  const highest = new Map<string, number>();
  for (const body of bodies) {
    const { data } = JSON.parse(body) as { data: { window_id: string; revision: number } };
    const before = highest.get(data.window_id) ?? 0;
    expect(data.revision, `${data.window_id} after revision ${before}`).toBeLessThanOrEqual(before + 1);
    highest.set(data.window_id, Math.max(before, data.revision));
  }
}
