import { describe, expect, it } from 'vitest';
import type { BaselineLookup, Finding, WindowRevision } from '../../../src/contracts.ts';
import { renderText } from '../../../src/core/window/render.ts';
import { firstSign } from '../../../src/core/window/render-priority.ts';
import {
  assembler,
  at,
  bucket,
  countTokens,
  dataOf,
  FixtureTemplates,
  finding,
  quiet,
  STEADY,
  STEP_MS,
  type TemplateSpec,
} from './fixtures.ts';

const START = at('02:40:00');

function line(
  service: string,
  templateId: string,
  atMs: number,
  body = `${templateId} failed`,
): TemplateSpec {
  return { service, templateId, records: 2, severity: 3, lines: [{ body, atMs }] };
}

function text(revision: WindowRevision | undefined): string {
  return renderText(revision!.event, { countTokens });
}

describe('the age of a baseline', () => {
  const baselines: BaselineLookup = {
    ...STEADY,
    firstSeenMs: (key) => START - (key.includes('young') ? 20 : 50) * 60_000,
  };

  it('is that of the finding’s own service at its onset, and does not grow with later revisions', () => {
    const target = assembler({ baselines });
    const specs = [line('old', 't_1', START), line('young', 't_2', START, 'call to old failed')];
    const raised = [finding('old', 'new', 't_1', START), finding('young', 'new', 't_2', START)];
    const [first] = target.observe(bucket(START, specs), { findings: raised, changes: [] });
    const closed = quiet(target, START + STEP_MS, START + 40 * 60_000, specs).at(-1)!;
    expect(closed.status).toBe('closed');
    for (const revision of [first!, closed]) {
      const { findings, coverage } = dataOf(revision);
      expect(findings.map((one) => [one['service.name'], one.count.baseline_s])).toEqual([
        ['old', 3_000],
        ['young', 1_200],
      ]);
      expect(coverage.baseline_age_s).toBe(1_200);
      expect(text(revision)).toContain('before 0 in 50m →');
      expect(text(revision)).toContain('before 0 in 20m →');
      expect(text(revision)).toContain('baseline 20m at onset');
    }
  });

  it('stays that of revision 1 when a younger service joins', () => {
    const target = assembler({ baselines });
    const [first] = target.observe(bucket(START, [line('old', 't_1', START)]), {
      findings: [finding('old', 'new', 't_1', START)],
      changes: [],
    });
    const later = START + STEP_MS;
    const [second] = target.observe(bucket(later, [line('young', 't_2', later, 'call to old failed')]), {
      findings: [finding('young', 'new', 't_2', later)],
      changes: [],
    });
    expect([first, second].map((one) => dataOf(one!).coverage.baseline_age_s)).toEqual([3_000, 3_000]);
    expect(dataOf(second!).findings[1]!.count.baseline_s).toBe(1_210);
  });
});

