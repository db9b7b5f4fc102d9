import { describe, expect, test } from 'vitest';
import type { AnyStateRow, StoredState, WindowRevision } from '../../src/contracts.ts';
import { Random } from '../../src/simulator/random.ts';
import { STORIES } from '../../src/simulator/stories.ts';
import { type Interleaving, inStep, newPipeline, Player, streamsOf, windowsText } from '../support/replay.ts';

// The promise: the same input gives the same windows, byte for byte, however partitions interleave, after any stop.

const streams = streamsOf(STORIES.refused_then_504.options, { partitions: 4, batchRecords: 64 });
const total = streams.reduce((sum, stream) => sum + stream.messages.length, 0);
const whole = new Player(streams);
whole.play();
const expected = windowsText(whole.finish());
const wholeRows = textOf(durable(whole, new Map()));

test('the story gives windows at all', () => {
  expect(whole.revisions.length).toBeGreaterThan(1);
});

describe('interleaving', () => {
  const interleavings: Record<string, Interleaving> = {
    'one partition after the other': (delivered, all) =>
      all.findIndex((one, i) => delivered[i]! < one.messages.length),
    'last partition first': (delivered, all) =>
      all.findLastIndex((one, i) => delivered[i]! < one.messages.length),
    'at random': randomly(1),
    'at random, another way': randomly(2),
  };
  test.each(Object.entries(interleavings))('%s gives the same windows', (_, interleaving) => {
    const player = new Player(streams);
    player.play(interleaving);
    expect(windowsText(player.finish())).toBe(expected);
  });
});

describe('stops', () => {
  test.each([3, 7, 20])(
    'stopping %i times at random instants changes no window and no row of state',
    (stops) => {
      const random = new Random(stops);
      const revisions: WindowRevision[] = [];
      let stored: StoredState | null = null;
      const rows = new Map<string, AnyStateRow>();
      for (let stop = 0; stop < stops; stop++) {
        const player: Player = new Player(streams, newPipeline(), stored);
        player.play(inStep, 1 + Math.floor((random.unit() * 2 * total) / stops));
        revisions.push(...player.revisions);
        stored = durable(player, rows);
      }
      const last = new Player(streams, newPipeline(), stored);
      last.play();
      revisions.push(...last.finish());
      expect(windowsText(revisions)).toBe(expected);
      expect(last.pipeline.totals.all).toEqual(whole.pipeline.totals.all);
      expect(textOf(durable(last, rows))).toEqual(wholeRows);
    },
  );

  test('a checkpoint without anything new writes no template, window or service again', () => {
    const player = new Player(streams);
    player.play(inStep, Math.floor(total / 2));
    player.pipeline.checkpoint();
    expect(player.pipeline.checkpoint().state.length).toBeLessThanOrEqual(1);
  });
});

test('every consumed record is counted or dropped with a reason, and templates hold what was counted', () => {
  const pipeline = newPipeline();
  let consumed = 0;
  let inTemplates = 0;
  let frames = 0;
  pipeline.observe(({ accounting, services }) => {
    consumed += accounting.consumed;
    const dropped = Object.values(accounting.dropped).reduce((sum, units) => sum + units, 0);
    expect(accounting.counted + dropped).toBe(accounting.consumed);
    for (const service of services) {
      frames += service.frames;
      for (const template of service.templates) inTemplates += template.records;
    }
  });
  const player = new Player(streams, pipeline);
  player.play();
  player.finish();
  expect(consumed).toBeGreaterThan(5_000);
  expect(inTemplates + frames).toBe(consumed);
  expect(pipeline.totals.all).toMatchObject({ consumed, counted: consumed });
});

/** Every row of state, sorted. */
function textOf({ state }: StoredState): string[] {
  return state.map(({ table, key, value }) => `${table} ${key} ${value}`).sort();
}

function randomly(seed: number): Interleaving {
  const random = new Random(seed);
  return (delivered, all) => {
    const left = all.flatMap((one, i) => (delivered[i]! < one.messages.length ? [i] : []));
    return left.length === 0 ? -1 : left[Math.floor(random.unit() * left.length)]!;
  };
}

/** What the store would hold after this player's last checkpoint. */
function durable(player: Player, rows: Map<string, AnyStateRow>): StoredState {
  const { positions, state, closedToMs } = player.pipeline.checkpoint();
  for (const row of state) {
    const key = `${row.table}\u0000${row.key}`;
    if (row.value === null) rows.delete(key);
    else rows.set(key, row);
  }
  return { positions, closedToMs, state: [...rows.values()] };
}
