import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { BaselineLookup, WindowRevision } from '../../../src/contracts.ts';
import { renderText } from '../../../src/core/window/render.ts';
import { ageText, grouped, powerText, seriesText } from '../../../src/core/window/render-words.ts';
import {
  assembler,
  at,
  bucket,
  countTokens,
  deploy,
  FixtureTemplates,
  finding,
  quiet,
  STEADY,
  STEP_MS,
  type TemplateSpec,
} from './fixtures.ts';
import { runStory, storyAssembler } from './story.ts';

/** Compares with test/golden/window/NAME.txt; `UPDATE_GOLDEN=1` rewrites it. The diff is the review. */
function checkGolden(name: string, text: string): void {
  const path = new URL(`../../golden/window/${name}.txt`, import.meta.url);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(path, `${text}\n`);
  expect(`${text}\n`).toBe(readFileSync(path, 'utf8'));
}

/** One pod of ten writes a stack trace that nobody wrote before, three minutes after a deploy. */
function podWindow(): WindowRevision {
  const templates = new FixtureTemplates({ t_trace: 'TypeError: cannot read <word> of undefined' });
  const target = assembler({ templates, kafkaSources: ['kafka'] });
  const pods = Array.from({ length: 10 }, (_, i): [string, number] => [`web-${i}`, 60]);
  const usual: TemplateSpec = {
    service: 'web',
    templateId: 't_get',
    records: 600,
    instances: pods,
    versions: [['1.4.0', 600]],
  };
  quiet(target, at('09:50:00'), at('09:57:00'), [usual]);
  target.observe(bucket(at('09:57:00'), [usual], { late: 7 }), {
    findings: [],
    changes: [deploy('web', '1.3.9', '1.4.0', at('09:57:02'))],
  });
  quiet(target, at('09:57:10'), at('10:00:00'), [usual]);
  const stack = [
    'TypeError: cannot read id of undefined',
    '    at Object.get (/app/node_modules/lodash/get.js:12:3)',
    '    at async Cart.total (/app/src/cart/total.ts:88:11)',
    '    at run (node:internal/process/task_queues:95:5)',
  ].join('\n');
  const revisions: WindowRevision[] = [];
  for (let i = 0; i < 8; i++) {
    const startMs = at('10:00:00') + i * STEP_MS;
    const lines = [0, 1, 2].map((n) => ({
      body: stack,
      atMs: startMs + 400 + n,
      instance: 'web-3',
      version: '1.4.0',
    }));
    const broken: TemplateSpec = {
      service: 'web',
      templateId: 't_trace',
      records: 12,
      severity: 3,
      lines,
      instances: [['web-3', 12]],
      versions: [['1.4.0', 12]],
    };
    const raised = i === 0 ? [finding('web', 'new', 't_trace', startMs + 400, { observed: 12 })] : [];
    revisions.push(...target.observe(bucket(startMs, [usual, broken]), { findings: raised, changes: [] }));
  }
  return target.finish()[0]!;
}

/** A service falls silent as a whole; only its caller still speaks of it. */
function silentService(): WindowRevision {
  const baselines: BaselineLookup = {
    ...STEADY,
    isWarm: () => false,
    trafficIndex: (key) => (key.includes('ledger') ? 0.02 : 0.99),
  };
  const target = assembler({
    baselines,
    templates: new FixtureTemplates({ t_wait: 'still waiting for ledger after <num>s' }),
  });
  const others: TemplateSpec[] = ['cart', 'mail', 'search'].map((service) => ({
    service,
    templateId: 't_ok',
    records: 9,
  }));
  quiet(target, at('12:00:00'), at('12:08:00'), [
    ...others,
    { service: 'ledger', templateId: 't_post', records: 40 },
  ]);
  const revisions: WindowRevision[] = [];
  for (let i = 0; i < 12; i++) {
    const startMs = at('12:08:00') + i * STEP_MS;
    const lines = [
      {
        body: `still waiting for ledger after ${5 + i}s`,
        atMs: startMs + 50,
        traceId: '5b8efff798038103d269b633813fc60c',
      },
    ];
    const caller: TemplateSpec = { service: 'cart', templateId: 't_wait', records: 1, severity: 2, lines };
    const test = { method: 'nb_zero_run', log10P: -8.2, log10Alpha: -6.1, explain: '' } as const;
    const numbers = {
      severity: 1 as const,
      observed: 0,
      expected: 240,
      baselinePerMin: 240,
      lastSeenMs: at('12:07:59'),
      onsetUncertaintyMs: 15_000,
    };
    const raised = i === 6 ? [finding('ledger', 'silence', null, at('12:08:00'), { ...numbers, test })] : [];
    revisions.push(
      ...target.observe(bucket(startMs, [...others, caller]), { findings: raised, changes: [] }),
    );
  }
  return revisions[0]!;
}

