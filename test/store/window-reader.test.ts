import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { WindowReader } from '../../src/contracts.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { openWindowReader } from '../../src/store/window-reader.ts';
import { sampleCheckpoint, sampleRevision, temporaryDirectory } from './sample-checkpoint.ts';

function withReader(run: (reader: WindowReader) => void): void {
  const path = join(temporaryDirectory(), 'winnow.db');
  const store = openStore({ path });
  store.commit(
    sampleCheckpoint({
      revisions: [
        sampleRevision({ windowId: 'w_aa1', onsetMs: 100, services: ['a'], status: 'closed' }),
        sampleRevision({ windowId: 'w_aa2', onsetMs: 300, services: ['a', 'b'] }),
        sampleRevision({
          windowId: 'w_aa2',
          onsetMs: 300,
          services: ['b', 'a'],
          revision: 2,
          status: 'updated',
        }),
        sampleRevision({ windowId: 'w_b', onsetMs: 200, services: ['a"b', 'c'] }),
      ],
    }),
  );
  const reader = openWindowReader(path);
  try {
    run(reader);
  } finally {
    reader.close();
    store.close();
  }
}

test('windows are listed with their latest revision, newest onset first', () => {
  withReader((reader) => {
    const rows = reader
      .list({ limit: 10 })
      .map((window) => [window.windowId, window.revision, window.services]);
    expect(rows).toEqual([
      ['w_aa2', 2, ['b', 'a']],
      ['w_b', 1, ['a"b', 'c']],
      ['w_aa1', 1, ['a']],
    ]);
    expect(reader.list({ limit: 1 })[0]).toEqual({
      windowId: 'w_aa2',
      revision: 2,
      status: 'updated',
      tenant: 'acme',
      severity: 3,
      onsetMs: 300,
      watermarkMs: 1_700_000_015_000,
      services: ['b', 'a'],
      kinds: ['new', 'spike'],
      headline: 'new error in payments',
    });
  });
});

test('a list is narrowed by status, service, time and number', () => {
  withReader((reader) => {
    const ids = (query: Partial<Parameters<WindowReader['list']>[0]>) =>
      reader.list({ limit: 10, ...query }).map((window) => window.windowId);
    expect(ids({ status: 'closed' })).toEqual(['w_aa1']);
    expect(ids({ status: 'suppressed' })).toEqual([]);
    expect(ids({ service: 'a' })).toEqual(['w_aa2', 'w_aa1']);
    expect(ids({ service: 'a"b' })).toEqual(['w_b']);
    expect(ids({ service: 'aa' })).toEqual([]);
    expect(ids({ sinceMs: 200 })).toEqual(['w_aa2', 'w_b']);
    expect(ids({ sinceMs: 200, service: 'c', status: 'open' })).toEqual(['w_b']);
    expect(ids({ limit: 0 })).toEqual([]);
    expect(ids({ limit: -1 })).toEqual([]);
  });
});

test('a window is found by its id or by an unambiguous beginning of it', () => {
  withReader((reader) => {
    expect(reader.get('w_b')?.windowId).toBe('w_b');
    expect(reader.get('w_aa2')?.revision).toBe(2);
    expect(reader.get('w_aa2', 1)?.services).toEqual(['a', 'b']);
    expect(reader.get('w_aa2', 3)).toBeNull();
    expect(reader.get('w_c')).toBeNull();
    expect(reader.get('')).toBeNull();
    expect(reader.get('w_aa%')).toBeNull();
    expect(() => reader.get('w_aa')).toThrow('find window w_aa: w_aa1 and w_aa2 both begin so');
  });
});

test('a reader sees each commit of a worker that goes on writing', () => {
  const path = join(temporaryDirectory(), 'winnow.db');
  const store = openStore({ path });
  const reader = openWindowReader(path);
  expect(reader.list({ limit: 10 })).toEqual([]);
  store.commit(sampleCheckpoint());
  expect(reader.list({ limit: 10 })).toHaveLength(1);
  store.commit(sampleCheckpoint({ revisions: [sampleRevision({ windowId: 'w_2' })] }));
  expect(reader.list({ limit: 10 })).toHaveLength(2);
  reader.close();
  store.close();
});