describe('the first sign', () => {
  /** A first WARN, then ever worse and stronger lines with long bodies. */
  function crowd(n: number, gapMs = 1): WindowRevision {
    const texts: Record<string, string> = {};
    const specs: TemplateSpec[] = [];
    const findings: Finding[] = [];
    for (let i = 0; i < n; i++) {
      const body = `step ${'x'.repeat(i)} ${'of the long and winding job '.repeat(7)} failed`;
      texts[`t_${i}`] = body;
      specs.push(line('jobs', `t_${i}`, START + i * gapMs, body));
      const test = { method: 'good_turing_novelty', bits: i, explain: '' } as const;
      findings.push(
        finding('jobs', 'new', `t_${i}`, START + i * gapMs, { score: i, severity: i === 0 ? 2 : 3, test }),
      );
    }
    const templates = new FixtureTemplates(texts);
    return assembler({ templates }).observe(bucket(START, specs), { findings, changes: [] })[0]!;
  }

  it.each([3, 8, 9, 20, 32])('of %i findings comes with its example, whatever the budget', (n) => {
    const { event } = crowd(n);
    for (const maxTokens of [560, 600, 700, 900, 1_100]) {
      const told = renderText(event, { countTokens, maxTokens });
      expect(told, `${maxTokens} tokens`).toMatch(/^ {3}E1 /m);
      expect(told).toContain('RECAP  first sign F1 ');
      expect(countTokens(told)).toBeLessThanOrEqual(maxTokens);
    }
  });

  it('of findings with one onset is the same in RECAP and among those with an example', () => {
    // Equal in all but the length of their lines: by reference the short one leads, by priority a long one.
    const specs = Array.from({ length: 12 }, (_, i) =>
      line('jobs', `t_${i + 10}`, START, `${'long line '.repeat(i)}${i}`),
    );
    const templates = new FixtureTemplates(
      Object.fromEntries(specs.map(({ templateId, lines }) => [templateId, lines![0]!.body])),
    );
    const findings = specs.map(({ templateId }) => finding('jobs', 'new', templateId, START));
    const [revision] = assembler({ templates }).observe(bucket(START, specs), { findings, changes: [] });
    const told = text(revision);
    const ref = /RECAP {2}first sign (F\d+) /.exec(told)?.[1];
    expect(told).toMatch(new RegExp(`^${ref} .*\n(?: {3}.*\n)* {3}E\\d+ `, 'm'));
  });

  it('is called neither the most severe nor less severe than an equal', () => {
    expect(text(crowd(3))).toContain('first sign F1 02:40:00 · most severe F3');
    const specs = [line('jobs', 't_1', START), line('jobs', 't_2', START + 1)];
    const [revision] = assembler().observe(bucket(START, specs), {
      findings: [1, 2].map((i) => {
        const test = { method: 'good_turing_novelty', bits: 10 * i, explain: '' } as const;
        return finding('jobs', 'new', `t_${i}`, START + i, { score: i, test });
      }),
      changes: [],
    });
    expect(text(revision)).toContain('first sign F1 02:40:00 · strongest F2');
  });

  it('is the same in RECAP as among the findings: the earliest at WARN and above', () => {
    const specs = [line('jobs', 't_info', START), line('jobs', 't_error', START + 900)];
    const [revision] = assembler().observe(bucket(START, specs), {
      findings: [
        finding('jobs', 'spike', 't_info', START, { severity: 1 }),
        finding('jobs', 'new', 't_error', START + 900),
      ],
      changes: [],
    });
    const { ref } = firstSign(dataOf(revision!).findings)!;
    expect(text(revision)).toContain(`RECAP  first sign ${ref} 02:40:00`);
    expect(dataOf(revision!).findings.find((one) => one.ref === ref)?.template_id).toBe('t_error');
  });

  it('is in a storm’s event beside the first evidence, however weak both are', () => {
    const specs: TemplateSpec[] = [];
    const findings: Finding[] = [];
    for (let i = 0; i < 20; i++) {
      specs.push(line(`svc${i}x`, `t_${i}`, START + i));
      const severity = i === 0 ? 1 : i === 1 ? 2 : 3;
      findings.push(finding(`svc${i}x`, 'new', `t_${i}`, START + i, { severity, score: i }));
    }
    const [storm] = assembler().observe(bucket(START, specs), { findings, changes: [] });
    expect(dataOf(storm!).storm).toBeDefined();
    const shown = dataOf(storm!).findings.map((one) => one.template_id);
    expect(shown).toEqual(expect.arrayContaining(['t_0', 't_1']));
    expect(text(storm)).toMatch(/ {3}E\d+ 02:40:00.001 ⟦t_1 failed⟧/);
  });
});

