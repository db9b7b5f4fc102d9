import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  AnyStateRow,
  Judgement,
  MinedBucket,
  SeverityClass,
  SeverityCounts,
  TemplateChange,
} from '../../../src/contracts.ts';
import { readTemplates } from '../../../src/core/detect/block-bytes.ts';
import { Detectors } from '../../../src/core/detect/detectors.ts';
import { TemplateRows } from '../../../src/core/detect/template-rows.ts';
import { brief, HOUR, judgeAll, MINUTE, type Plan, START_MS, steady, stream } from './feed.ts';

/** A stream with a bit of everything: faults of rate, novelty, versions, a service that stops, overflow, a merge. */
function eventful(seed: number): MinedBucket[] {
  const at = 4 * HOUR;
  const plans: Plan[] = [
    ...steady('shop', 8, 6).map((plan) => ({ ...plan, version: (i: number) => (i < at + HOUR ? '1' : '2') })),
    ...steady('db', 4, 3).map((plan) => ({ ...plan, perMinute: (i: number) => (i < at ? 3 : 0) })),
    { service: 'shop', templateId: 't_spike', perMinute: (i) => (i > at && i < at + 50 ? 60 : 6) },
    { service: 'shop', templateId: 't_stop', perMinute: (i) => (i > at + 100 ? 0 : 8) },
    { service: 'shop', templateId: 't_sparse', perMinute: (i) => (i > at ? 4 : 0.25) },
    { service: 'shop', templateId: 't_warn', severity: 2, exactly: (i) => (i === at + 70 ? 1 : 0) },
    ...Array.from({ length: 12 }, (_, k) => ({
      service: 'db',
      templateId: `t_err_${k}`,
      severity: 3 as const,
      exactly: (i: number) => (i === at - 200 ? 1 + k : 0),
    })),
    // Rows of 64: those that stop fill one, so that what their absence changes is all that changes there.
    ...Array.from({ length: 140 }, (_, k) => ({
      service: 'batch',
      templateId: `t_batch_${100 + k}`,
      // One comes later than the other that it is one with.
      perMinute: (i: number) => {
        if (i <= 1) return i === (k === 50 ? 1 : 0) ? 60 : 0;
        return i > at + 100 && ((k > 64 && k <= 128) || k === 2) ? 0 : 3;
      },
    })),
  ];
  const merge: TemplateChange = {
    service: 'default||batch',
    change: 'merged',
    templateId: 't_batch_102',
    into: 't_batch_150',
  };
  const evict: TemplateChange = { service: 'default||shop', change: 'evicted', templateId: 't_stop' };
  return stream({
    plans,
    buckets: at + 2 * HOUR,
    seed,
    changes: (i) => (i === at + 1.5 * HOUR ? [merge] : i === at + HOUR / 2 ? [evict] : []),
  });
}

/** State as a store keeps it: the latest row per table and key. */
class Rows {
  readonly #rows = new Map<string, AnyStateRow>();

  take(detectors: Detectors): void {
    for (const row of detectors.takeChanges()) {
      const key = `${row.table}\n${row.key}`;
      if (row.value === null) this.#rows.delete(key);
      else this.#rows.set(key, row);
    }
  }

