import { describe, expect, it } from 'vitest';
import type { AnyStateRow, TemplateCount } from '../../../src/contracts.ts';
import { FormReader } from '../../../src/core/mine/elements.ts';
import { Handles } from '../../../src/core/mine/handles.ts';
import { momentAt } from '../../../src/core/mine/last-seen.ts';
import { SHAPE_CHECKS, SILENT_HOURS } from '../../../src/core/mine/limits.ts';
import type { Miner } from '../../../src/core/mine/miner.ts';
import { pack } from '../../../src/core/mine/packed.ts';
import { ServiceTemplates } from '../../../src/core/mine/service-templates.ts';
import { LearntTemplate } from '../../../src/core/mine/template.ts';
import { readUse } from '../../../src/core/mine/template-use.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';
import { closedBucket, createMiner, jsonOf, STEP_MS } from './mine-lines.ts';
import { OtherScanner } from './other-scanner.ts';

const BUCKETS_PER_HOUR = 3_600_000 / STEP_MS;
const LONG = `user_cache dump ${'key_a value_b, '.repeat(60)}`;
const LINES = [
  'user_login took 5 ms',
  'user_logout of 7 done',
  'cache_miss for key_a in 3 ms',
  'payload {"order_id": 7, "item_list": [1, 2]} read',
];

describe('state of another scanner', () => {
  it('keeps the ids of its templates, under the signatures of the present one', () => {
    const { miner, counts } = remapped(LINES, LINES);
    expect(counts.map((count) => count.created)).toEqual(LINES.map(() => false));
    expect(ids(counts)).toEqual(ids(minedOnce(LINES)));
    expect(textsOf(miner, counts)).toContain('user_login took <num> ms'.replace('<num> ms', '<dur>'));
  });

  it('keeps places that evidence made variable', () => {
    const lines = ['alpha', 'beta', 'gamma', 'delta', 'omega'].map(
      (name) => `cache_node ${name} joined the_ring`,
    );
    const { miner, counts } = remapped(lines, ['cache_node kappa joined the_ring']);
    expect(counts).toHaveLength(1);
    expect(counts[0]!.created).toBe(false);
    expect(textsOf(miner, counts)).toEqual(['cache_node <str> joined the_ring']);
  });

  it('finds the template of a line that is too long to be kept by how it begins', () => {
    const { counts } = remapped([LONG], [LONG]);
    expect(ids(counts)).toEqual(ids(minedOnce([LONG])));
    expect(counts[0]!.created).toBe(false);
  });

  it('looks at the lines of a template anew once it has the form of a line that begins as its own did', () => {
    const reader = new FormReader(createScanner());
    const { key, full } = reader.read('dump of the cache: 5 entries');
    const was = { full: pack(full), learnt: '', wide: null, aliases: [] };
    const service = new ServiceTemplates('s', new Handles());
    const template = new LearntTemplate('t_1', 0, pack(key), {
      ...was,
      isStale: true,
    });
    service.restore(template, [], { hour: 0, checks: SHAPE_CHECKS });
    service.awaitLine(template, reader.read('dump of the store').key);
    expect(service.wantsShape(template.slot)).toBe(false);
    expect(service.learn(1, 1, reader.read('dump of the store = 5 entries'), momentAt(0))).toBe(template);
    expect(service.wantsShape(template.slot)).toBe(true);
  });

  it('still finds it when the process was restarted before the line came', () => {
    const { miner } = remapped([LONG], ['something else']);
    const again = createMiner();
    again.load(merge(stateOf([LONG]), miner.takeChanges()));
    const [count] = again.mine(closedBucket(3, { s: [LONG] })).services[0]!.templates;
    expect(count!.templateId).toBe(ids(minedOnce([LONG]))[0]);
  });

  it('stores the form that a line gave it, whose signature is then known after a restart', () => {
    const { miner } = remapped([LONG], ['something else']);
    const waiting = merge(stateOf([LONG]), miner.takeChanges());
    const [count] = miner.mine(closedBucket(3, { s: [LONG] })).services[0]!.templates;
    const rows = miner.takeChanges();
    const isIt = ({ table, key }: AnyStateRow) =>
      table === 'mine.template' && key.endsWith(count!.templateId);
    expect(waiting.filter(isIt).map(jsonOf)).toMatchObject([{ stale: true }]);
    expect(rows.filter(isIt).map(jsonOf)).toEqual([expect.not.objectContaining({ stale: true })]);
    const again = createMiner();
    again.load(merge(waiting, rows));
    expect(again.template('s', count!.templateId)).toEqual(miner.template('s', count!.templateId));
  });

  it('makes what cannot be matched a candidate for a day, then new again', () => {
    const { miner, counts } = remapped(LINES, ['never seen before']);
    expect(counts).toMatchObject([{ created: true, candidate: true }]);
    const later = 2 + (SILENT_HOURS + 1) * BUCKETS_PER_HOUR;
    const [count] = miner.mine(closedBucket(later, { s: ['nor this one either'] })).services[0]!.templates;
    expect(count).toMatchObject({ created: true, candidate: false });
  });

  it('merges templates that the present scanner does not tell apart, and says so', () => {
    const other = createMiner();
    other.mine(closedBucket(0, { s: ['task a_b_c done by_user', 'task a b c done by user'] }));
    expect(other.size).toBe(2);
    const miner = createMiner({ scanner: new OtherScanner() });
    miner.load(other.takeChanges());
    const mined = miner.mine(closedBucket(1, { elsewhere: ['x'] }));
    expect(mined.changes.filter(({ change }) => change === 'merged')).toHaveLength(1);
    expect(miner.size).toBe(2);
  });

  it('has the last hour and day of its lines, and its lines are looked at again', () => {
    const day = 3;
    const bucket = day * 24 * BUCKETS_PER_HOUR + 5 * BUCKETS_PER_HOUR;
    const other = createMiner({ scanner: new OtherScanner() });
    for (let i = 0; i < 3; i++) other.mine(closedBucket(bucket + i, { s: [LINES[1]!] }));
    const miner = createMiner();
    miner.load(other.takeChanges());
    miner.mine(closedBucket(bucket + 3, {}));
    const rows = miner.takeChanges();
    const use = rows.find(({ table }) => table === 'mine.use')!;
    expect(readUse(use.value as Uint8Array, 0)).toEqual(new Map([[0, { hour: day * 24 + 5, checks: 0 }]]));
    const signatures = rows.filter(({ table, value }) => table === 'mine.signature' && value !== null);
    expect(signatures.map(jsonOf)).toEqual([[expect.any(String), day]]);
  });

  it('has the last hour of a line that is too long to be kept while it waits for the next', () => {
    const hour = 77;
    const other = createMiner({ scanner: new OtherScanner() });
    other.mine(closedBucket(hour * BUCKETS_PER_HOUR, { s: [LONG] }));
    const miner = createMiner();
    miner.load(other.takeChanges());
    miner.mine(closedBucket(hour * BUCKETS_PER_HOUR + 1, {}));
    const use = miner.takeChanges().find(({ table }) => table === 'mine.use')!;
    expect(readUse(use.value as Uint8Array, 0).get(0)?.hour).toBe(hour);
  });

  it('is left as it was in the store until the first bucket told of the merges', () => {
    const miner = createMiner();
    miner.load(stateOf(LINES));
    expect(miner.takeChanges()).toEqual([]);
    miner.mine(closedBucket(1, {}));
    expect(miner.takeChanges().length).toBeGreaterThan(LINES.length);
  });

  it('is remapped once: the rows written then are taken as they are', () => {
    const { miner } = remapped(LINES, LINES);
    const again = createMiner();
    again.load(merge(stateOf(LINES), miner.takeChanges()));
    expect(again.takeChanges()).toEqual([]);
    const { templates } = again.mine(closedBucket(3, { s: LINES })).services[0]!;
    expect(ids(templates)).toEqual(ids(minedOnce(LINES)));
  });
});

