import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnyStateRow, WindowRevision } from '../../../src/contracts.ts';
import type { WindowAssembler } from '../../../src/core/window/assembler.ts';
import {
  assembler,
  at,
  bucket,
  dataOf,
  eventOf,
  finding,
  quiet,
  STEP_MS,
  serviceRef,
  T0,
  type TemplateSpec,
} from './fixtures.ts';
import { observeStory, runStory, storyAssembler } from './story.ts';

const END = at('02:44:00');

/** Latest row per key, as a store would give them back. */
class Rows {
  readonly #rows = new Map<string, AnyStateRow>();

  take(target: WindowAssembler): void {
    for (const row of target.takeChanges()) {
      const key = `${row.table}\u0000${row.key}`;
      if (row.value === null) this.#rows.delete(key);
      else this.#rows.set(key, row);
    }
  }

  all(): AnyStateRow[] {
    return [...this.#rows.values()].reverse();
  }
}

describe('a window over its life', () => {
  it('opens in the bucket of its first finding, is revised when another service joins, and says so', () => {
    const revisions = runStory(storyAssembler()).filter((revision) =>
      revision.services.includes('payments-internal'),
    );
    expect(revisions.map(({ revision, status }) => [revision, status])).toEqual([
      [1, 'open'],
      [2, 'updated'],
      [3, 'updated'],
    ]);
    expect(revisions[0]!.watermarkMs).toBe(at('02:39:25'));
    expect(revisions[1]!.services).toEqual(['payments-internal', 'orders']);
    expect(eventOf(revisions[1]!).type).toBe('dev.winnow.window.updated.v1');
  });

  it('keeps its ids, subject and references while findings join', () => {
    const revisions = runStory(storyAssembler()).filter((revision) =>
      revision.services.includes('payments-internal'),
    );
    for (const pick of [
      (r: WindowRevision) => r.windowId,
      (r: WindowRevision) => r.fingerprint,
      (r: WindowRevision) => r.episodeId,
      (r: WindowRevision) => eventOf(r).partitionkey,
      (r: WindowRevision) => JSON.stringify(dataOf(r).findings[0]?.ref),
      (r: WindowRevision) => JSON.stringify(dataOf(r).findings[0]?.exemplars?.[0]),
    ]) {
      expect(new Set(revisions.map(pick)).size).toBe(1);
    }
  });

  it('counts what was there before the finding, so that a reader sees the change', () => {
    const last = runStory(storyAssembler()).findLast((revision) => revision.services.includes('orders'))!;
    const silence = dataOf(last).findings.find((one) => one.kind === 'silence')!;
    expect(silence.count.per_min?.slice(0, 6)).toEqual([402, 402, 402, 402, 402, 67 + 5]);
    const refused = dataOf(last).findings.find((one) => one.kind === 'new')!;
    expect(refused.count.window).toBe(
      dataOf(last).findings[0]!.count.per_min!.reduce((n: number, one) => n + (one ?? 0), 0),
    );
  });

  it('closes after 30 minutes without a finding, though its template goes on', () => {
    const target = storyAssembler();
    runStory(target);
    const noise: TemplateSpec[] = [
      { service: 'payments-internal', templateId: 't_refused', records: 3, severity: 3 },
    ];
    const revisions = quiet(target, END, END + 40 * 60_000, noise).filter((r) =>
      r.services.includes('orders'),
    );
    expect(revisions.map((revision) => revision.status)).toEqual(['closed']);
    expect(revisions[0]!.watermarkMs).toBe(at('02:41:45') + 30 * 60_000);
    expect(target.finish()).toEqual([]);
  });

  it('ends its time with the last evidence, not with the last line of a template that goes on', () => {
    const target = assembler();
    const specs: TemplateSpec[] = [{ service: 'orders', templateId: 't_1', records: 9 }];
    const spike = finding('orders', 'spike', 't_1', at('02:40:03'), { lastSeenMs: at('02:40:09') });
    target.observe(bucket(at('02:40:00'), specs), { findings: [spike], changes: [] });
    const closed = quiet(target, at('02:40:10'), at('03:20:00'), specs).at(-1)!;
    expect(dataOf(closed).time.end).toBe('2026-11-21T02:40:09Z');
  });

  it('waits with findings that change neither severity nor services', () => {
    const target = assembler();
    const emitted: [number, string][] = [];
    for (let i = 0; i < 24; i++) {
      const startMs = at('02:40:00') + i * STEP_MS;
      const templateId = `t_${i}`;
      const specs: TemplateSpec[] = [{ service: 'orders', templateId, records: 1, severity: 3 }];
      const raised = [finding('orders', 'new', templateId, startMs)];
      for (const one of target.observe(bucket(startMs, specs), { findings: raised, changes: [] })) {
        emitted.push([one.revision, new Date(one.watermarkMs).toISOString().slice(14, 19)]);
      }
    }
    expect(emitted).toEqual([
      [1, '40:15'],
      [2, '41:15'],
      [3, '43:15'],
    ]);
  });

  it('at the end of the input shows the final counts of what is still open', () => {
    const target = storyAssembler();
    runStory(target, T0, at('02:39:20'));
    observeStory(target, at('02:39:20'));
    const last = target.finish();
    const refused = last
      .map(dataOf)
      .flatMap((data) => data.findings)
      .find((one) => one.kind === 'new')!;
    expect(refused.count.window).toBe(408);
    expect(last.map((revision) => revision.status)).toContain('updated');
  });

  it('follows a template that is merged into another', () => {
    const target = assembler();
    const specs = (templateId: string): TemplateSpec[] => [
      { service: 'orders', templateId, records: 2, severity: 3 },
    ];
    const start = at('02:40:00');
    target.observe(bucket(start, specs('t_a')), {
      findings: [finding('orders', 'new', 't_a', start)],
      changes: [],
    });
    const merge = {
      service: serviceRef('orders').key,
      change: 'merged',
      templateId: 't_a',
      into: 't_b',
    } as const;
    target.observe(bucket(start + STEP_MS, specs('t_b'), { changes: [merge] }), {
      findings: [],
      changes: [],
    });
    const [last] = target.finish();
    expect(dataOf(last!).findings[0]?.template_id).toBe('t_b');
    expect(dataOf(last!).findings[0]?.count.window).toBe(4);
  });

  it('takes a spike of a new line as news of the same finding', () => {
    const target = assembler();
    const specs: TemplateSpec[] = [{ service: 'orders', templateId: 't_a', records: 2, severity: 3 }];
    const start = at('02:40:00');
    const raised = [finding('orders', 'spike', 't_a', start + STEP_MS, { score: 99 })];
    target.observe(bucket(start, specs), { findings: [finding('orders', 'new', 't_a', start)], changes: [] });
    target.observe(bucket(start + STEP_MS, specs), { findings: raised, changes: [] });
    const findings = target.finish().flatMap((revision) => dataOf(revision).findings);
    expect(findings.map((one) => one.kind)).toEqual(['new']);
  });
});

describe('lines beside a finding', () => {
  it('a service whose only finding says little comes with what else it wrote at WARN and above', () => {
    const start = at('02:40:00');
    const line = (body: string) => [{ body, atMs: start + 5 }];
    const specs: TemplateSpec[] = [
      { service: 'web', templateId: 't_empty', records: 1, severity: 3, lines: line('resource') },
      { service: 'web', templateId: 't_told', records: 1, severity: 3, lines: line('KeyError: n_agents') },
      { service: 'web', templateId: 't_info', records: 9, severity: 1, lines: line('GET / 200') },
    ];
    const raised = [finding('web', 'new', 't_empty', start + 5)];
    const [one] = assembler().observe(bucket(start, specs), { findings: raised, changes: [] });
    const exemplars = dataOf(one!).findings[0]!.exemplars!;
    expect(exemplars.map(({ body, near_template_id }) => [body, near_template_id])).toEqual([
      ['resource', undefined],
      ['KeyError: n_agents', 't_told'],
    ]);
  });
});

describe('the same input', () => {
  it('gives the same revisions, byte for byte', () => {
    expect(JSON.stringify(runStory(storyAssembler()))).toBe(JSON.stringify(runStory(storyAssembler())));
  });

  it('gives the same revisions when the state is saved and loaded before any bucket', () => {
    const whole = storyAssembler();
    const want = JSON.stringify([...runStory(whole), ...whole.finish()]);
    for (let split = T0; split <= END; split += 4 * STEP_MS) {
      const rows = new Rows();
      const first = storyAssembler();
      const before: WindowRevision[] = [];
      for (let start = T0; start < split; start += STEP_MS) {
        before.push(...observeStory(first, start));
        if (start % (3 * STEP_MS) === 0) rows.take(first);
      }
      rows.take(first);
      const second = storyAssembler();
      second.load(structuredClone(rows.all()));
      const after = [...runStory(second, split, END), ...second.finish()];
      expect(JSON.stringify([...before, ...after]), new Date(split).toISOString()).toBe(want);
    }
  });

  it('gives the same window whatever the order of the findings', () => {
    const specs: TemplateSpec[] = ['a', 'b', 'c', 'd'].map((name) => {
      return { service: 'orders', templateId: `t_${name}`, records: 2, severity: 3 };
    });
    const raised = specs.map((spec, i) =>
      finding('orders', 'new', spec.templateId, at('02:40:00') + (i % 2) * 100, { score: i }),
    );
    const run = (order: typeof raised) => {
      return JSON.stringify(
        assembler().observe(bucket(at('02:40:00'), specs), { findings: order, changes: [] }),
      );
    };
    fc.assert(
      fc.property(fc.shuffledSubarray(raised, { minLength: 4, maxLength: 4 }), (order) => {
        expect(run(order)).toBe(run(raised));
      }),
      { seed: 1, numRuns: 50 },
    );
  });

  it('writes nothing when nothing changed', () => {
    const target = storyAssembler();
    runStory(target);
    target.takeChanges();
    expect(target.takeChanges()).toEqual([]);
  });

  it('forgets a closed window and old minutes in the store as well', () => {
    const target = storyAssembler();
    const rows = new Rows();
    runStory(target);
    rows.take(target);
    quiet(target, END, END + 60 * 60_000, [{ service: 'orders', templateId: 't_order', records: 1 }]);
    rows.take(target);
    expect(rows.all().filter(({ table }) => table === 'window_open' || table === 'window_samples')).toEqual(
      [],
    );
    // Twenty minutes, the one service that is left and the names of its templates.
    expect(rows.all().filter((row) => row.table === 'window_ring').length).toBeLessThanOrEqual(22);
  });
});

describe('ranking', () => {
  const raise = (
    findings: Parameters<WindowAssembler['observe']>[1]['findings'],
    lines: Record<string, string>,
  ): WindowRevision => {
    const specs = findings.map((one): TemplateSpec => {
      const body = lines[one.service.name] ?? 'boom';
      return {
        service: one.service.name,
        templateId: one.templateId!,
        records: 1000 * one.score,
        lines: [{ body, atMs: one.onsetMs }],
      };
    });
    return assembler().observe(bucket(at('02:40:00'), specs), { findings, changes: [] })[0]!;
  };

  it('puts the service with the first evidence first, however loud the others are', () => {
    const quietFirst = finding('cinder', 'new', 't_1', at('02:40:01'), { score: 1 });
    const loudLater = finding('nova', 'new', 't_2', at('02:40:02'), { score: 99, severity: 4 });
    expect(raise([loudLater, quietFirst], { nova: 'call to cinder failed' }).services).toEqual([
      'cinder',
      'nova',
    ]);
  });

  it('lets severity, then strength, decide between equal onsets', () => {
    const onset = at('02:40:01');
    const a = finding('aa1', 'new', 't_1', onset, { severity: 2, score: 9 });
    const b = finding('bb1', 'new', 't_2', onset, { severity: 3, score: 1 });
    const c = finding('cc1', 'new', 't_3', onset, { severity: 3, score: 2 });
    expect(raise([a, b, c], { aa1: 'bb1 and cc1', bb1: 'cc1' }).services).toEqual(['cc1', 'bb1', 'aa1']);
  });
});
