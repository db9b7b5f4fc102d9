import { beforeAll, describe, expect, it } from 'vitest';
import type { AnyStateRow, StateRow, StoredState } from '../../../src/contracts.ts';
import { readKept } from '../../../src/core/decode/kept.ts';
import { Miner } from '../../../src/core/mine/miner.ts';
import { createRedactor } from '../../../src/core/redact.ts';
import { STORIES } from '../../../src/simulator/stories.ts';
import { inStep, newPipeline, Player, streamsOf } from '../../support/replay.ts';
import { closedBucket } from './mine-lines.ts';
import { OtherScanner } from './other-scanner.ts';

// Goal: a pipeline goes on from state that a scanner of another version wrote as if it had written it itself.
// Method: play half of a story, rewrite the miner's rows as the other scanner has them, load, play the rest; beside it
// the same without the rewriting.

const streams = streamsOf(STORIES.refused_then_504.options, { partitions: 2, batchRecords: 64 });
const messages = streams.reduce((sum, stream) => sum + stream.messages.length, 0);
const isMiners = ({ table }: AnyStateRow): boolean => table.startsWith('mine.');
const isTemplate = (row: AnyStateRow): row is StateRow & { value: string } =>
  row.table === 'mine.template' && row.value !== null;

interface Rest {
  readonly created: Map<string, boolean>;
  readonly counted: Set<string>;
  /** Ids that the other scanner took for the same as an older one. */
  readonly merged: Set<string>;
  /** Templates of `new` findings below ERROR. */
  readonly news: string[];
}

describe('state written by another version of the scanner', () => {
  let known: Set<string>;
  let changedForms: number;
  let plain: Rest;
  let changed: Rest;

  beforeAll(() => {
    const half = new Player(streams);
    half.play(inStep, Math.floor(messages / 2));
    const checkpoint = half.pipeline.checkpoint();
    const stored: StoredState = {
      ...checkpoint,
      state: checkpoint.state.filter((row) => row.value !== null),
    };
    const rewritten = { ...stored, state: asWrittenByOther(stored.state) };
    known = new Set(stored.state.filter((row) => row.table === 'mine.template').map((row) => idOf(row)));
    changedForms = formsOf(rewritten.state).filter((form) => !formsOf(stored.state).includes(form)).length;
    plain = playRest(stored);
    changed = playRest(rewritten);
  });

  it('really has other forms', () => {
    expect(changedForms).toBeGreaterThan(10);
  });

  it('keeps the ids of the templates that lines go on being counted under', () => {
    const before = [...plain.counted].filter((id) => known.has(id));
    expect(before.length).toBeGreaterThan(20);
    expect(before.filter((id) => !changed.counted.has(id) && !changed.merged.has(id))).toEqual([]);
    expect(changed.merged.size).toBeLessThan(before.length / 5);
  });

  it('makes no template that is new unless the lines are', () => {
    const surplus = [...changed.created].filter(
      ([id, isCandidate]) => !plain.created.has(id) && !isCandidate,
    );
    expect(surplus).toEqual([]);
  });

  it('gives no finding below ERROR that would not have come anyway', () => {
    expect(changed.news.filter((id) => !plain.news.includes(id))).toEqual([]);
    expect(changed.news.filter((id) => known.has(id))).toEqual([]);
  });
});

function playRest(stored: StoredState): Rest {
  const pipeline = newPipeline();
  const created = new Map<string, boolean>();
  const counted = new Set<string>();
  const news: string[] = [];
  const merged = new Set<string>();
  for (const { value } of stored.state.filter(isTemplate)) {
    for (const id of (JSON.parse(value) as { aliases: string[] }).aliases) merged.add(id);
  }
  pipeline.observe((bucket, judgement) => {
    for (const { kind, severity, templateId } of judgement.findings) {
      if (kind === 'new' && severity < 3 && templateId !== null) news.push(templateId);
    }
    for (const { templates } of bucket.services) {
      for (const { templateId, created: isCreated, candidate } of templates) {
        counted.add(templateId);
        if (isCreated) created.set(templateId, candidate);
      }
    }
  });
  const player = new Player(streams, pipeline, stored);
  player.play();
  player.finish();
  return { created, counted, merged, news };
}

function asWrittenByOther(state: readonly AnyStateRow[]): AnyStateRow[] {
  const redactor = createRedactor({ enabled: true });
  const miner = new Miner({
    redact: (text) => redactor.redact(text),
    bodyOf: (kept) => readKept(kept).line,
    scanner: new OtherScanner(),
  });
  miner.load(state.filter(isMiners));
  miner.mine(closedBucket(0, {}));
  const rows = miner.takeChanges().filter((row) => row.value !== null);
  // First lines are as they were.
  return [...state.filter((row) => !isMiners(row) || row.table === 'mine.line'), ...rows];
}

function idOf(row: AnyStateRow): string {
  return row.key.slice(row.key.lastIndexOf('\u0000') + 1);
}

function formsOf(state: readonly AnyStateRow[]): string[] {
  return state
    .filter(isTemplate)
    .map((row) => JSON.stringify((JSON.parse(row.value) as { key: string[] }).key));
}