describe('the text for a model', () => {
  it('of refused connections and the 504s after them', () => {
    const target = storyAssembler();
    checkGolden('refused-connections', renderText(runStory(target).at(-1)!.event, { countTokens }));
  });

  it('of one pod of ten after a deploy names the pod, the deploy and the first app frame', () => {
    const text = renderText(podWindow().event, { countTokens });
    expect(text).toContain('service.instance.id=⟦web-3⟧ 100% here vs 12% of service');
    expect(text).toContain('first app frame: ⟦Cart.total /app/src/cart/total.ts:88⟧ (1 library frame above)');
    checkGolden('one-pod', text);
  });

  it('of a silent service carries the line of its caller', () => {
    const text = renderText(silentService().event, { countTokens });
    expect(text).toContain('from cart trace 5b8efff7…fc60c ⟦still waiting for ledger after 11s⟧');
    checkGolden('silent-service', text);
  });

  it('never explains: no word for a cause, with or without a deploy before it', () => {
    for (const revision of [runStory(storyAssembler()).at(-1)!, podWindow(), silentService()]) {
      const text = renderText(revision.event, { countTokens })
        .replace('order is not cause', '')
        .replace(/⟦[^⟦⟧]*⟧/g, '');
      expect(text).not.toMatch(
        /\b(?:because|caused?|due to|root|blame|culprit|result(?:s|ed)? (?:of|in)|led to|triggered?|fault of)\b/i,
      );
    }
  });

  it('leaves out the ask on request', () => {
    const text = renderText(podWindow().event, { countTokens, ask: false });
    expect(text).not.toContain('ASK');
    expect(text).toContain('RECAP');
  });

  it('keeps to any budget that holds its fixed parts, and counts each cut', () => {
    const target = assembler();
    const specs: TemplateSpec[] = [];
    const findings = [];
    for (let i = 0; i < 20; i++) {
      const atMs = at('02:40:00') + i;
      const body = `step ${'x'.repeat(i)} of the long and winding job failed in the ${i}th attempt, giving up after a while`;
      specs.push({ service: 'jobs', templateId: `t_${i}`, records: 2, severity: 3, lines: [{ body, atMs }] });
      findings.push(
        finding('jobs', 'new', `t_${i}`, atMs, {
          score: i,
          test: { method: 'good_turing_novelty', bits: i, explain: '' },
        }),
      );
    }
    const { event } = target.observe(bucket(at('02:40:00'), specs), { findings, changes: [] })[0]!;
    for (const maxTokens of [500, 600, 700, 900, 1100, 2000]) {
      const text = renderText(event, { countTokens, maxTokens });
      expect(countTokens(text)).toBeLessThanOrEqual(maxTokens);
      const shown = text.split('\n').filter((line) => /^F\d+ /.test(line)).length;
      const cut = Number(/OMITTED {2}(\d+) findings?/.exec(text)?.[1] ?? 0);
      expect(shown + cut).toBe(20);
    }
  });

  it('gives more than eight findings one line each after the fourth, the first sign and the strongest in full', () => {
    const target = assembler();
    const specs: TemplateSpec[] = [];
    const findings = [];
    for (let i = 0; i < 10; i++) {
      const atMs = at('02:40:00') + i;
      specs.push({
        service: 'jobs',
        templateId: `t_${i}`,
        records: 1,
        severity: 3,
        lines: [{ body: `job ${i}`, atMs }],
      });
      findings.push(
        finding('jobs', 'new', `t_${i}`, atMs, {
          score: i,
          test: { method: 'good_turing_novelty', bits: i, explain: '' },
        }),
      );
    }
    const { event } = target.observe(bucket(at('02:40:00'), specs), { findings, changes: [] })[0]!;
    const text = renderText(event, { countTokens });
    const exemplars = [...text.matchAll(/^ {3}E(\d+)/gm)].map((match) => Number(match[1]));
    expect(exemplars).toEqual([1, 8, 9, 10]);
    expect(text.match(/^F\d+ /gm)).toHaveLength(10);
  });
});

describe('words of the text', () => {
  it('folds runs of minutes and shows unknown ones', () => {
    expect(seriesText([0, 0, 0, 0, 611, 1287, 1287, null])).toBe('0×4 611 1287 1287 –');
  });
  it('writes small probabilities as powers', () => {
    expect([-15, -6.8, -0.3, -300.5].map(powerText)).toEqual(['1e-15', '1.6e-7', '5e-1', '3.2e-301']);
  });
  it('writes ages in two units at most', () => {
    expect([5, 60, 344, 7_200, 86_400, 1_209_600].map(ageText)).toEqual([
      '5s',
      '1m',
      '5m44s',
      '2h',
      '24h',
      '14d',
    ]);
  });
  it('groups thousands', () => {
    expect([0, 999, 1000, 184_223, 12_345_678].map(grouped)).toEqual([
      '0',
      '999',
      '1,000',
      '184,223',
      '12,345,678',
    ]);
  });
});