it('a masking rule that the user adds keeps the ids of the templates it touches', () => {
  const masked = createScanner([{ name: 'ticket', pattern: 'ACME-<alnum>' }]);
  const before = createMiner();
  const line = 'ticket ACME-abc closed';
  const [count] = before.mine(closedBucket(0, { s: [line] })).services[0]!.templates;
  const miner = createMiner({ scanner: masked });
  miner.load(before.takeChanges());
  const bytes = new TextEncoder().encode('ticket ACME-xyz closed');
  masked.scan(bytes, 0, bytes.length);
  expect(miner.resolve('s', masked.hashHigh, masked.hashLow)).toBe(count!.templateId);
  expect(miner.template('s', count!.templateId)?.text).toBe('ticket <str> closed');
});

describe('the line that is kept of a template', () => {
  it('is redacted', () => {
    const miner = createMiner({ redact: (text) => text.replace('hunter2', '<redacted:password>') });
    miner.mine(closedBucket(0, { s: ['login with hunter2 failed'] }));
    expect(JSON.stringify(miner.takeChanges())).not.toContain('hunter2');
  });

  it('is capped, and not cut within a character', () => {
    const miner = createMiner();
    miner.mine(closedBucket(0, { s: [`x${'é'.repeat(2_000)}`] }));
    const row = miner.takeChanges().find(({ table }) => table === 'mine.line')!;
    const { text } = jsonOf(row) as { text: string };
    expect(new TextEncoder().encode(text).length).toBe(511);
    expect(text).not.toContain('\ufffd');
  });
});

/** What a miner with another scanner stores after these lines. */
function stateOf(lines: readonly string[]): AnyStateRow[] {
  const other = createMiner({ scanner: new OtherScanner() });
  other.mine(closedBucket(0, { s: lines }));
  return other.takeChanges();
}

function minedOnce(lines: readonly string[]): readonly TemplateCount[] {
  const other = createMiner({ scanner: new OtherScanner() });
  return other.mine(closedBucket(0, { s: lines })).services[0]!.templates;
}

function remapped(
  before: readonly string[],
  after: readonly string[],
): { miner: Miner; counts: readonly TemplateCount[] } {
  const miner = createMiner();
  miner.load(stateOf(before));
  return { miner, counts: miner.mine(closedBucket(2, { s: after })).services[0]!.templates };
}

function merge(rows: readonly AnyStateRow[], changes: readonly AnyStateRow[]): AnyStateRow[] {
  const latest = new Map(rows.map((row) => [`${row.table} ${row.key}`, row]));
  for (const row of changes) latest.set(`${row.table} ${row.key}`, row);
  return [...latest.values()];
}

function ids(counts: readonly TemplateCount[]): string[] {
  return counts.map((count) => count.templateId);
}

function textsOf(miner: Miner, counts: readonly TemplateCount[]): (string | undefined)[] {
  return counts.map((count) => miner.template('s', count.templateId)?.text);
}
