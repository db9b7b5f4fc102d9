import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inspectStore } from '../../src/store/inspect.ts';
import { openStore, type SqliteStore } from '../../src/store/sqlite.ts';
import { sampleRevision, temporaryDirectory } from './sample-checkpoint.ts';

const DAY_MS = 86_400_000;

function withStore(run: (store: SqliteStore, path: string) => void): void {
  const path = join(temporaryDirectory(), 'winnow.db');
  const store = openStore({ path });
  try {
    run(store, path);
  } finally {
    store.close();
  }
}

/** Windows of two revisions each, as old as their number in days. */
function commitWindows(store: SqliteStore, from: number, to: number, closedToMs = 0): void {
  const revisions = Array.from({ length: (to - from) * 2 }, (_, i) => {
    const window = from + Math.floor(i / 2);
    return sampleRevision({
      windowId: `w_${window}`,
      revision: (i % 2) + 1,
      watermarkMs: window * DAY_MS,
      event: { n: window, partitionkey: `acme|service-${window}` },
    });
  });
  store.commit({ positions: [], state: [], revisions, closedToMs });
}

const seqs = (store: SqliteStore, feed: string, countMax = 1_000, bytesMax = 1_000_000): number[] =>
  store.deliveries.read(feed, countMax, bytesMax).map(({ seq }) => seq);

test('a page is what comes after the cursor, within both bounds, and at least one', () => {
  withStore((store) => {
    store.deliveries.open('a', 'earliest');
    commitWindows(store, 0, 3);
    expect(seqs(store, 'a')).toEqual([1, 2, 3, 4, 5, 6]);
    expect(seqs(store, 'a', 4)).toEqual([1, 2, 3, 4]);
    const bytes = store.deliveries.read('a', 1, 1)[0]!.body.length;
    expect(seqs(store, 'a', 1_000, 2 * bytes)).toEqual([1, 2]);
    expect(seqs(store, 'a', 1_000, 1)).toEqual([1]);
    expect(store.deliveries.read('a', 1, 1)).toEqual([
      {
        seq: 1,
        windowId: 'w_0',
        revision: 1,
        partitionKey: 'acme|service-0',
        body: '{"n":0,"partitionkey":"acme|service-0"}',
      },
    ]);
  });
});

test('feeds have cursors of their own, which are durable and never go back', () => {
  withStore((store, path) => {
    store.deliveries.open('a', 'earliest');
    commitWindows(store, 0, 3);
    store.deliveries.open('b', 'latest');
    store.deliveries.advance('a', 4);
    store.deliveries.advance('a', 2);
    store.deliveries.open('a', 'earliest');
    expect([seqs(store, 'a'), seqs(store, 'b')]).toEqual([[5, 6], []]);
    expect([store.deliveries.pending('a'), store.deliveries.pending('b')]).toEqual([2, 0]);
    store.close();
    const again = openStore({ path });
    again.deliveries.open('a', 'earliest');
    expect(seqs(again, 'a')).toEqual([5, 6]);
    again.close();
  });
});

test('pending is exact near the end and far behind it', () => {
  withStore((store) => {
    store.deliveries.open('a', 'earliest');
    commitWindows(store, 0, 800);
    for (const seq of [0, 1, 599, 600, 601, 1_600]) {
      store.deliveries.advance('a', seq);
      expect(store.deliveries.pending('a')).toBe(1_600 - seq);
    }
  });
});

test('what retention deletes counts for each feed that had not delivered it, and for no other', () => {
  withStore((store, path) => {
    for (const feed of ['none', 'half', 'all']) store.deliveries.open(feed, 'earliest');
    commitWindows(store, 0, 3);
    store.deliveries.advance('half', 3);
    store.deliveries.advance('all', 6);
    store.commit({ positions: [], state: [], revisions: [], closedToMs: 91.5 * DAY_MS });
    // Windows 0 and 1 are gone: sequence numbers 1 to 4.
    expect(['none', 'half', 'all'].map((feed) => store.deliveries.expired(feed))).toEqual([4, 1, 0]);
    expect(['none', 'half', 'all'].map((feed) => store.deliveries.pending(feed))).toEqual([2, 2, 0]);
    expect(seqs(store, 'half')).toEqual([5, 6]);
    expect(inspectStore(path)?.feeds).toEqual([
      { feed: 'all', pending: 0, expired: 0 },
      { feed: 'half', pending: 2, expired: 1 },
      { feed: 'none', pending: 2, expired: 4 },
    ]);
    commitWindows(store, 100, 101, 91.5 * DAY_MS);
    expect(seqs(store, 'all')).toEqual([7, 8]);
  });
});

test('a feed that nobody opened has nothing expired', () => {
  withStore((store) => {
    expect(store.deliveries.expired('stranger')).toBe(0);
  });
});
