import { describe, expect, it } from 'vitest';
import type { AnyStateRow, TemplateChange, WindowRevision } from '../../../src/contracts.ts';
import type { WindowAssembler } from '../../../src/core/window/assembler.ts';
import { renderText } from '../../../src/core/window/render.ts';
import {
  assembler,
  at,
  bucket,
  countTokens,
  dataOf,
  deploy,
  FixtureTemplates,
  finding,
  quiet,
  type TemplateSpec,
} from './fixtures.ts';

const spec = (service: string, templateId: string, atMs: number): TemplateSpec => ({
  service,
  templateId,
  records: 1,
  severity: 3,
  lines: [{ body: `${templateId} failed`, atMs }],
});

/** A fault whose window names the given templates of `orders`; runs until its window is closed. */
function fault(
  target: WindowAssembler,
  clock: string,
  templateIds: readonly string[],
  kind: 'new' | 'rare' | 'silence' = 'new',
  withDeploy = false,
): WindowRevision[] {
  const startMs = at(clock);
  const opened = target.observe(
    bucket(
      startMs,
      templateIds.map((id) => spec('orders', id, startMs)),
    ),
    {
      findings: templateIds.map((id) => finding('orders', kind, id, startMs)),
      changes: withDeploy ? [deploy('orders', '1', '2', startMs - 60_000)] : [],
    },
  );
  return [...opened, ...quiet(target, startMs + 10_000, startMs + 32 * 60_000, [])];
}

describe('a window that tells much the same as one before', () => {
  it('names it, what both told and what differs, also when the line is rare by now', () => {
    const target = assembler();
    const [first] = fault(target, '02:00:00', ['t_1', 't_2', 't_3']);
    expect(dataOf(first!).similar).toBeUndefined();
    const [second] = fault(target, '03:00:00', ['t_1', 't_2', 't_4'], 'rare', true);
    expect(dataOf(second!).similar).toEqual([
      {
        ref: 'S1',
        window_id: first!.windowId,
        at: '2026-11-21T02:00:00Z',
        similarity: 0.5,
        same: ['F1', 'F2'],
        different: [
          'only here F3',
          'only there 1 lines of orders that came',
          'a version change here, none there',
        ],
      },
    ]);
    expect(renderText(second!.event, { countTokens })).toContain(
      `SIMILAR  S1 ${first!.windowId} 2026-11-21T02:00Z · 0.5 of all findings in both: F1 F2 · different: only here F3;`,
    );
  });

  it('is not named when the same line fell silent then, or when little is the same', () => {
    const target = assembler();
    fault(target, '02:00:00', ['t_1'], 'silence');
    fault(target, '03:00:00', ['t_2', 't_3', 't_4']);
    const [third] = fault(target, '04:00:00', ['t_1', 't_4', 't_5', 't_6']);
    expect(dataOf(third!).similar).toBeUndefined();
  });

  it('is found under the id that a template was merged into', () => {
    class Merged extends FixtureTemplates {
      override template(service: string, templateId: string) {
        return super.template(service, templateId === 't_old' ? 't_new' : templateId);
      }
    }
    const target = assembler({ templates: new Merged() });
    fault(target, '02:00:00', ['t_old']);
    const merged: TemplateChange = {
      service: 'orders',
      change: 'merged',
      templateId: 't_old',
      into: 't_new',
    };
    target.observe(bucket(at('02:50:00'), [], { changes: [merged] }), { findings: [], changes: [] });
    const [again] = fault(target, '03:00:00', ['t_new']);
    expect(dataOf(again!).similar?.[0]?.similarity).toBe(1);
  });

  it('is remembered over a restart, and at most 256 of a tenant are', () => {
    const before = assembler();
    const rows = new Map<string, AnyStateRow>();
    for (let i = 0; i < 258; i++) {
      const clock = new Date(at('00:00:00') + i * 40 * 60_000).getTime();
      before.observe(bucket(clock, [spec('orders', `t_${i}`, clock)]), {
        findings: [finding('orders', 'new', `t_${i}`, clock)],
        changes: [],
      });
      before.observe(bucket(clock + 31 * 60_000, []), { findings: [], changes: [] });
      for (const row of before.takeChanges()) rows.set(`${row.table} ${row.key}`, row);
    }
    const again = (templateId: string): string[] => {
      const after = assembler();
      after.load([...rows.values()].filter(({ value }) => value !== null).reverse());
      const clock = at('00:00:00') + 260 * 40 * 60_000;
      const [revision] = after.observe(bucket(clock, [spec('orders', templateId, clock)]), {
        findings: [finding('orders', 'rare', templateId, clock)],
        changes: [],
      });
      return (dataOf(revision!).similar ?? []).map(({ window_id }) => window_id);
    };
    expect(again('t_1')).toEqual([]);
    expect(again('t_200')).toHaveLength(1);
  });
});