describe('examples and the end of the evidence', () => {
  it('no example lies after the last evidence', () => {
    const lines = [{ body: 'queue is long', atMs: START + 9_000 }];
    const specs: TemplateSpec[] = [{ service: 'jobs', templateId: 't_1', records: 9, severity: 2, lines }];
    const spike = finding('jobs', 'spike', 't_1', START - 60_000, { lastSeenMs: START - 20_000 });
    const [revision] = assembler().observe(bucket(START, specs), { findings: [spike], changes: [] });
    expect(dataOf(revision!).findings[0]!.exemplars![0]!.time).toBe('2026-11-21T02:40:09Z');
    expect(dataOf(revision!).time.end).toBe('2026-11-21T02:40:09Z');
  });

  it('records from the onset on are shown before earlier ones of the same bucket', () => {
    const lines = [
      { body: 'usual line', atMs: START + 1_000 },
      { body: 'usual line', atMs: START + 2_000 },
      { body: 'line at the onset', atMs: START + 6_000 },
    ];
    const specs: TemplateSpec[] = [{ service: 'jobs', templateId: 't_1', records: 9, lines }];
    const spike = finding('jobs', 'spike', 't_1', START + 5_000, { lastSeenMs: START + 6_000 });
    const [revision] = assembler().observe(bucket(START, specs), { findings: [spike], changes: [] });
    const bodies = dataOf(revision!).findings[0]!.exemplars!.map(({ body }) => body);
    expect(bodies).toEqual(['line at the onset', 'usual line']);
  });
});

describe('the words of a window', () => {
  function one(more: Partial<Finding>): WindowRevision {
    const specs = [line('jobs', 't_1', START)];
    const raised = [finding('jobs', 'new', 't_1', START, more)];
    return assembler().observe(bucket(START, specs), { findings: raised, changes: [] })[0]!;
  }

  it('tell no threshold where there is none', () => {
    const test = { method: 'dormant', bits: 8.2, explain: '' } as const;
    expect(text(one({ test: { ...test, thresholdBits: 0 } }))).toContain('novelty 8.2 bits ·');
    expect(text(one({ test: { ...test, thresholdBits: 5 } }))).toContain('novelty 8.2 bits (flag ≥5)');
  });

  it('keep total and ratio apart, and references in order', () => {
    const raised = [9, 3].map((score, i) =>
      finding('jobs', 'spike', `t_${i}`, START + i, { score, observed: 40, expected: 4 }),
    );
    const alone = assembler().observe(bucket(START, [line('jobs', 't_0', START)]), {
      findings: raised.slice(0, 1),
      changes: [],
    });
    expect(text(alone[0])).toContain('F1 SPIKE ERROR jobs ×2, x10 when raised\n');
    const target = assembler();
    const specs = [line('jobs', 't_0', START), line('jobs', 't_1', START)];
    target.observe(bucket(START, specs), { findings: raised.slice(1), changes: [] });
    const [both] = target.observe(bucket(START + STEP_MS, specs), {
      findings: raised.slice(0, 1),
      changes: [],
    });
    const [last] = both === undefined ? target.finish() : [both];
    expect(text(last)).toContain('F1 F2 SPIKE ERROR jobs ×');
  });

  it('name no instances as touched by what is missing: those that still write are not they', () => {
    const target = assembler();
    const specs = [{ ...line('jobs', 't_1', START), instances: [['j-1', 2]] } as const];
    const found = (['drop', 'silence'] as const).map((kind, i) =>
      finding('jobs', kind, 't_1', START + i, { observed: 2, expected: 90, baselinePerMin: 90 }),
    );
    target.observe(bucket(START, specs), { findings: found, changes: [] });
    const after = [{ ...line('jobs', 't_1', START + STEP_MS), instances: [['j-1', 2]] } as const];
    target.observe(bucket(START + STEP_MS, after), { findings: [], changes: [] });
    const [last] = target.finish();
    for (const one of dataOf(last!).findings) {
      expect(one.count.instances).toBeUndefined();
      expect(one.attributes).toBeUndefined();
    }
    expect(text(last)).toContain('→ 0 from 02:40:00 when raised (last record 02:40:10)');
  });

  it('say when traffic was as usual, and promise only what is stored', () => {
    const told = text(one({}));
    expect(told).toContain('UNCHANGED  traffic after onset: jobs ×1.02');
    expect(told).toContain('OMITTED  counted only: 1 more record\n');
    expect(told).not.toContain('get_window');
  });
});
