import { describe, expect, it } from 'vitest';
import type { Finding, TemplateChange, WindowRevision } from '../../../src/contracts.ts';
import type { WindowAssembler } from '../../../src/core/window/assembler.ts';
import type { WindowData } from '../../../src/core/window/event-schema.ts';
import { renderText } from '../../../src/core/window/render.ts';
import {
  assembler,
  at,
  bucket,
  countTokens,
  dataOf,
  finding,
  quiet,
  STEP_MS,
  serviceRef,
  type TemplateSpec,
} from './fixtures.ts';

const START = at('02:40:00');

/** What the service writes all the time: no part of any finding here. */
const USUAL: TemplateSpec = {
  service: 'neutron',
  templateId: 't_usual',
  records: 500,
  instances: [
    ['n-1', 250],
    ['n-2', 250],
  ],
  versions: [['1.0', 500]],
};

function member(templateId: string, records: number, atMs: number): TemplateSpec {
  return {
    service: 'neutron',
    templateId,
    records,
    severity: 3,
    lines: [{ body: `${templateId} failed with id=77`, atMs, instance: 'n-1' }],
    instances: [['n-1', records]],
    versions: [['2.0', records]],
  };
}

function overflow(ids: readonly string[] | null, more: Partial<Finding> = {}): Finding {
  return finding('neutron', 'new', null, START + 1_000, {
    observed: 7,
    members: ids?.length ?? 9,
    ...(ids === null ? {} : { memberTemplateIds: ids }),
    test: { method: 'overflow', bits: 9, explain: '' },
    ...more,
  });
}

function observe(
  target: WindowAssembler,
  startMs: number,
  specs: readonly TemplateSpec[],
  findings: readonly Finding[] = [],
  changes: readonly TemplateChange[] = [],
): WindowRevision[] {
  return target.observe(bucket(startMs, specs, { changes }), { findings, changes: [] });
}

function onlyFinding(revision: WindowRevision | undefined): WindowData['findings'][number] {
  const { findings } = dataOf(revision!);
  expect(findings).toHaveLength(1);
  return findings[0]!;
}

/** Two templates in the minute before they are told, three records each; then they go on. */
function raised(target: WindowAssembler, told: Finding): WindowRevision | undefined {
  quiet(target, at('02:38:00'), START, [USUAL]);
  observe(target, START, [USUAL, member('t_a', 3, START + 1_000), member('t_b', 3, START + 2_000)]);
  return observe(target, START + STEP_MS, [USUAL, member('t_b', 1, START + STEP_MS + 1_500)], [told])[0];
}

describe('an overflow finding', () => {
  it('counts the records of its templates alone, not those of the whole service', () => {
    const target = assembler();
    expect(onlyFinding(raised(target, overflow(['t_a', 't_b']))).count.window).toBe(7);
    observe(target, START + 2 * STEP_MS, [USUAL, member('t_a', 4, START + 2 * STEP_MS)]);
    const { count } = onlyFinding(target.finish()[0]);
    expect(count.window).toBe(11);
    expect(count.per_min).toEqual([0, 0, 11]);
    expect(count.by_version).toEqual({ '2.0': 5 });
    expect(count.instances).toEqual({ affected: 1, known: 2 });
    expect(count.censored).toBeUndefined();
  });

  it('claims no zero before it: its templates may be rare ones', () => {
    const revision = raised(assembler(), overflow(['t_a', 't_b']))!;
    const text = renderText(revision.event, { countTokens });
    expect(text).not.toMatch(/before 0/);
    expect(text).toContain('\n   7 records in 2m20s · novelty up to 9 bits');
    expect(revision.headline).toContain('2 new or rare templates in neutron');
  });

  it('says lower bound where not all of its templates are known by id', () => {
    const revision = raised(assembler(), overflow(['t_a', 't_b'], { members: 60 }))!;
    expect(onlyFinding(revision).count).toMatchObject({ window: 7, members: 60, censored: true });
    expect(renderText(revision.event, { countTokens })).toContain('lower bound');
  });

  it('tells only what the detector saw where none of its templates is known', () => {
    const target = assembler();
    raised(target, overflow(null));
    observe(target, START + 2 * STEP_MS, [USUAL]);
    const revision = raised(assembler(), overflow(null))!;
    expect(renderText(revision.event, { countTokens })).toContain('\n   7 records raised it · ');
    const { count } = onlyFinding(target.finish()[0] ?? revision);
    expect(count).toMatchObject({ window: 7, observed: 7, censored: true });
    expect(count.per_min).toBeUndefined();
    expect(count.instances).toBeUndefined();
  });

  it('told again stands for the templates of both, each counted once from its first record', () => {
    const target = assembler();
    raised(target, overflow(['t_a', 't_b']));
    const third = START + 2 * STEP_MS;
    observe(target, third, [USUAL, member('t_c', 5, third)]);
    observe(
      target,
      third + STEP_MS,
      [USUAL, member('t_c', 2, third + STEP_MS)],
      [overflow(['t_c', 't_a'], { onsetMs: third })],
    );
    const { count } = onlyFinding(target.finish()[0]);
    expect(count).toMatchObject({ window: 14, members: 3, per_min: [0, 0, 14] });
  });

  it('follows its templates into what they are merged with', () => {
    const target = assembler();
    raised(target, overflow(['t_a', 't_b']));
    const change = 'merged';
    const changes = [{ service: serviceRef('neutron').key, change, templateId: 't_a', into: 't_b' } as const];
    observe(target, START + 2 * STEP_MS, [USUAL, member('t_b', 6, START + 2 * STEP_MS)], [], changes);
    expect(onlyFinding(target.finish()[0]).count).toMatchObject({ window: 13, members: 1 });
  });

  it('gets an example as soon as one of its templates writes again, without mixing their parameters', () => {
    const target = assembler();
    quiet(target, at('02:38:00'), START, [USUAL]);
    observe(target, START, [USUAL, member('t_a', 3, START + 1_000)]);
    const [silent] = observe(target, START + STEP_MS, [USUAL], [overflow(['t_a', 't_b'])]);
    expect(onlyFinding(silent).exemplars).toBeUndefined();
    observe(target, START + 2 * STEP_MS, [USUAL, member('t_b', 1, START + 2 * STEP_MS)]);
    const told = onlyFinding(target.finish()[0]);
    expect(told.exemplars?.map(({ body }) => body)).toEqual(['t_b failed with id=77']);
    expect(told.sampled).toEqual({ n: 1, of: 1 });
    expect(told.params).toBeUndefined();
  });

  it('names its templates under OMITTED only as far as their texts are not shown', () => {
    const revision = raised(assembler(), overflow(['t_a', 't_b']))!;
    const text = renderText(revision.event, { countTokens });
    expect(text).toContain('they are ⟦t_a happened⟧ · ⟦t_b happened⟧');
    expect(text).not.toMatch(/OMITTED.*template/);
  });
});