  /** In another order than they were written: a store sorts as it likes. */
  all(): AnyStateRow[] {
    return [...this.#rows.values()].sort((x, y) => (x.key > y.key ? -1 : 1));
  }

  text(): string[] {
    return this.all()
      .map(({ table, key, value }) => `${table} ${key} ${value}`)
      .sort();
  }
}

/** With a restart after each bucket but the first ones, and the rows that are stored in the end. */
function judgeWithRestarts(
  buckets: readonly MinedBucket[],
  from = 0,
): { readonly judgements: Judgement[]; readonly rows: Rows } {
  const rows = new Rows();
  let detectors = new Detectors({ falseAlarmBudgetPerDay: 10 });
  const judgements = buckets.map((bucket, i) => {
    const judgement = detectors.judge(bucket);
    if (i < from) return judgement;
    rows.take(detectors);
    detectors = new Detectors({ falseAlarmBudgetPerDay: 10 });
    detectors.load(rows.all());
    return judgement;
  });
  return { judgements, rows };
}

/** The first pair of judgements that differ, byte for byte; null = none. */
function firstDifference(xs: readonly Judgement[], ys: readonly Judgement[]): [string, string] | null {
  for (let i = 0; i < Math.max(xs.length, ys.length); i++) {
    const [x, y] = [JSON.stringify(xs[i]), JSON.stringify(ys[i])];
    if (x !== y) return [`bucket ${i}: ${x}`, `bucket ${i}: ${y}`];
  }
  return null;
}

describe('laws of the detectors', () => {
  it('saving and loading at any bucket gives the same judgements and in the end the same rows', () => {
    const buckets = eventful(5);
    const { judgements: whole, detectors: uninterrupted } = judgeAll(buckets);
    expect(whole.flatMap((judgement) => judgement.findings).length).toBeGreaterThan(8);
    const wholeRows = new Rows();
    wholeRows.take(uninterrupted);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: buckets.length - 1 }), { minLength: 1, maxLength: 4 }),
        (cuts) => {
          const rows = new Rows();
          let detectors = new Detectors({ falseAlarmBudgetPerDay: 10 });
          const judged = buckets.map((bucket, i) => {
            if (cuts.includes(i)) {
              rows.take(detectors);
              detectors = new Detectors({ falseAlarmBudgetPerDay: 10 });
              detectors.load(rows.all());
            } else if (i % 7 === 0) rows.take(detectors);
            return detectors.judge(bucket);
          });
          expect(firstDifference(judged, whole)).toBeNull();
          rows.take(detectors);
          expect(rows.text()).toEqual(wholeRows.text());
        },
      ),
      { numRuns: 6, seed: 11 },
    );
  });

  it('what a dying process leaves told is told, also after a restart', () => {
    const at = 4 * HOUR;
    const deaths = [at + 2 * MINUTE, at + 4 * MINUTE];
    const once = (templateId: string, bucket: number, severity: SeverityClass = 2): Plan => ({
      service: 'shop',
      templateId,
      severity,
      exactly: (i) => (i === bucket ? 1 : 0),
    });
    const plans: Plan[] = [
      ...steady('shop', 8, 6),
      ...steady('db', 1, 1),
      { service: 'shop', templateId: 't_usual', severity: 2, perMinute: () => 2 },
      // Two full blocks with what follows: nothing else is written with the warning when the process dies.
      ...Array.from({ length: 106 }, (_, k) => once(`t_info_${k}`, 5, 1)),
      // So many new warnings that one more is no surprise until the death.
      ...Array.from({ length: 12 }, (_, k) => once(`t_once_${k}`, 3 * HOUR + k * MINUTE)),
      { service: 'shop', templateId: 't_warn', severity: 2, exactly: (i) => (i >= at && i < at + 5 ? 1 : 0) },
      ...deaths.map((death, k) => ({
        service: 'shop',
        templateId: `t_death_${k}`,
        severity: 4 as const,
        exactly: (i: number) => (i === death ? 1 : 0),
      })),
    ];
    const buckets = stream({ plans, buckets: at + 6 * MINUTE });
    const whole = judgeAll(buckets).judgements;
    const toldAt = whole.flatMap(({ findings }, i) =>
      findings.some((finding) => finding.templateId === 't_warn') ? [i] : [],
    );
    expect(toldAt).toEqual([deaths[0]]);
    expect(firstDifference(judgeWithRestarts(buckets).judgements, whole)).toBeNull();
  });

  it('what is collected into one finding, and versions that are compared, are so across restarts', () => {
    const at = 4 * HOUR;
    const version = (i: number): string => (i >= at && i % 4 === 0 ? '2' : '1');
    const plans: Plan[] = [
      ...steady('shop', 8, 6).map((plan) => ({ ...plan, version })),
      // Only the new version logs it from the change on.
      {
        service: 'shop',
        templateId: 't_more',
        version,
        exactly: (i) => (i < at ? 5 : version(i) === '2' ? 10 : 0),
      },
      // Has no record in the bucket in which its finding is told.
      { service: 'db', templateId: 't_query', exactly: (i) => (i % MINUTE === MINUTE - 1 ? 0 : 2) },
      ...Array.from({ length: 12 }, (_, k) => ({
        service: 'db',
        templateId: `t_err_${k}`,
        severity: 3 as const,
        exactly: (i: number) => (i === at ? 1 + k : 0),
      })),
    ];
    const buckets = stream({ plans, buckets: at + HOUR / 2 });
    const whole = judgeAll(buckets);
    const methods = new Set(whole.findings.map(({ test }) => test.method));
    expect([methods.has('overflow'), methods.has('beta_binomial')]).toEqual([true, true]);
    const restarted = judgeWithRestarts(buckets, at - 2);
    expect(firstDifference(restarted.judgements, whole.judgements)).toBeNull();
    const wholeRows = new Rows();
    wholeRows.take(whole.detectors);
    expect(restarted.rows.text()).toEqual(wholeRows.text());
  });

  it('what changes of a service that says nothing is stored, too', () => {
    const at = 4 * HOUR;
    const mergedAt = at + 3 * MINUTE + 1;
    const merge = (name: string, templateId: string, into: string): TemplateChange => {
      return { service: `default||${name}`, change: 'merged', templateId, into };
    };
    const plans: Plan[] = [
      ...steady('shop', 8, 6),
      // Of two that become one in the midst of a minute, one had records in it.
      { service: 'shop', templateId: 't_c', exactly: (i) => (i < mergedAt ? 1 : 0) },
      { service: 'shop', templateId: 't_d', exactly: (i) => (i < at || i >= mergedAt ? 1 : 0) },
      // Two that do not share a row, nor the time of their first record.
      { service: 'db', templateId: 't_a', exactly: (i) => (i < at ? 1 : 0) },
      { service: 'db', templateId: 't_z', exactly: (i) => (i > 0 && i < at ? 1 : 0) },
      ...Array.from({ length: 64 }, (_, k) => ({
        service: 'db',
        templateId: `t_between_${k}`,
        exactly: (i: number) => (i === 0 ? 1 : 0),
      })),
      // So many that some are told together, when there is nothing of the service any more.
      ...Array.from({ length: 12 }, (_, k) => ({
        service: 'cron',
        templateId: `t_err_${k}`,
        severity: 3 as const,
        exactly: (i: number) => (i === at - 1 ? 1 + k : 0),
      })),
    ];
    const merges = [merge('db', 't_a', 't_z'), merge('shop', 't_c', 't_d')];
    const changes = (i: number) => (i === mergedAt ? merges : []);
    const buckets = stream({ plans, buckets: at + 6 * MINUTE, changes });
    const whole = judgeAll(buckets);
    expect(whole.findings.some(({ test }) => test.method === 'overflow')).toBe(true);
    const wholeRows = new Rows();
    wholeRows.take(whole.detectors);
    const restarted = judgeWithRestarts(buckets, at - 2);
    expect(firstDifference(restarted.judgements, whole.judgements)).toBeNull();
    expect(restarted.rows.text()).toEqual(wholeRows.text());
  });

  it('state is written only for what changed', () => {
    const buckets = eventful(5);
    const detectors = new Detectors({ falseAlarmBudgetPerDay: 10 });
    for (const bucket of buckets.slice(0, 3 * HOUR)) detectors.judge(bucket);
    const ids = new Map(
      detectors
        .takeChanges()
        .filter(({ table }) => table === 'detect_template')
        .map(({ key, value }) => [
          key,
          readTemplates(value as Uint8Array, new TemplateRows()).map(({ id }) => id),
        ]),
    );
    expect(detectors.takeChanges().map((row) => row.table)).toEqual(['detect_fleet']);
    const next = buckets[3 * HOUR]!;
    detectors.judge(next);
    const seen = new Set(next.services.flatMap((s) => s.templates.map((t) => t.templateId)));
    const rows = detectors.takeChanges();
    const services = next.services.map((s) => s.service.key);
    for (const table of ['detect_service_numbers', 'detect_template_numbers'])
      expect(rows.filter((row) => row.table === table).length).toBeGreaterThan(0);
    // The bucket begins a minute: no rate and no series of a service was judged. No template came or went.
    const tables = ['detect_fleet', 'detect_service_numbers', 'detect_template_numbers'];
    for (const { table, key, value } of rows) {
      expect(tables).toContain(table);
      if (table === 'detect_service_numbers') expect(services).toContain(key);
      if (typeof value === 'string') expect(value).not.toMatch(/NaN|Infinity/);
      if (table === 'detect_template_numbers') expect(ids.get(key)!.some((id) => seen.has(id))).toBe(true);
    }
  });

  it('neither the order of services nor of templates within a bucket matters', () => {
    const buckets = eventful(6);
    const reversed = buckets.map((bucket) => ({
      ...bucket,
      services: bucket.services.map((s) => ({ ...s, templates: [...s.templates].reverse() })).reverse(),
    }));
    expect(firstDifference(judgeAll(reversed).judgements, judgeAll(buckets).judgements)).toBeNull();
  });

  it('censored absence is missing data: no silence and no drop', () => {
    const at = 4 * HOUR;
    const plans: Plan[] = [
      ...steady('shop', 6, 6),
      { service: 'shop', templateId: 't_stop', severity: 2, perMinute: (i) => (i < at ? 20 : 0) },
    ];
    const warn: SeverityCounts = [0, 0, 5, 0, 0];
    const none: SeverityCounts = [0, 0, 0, 0, 0];
    const censored = stream({ plans, buckets: at + HOUR, censored: (i) => (i >= at ? warn : none) });
    expect(brief(judgeAll(censored).findings)).toEqual([]);
    expect(brief(judgeAll(stream({ plans, buckets: at + HOUR })).findings)).toEqual([
      'silence shop/t_stop nb_zero_run',
    ]);
  });

  it('a gap of more than an hour without any bucket is missing data, a shorter one is zeros', () => {
    const at = 4 * HOUR;
    const plans = [...steady('shop', 6, 6), ...steady('db', 6, 6)];
    const gap = (buckets: number) =>
      judgeAll(stream({ plans, buckets: at + 4 * HOUR, missing: (i) => i >= at && i < at + buckets }))
        .findings;
    expect(brief(gap(3 * HOUR))).toEqual([]);
    expect(brief(gap(HOUR / 2))).toEqual(['silence db/* nb_zero_run', 'silence shop/* nb_zero_run']);
  });

  it('a merged template goes on at the sum of the rates, without spike, silence or novelty', () => {
    const at = 4 * HOUR;
    const plans: Plan[] = [
      ...steady('shop', 6, 6),
      { service: 'shop', templateId: 't_a', perMinute: (i) => (i < at ? 12 : 0) },
      { service: 'shop', templateId: 't_b', perMinute: (i) => (i < at ? 15 : 27) },
    ];
    const merge = (i: number) =>
      i === at
        ? [{ service: 'default||shop', change: 'merged' as const, templateId: 't_a', into: 't_b' }]
        : [];
    const merged = judgeAll(stream({ plans, buckets: at + HOUR, changes: merge }));
    expect(brief(merged.findings)).toEqual([]);
    expect(merged.detectors.templatesTested).toBe(7);
    const baseline = merged.detectors.baselinePerMin('default||shop', 't_b')!;
    expect(baseline).toBeGreaterThan(20);
    expect(baseline).toBeLessThan(34);
    const apart = judgeAll(stream({ plans, buckets: at + HOUR }));
    expect(brief(apart.findings)).toContain('silence shop/t_a nb_zero_run');
  });

  it('an evicted template that returns is not new', () => {
    const at = 4 * HOUR;
    const plans: Plan[] = [
      ...steady('shop', 6, 6),
      { service: 'shop', templateId: 't_w', severity: 2, exactly: (i) => (i === 10 || i === at ? 1 : 0) },
    ];
    const evict = (i: number) =>
      i === HOUR ? [{ service: 'default||shop', change: 'evicted' as const, templateId: 't_w' }] : [];
    expect(brief(judgeAll(stream({ plans, buckets: at + HOUR / 4, changes: evict })).findings)).toEqual([]);
  });

  it('templates and services held stay within their bounds', () => {
    const plans: Plan[] = Array.from({ length: 900 }, (_, k) => ({
      service: `s${k % 30}`,
      templateId: `t_${k}`,
      exactly: (i: number) => (i === k ? 1 : 0),
    }));
    const { detectors } = judgeAll(stream({ plans, buckets: 900 }), { templatesMax: 100, servicesMax: 20 });
    expect(detectors.templatesTested).toBeLessThanOrEqual(100);
    expect(detectors.templatesTested).toBeGreaterThan(10);
    const rows = new Rows();
    rows.take(detectors);
    expect(rows.all().filter((row) => row.table === 'detect_service').length).toBeLessThanOrEqual(20);
  });

  it('findings of one bucket come in order of severity, then strength', () => {
    for (const { findings } of judgeAll(eventful(5)).judgements) {
      for (let i = 1; i < findings.length; i++) {
        const [x, y] = [findings[i - 1]!, findings[i]!];
        expect(x.severity > y.severity || (x.severity === y.severity && x.score >= y.score)).toBe(true);
      }
    }
    expect(START_MS % 60_000).toBe(0);
    expect(MINUTE).toBe(6);
  });
});
