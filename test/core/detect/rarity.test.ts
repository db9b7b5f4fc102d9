import { describe, expect, it } from 'vitest';
import { brief, HOUR, judgeAll, MINUTE, type Plan, START_MS, steady, stream } from './feed.ts';

const once = (bucket: number, records = 1) => ({ exactly: (i: number) => (i === bucket ? records : 0) });

function error(templateId: string, rest: Partial<Plan>): Plan {
  return { service: 'shop', templateId, severity: 3, ...rest };
}

describe('ERROR and above', () => {
  it('the first ERROR of a service is a finding of the bucket it came in, even in the first minute', () => {
    const { findings, raisedAt } = judgeAll(
      stream({ plans: [...steady('shop', 5, 10), error('t_err', once(3))], buckets: 2 * MINUTE }),
    );
    expect(brief(findings)).toEqual(['new shop/t_err first_error']);
    expect(raisedAt).toEqual([3]);
    expect(findings[0]!.onsetMs).toBe(START_MS + 30_001);
    expect(findings[0]!.onsetUncertaintyMs).toBeLessThanOrEqual(1000);
    expect(findings[0]!.test.bits!).toBeGreaterThan(findings[0]!.test.thresholdBits!);
  });

  it('48 identical timeouts and one other error are both visible', () => {
    const at = 4 * HOUR + 17;
    const plans = [...steady('shop', 10, 10), error('t_timeout', once(at, 48)), error('t_other', once(at))];
    const { findings } = judgeAll(stream({ plans, buckets: 5 * HOUR }));
    expect(brief(findings).sort()).toEqual([
      'new shop/t_other first_error',
      'new shop/t_timeout first_error',
    ]);
  });

  it('a finding of a censored class says that its count is a lower bound', () => {
    const plans = [...steady('shop', 5, 10), error('t_err', once(3))];
    const told = (censored: number) =>
      judgeAll(stream({ plans, buckets: MINUTE, censored: () => [0, 0, 0, censored, 0] })).findings[0]!
        .censored;
    expect(told(7)).toBe(true);
    expect(told(0)).toBe(false);
  });

  it('where ERROR is routine it is no news, but a new ERROR template is, and so is one that turns into a flood', () => {
    const flood = 4 * HOUR;
    const plans = [
      ...steady('shop', 10, 10),
      error('t_routine', { perMinute: () => 6 }),
      error('t_flood', { perMinute: (i) => (i < flood ? 3 : 60) }),
      error('t_new', once(5 * HOUR + 3)),
    ];
    const { findings, raisedAt } = judgeAll(stream({ plans, buckets: 6 * HOUR }));
    const later = findings.filter((_, i) => raisedAt[i]! >= HOUR);
    expect(brief(later).filter((line) => !line.includes('*'))).toEqual([
      'spike shop/t_flood nb_tail',
      'new shop/t_new good_turing_novelty',
    ]);
    expect(findings.length - later.length).toBeLessThanOrEqual(2);
  });

  it('a known ERROR that comes back is told again only in a number never seen before', () => {
    const at = (records: number) =>
      error('t_err', {
        exactly: (i) => (i >= 4 * HOUR && i < 4 * HOUR + 5 * MINUTE ? 2 : i === 6 * HOUR ? records : 0),
      });
    const told = (records: number) =>
      judgeAll(stream({ plans: [...steady('shop', 10, 10), at(records)], buckets: 7 * HOUR }));
    expect(brief(told(1).findings)).toEqual(['new shop/t_err first_error']);
    const burst = told(12);
    expect(brief(burst.findings)).toEqual(['new shop/t_err first_error', 'rare shop/t_err first_error']);
    expect(burst.raisedAt).toEqual([4 * HOUR, 6 * HOUR]);
  });

  it('a known ERROR that comes back after weeks is told: the budget has room for it', () => {
    const back = 24 * 24 * HOUR;
    const plans: Plan[] = [
      { service: 'shop', templateId: 't_base', exactly: (i) => (i % (30 * MINUTE) === 0 ? 3 : 0) },
      error('t_err', { exactly: (i) => (i === 30 * MINUTE || i === back ? 1 : 0) }),
    ];
    const { findings, raisedAt } = judgeAll(stream({ plans, buckets: back + MINUTE }));
    expect(brief(findings)).toEqual(['new shop/t_err first_error', 'rare shop/t_err first_error']);
    expect(raisedAt).toEqual([30 * MINUTE, back]);
  });

  it('a service that logs an ERROR every quarter of an hour is told of at first, then no longer', () => {
    const plans = [
      ...steady('shop', 10, 10),
      error('t_err', { exactly: (i) => (i % (15 * MINUTE) === 7 ? 1 : 0) }),
    ];
    const { raisedAt } = judgeAll(stream({ plans, buckets: 24 * HOUR }));
    expect(raisedAt.length).toBeGreaterThan(0);
    expect(raisedAt.length).toBeLessThanOrEqual(20);
    expect(raisedAt.filter((i) => i > 12 * HOUR).length).toBe(0);
  });
});

describe('below ERROR', () => {
  it('one WARN among 10,000 INFO lines is the only finding', () => {
    const plans: Plan[] = [
      ...steady('db', 8, 5),
      {
        service: 'db',
        templateId: 't_lag',
        severity: 2,
        text: 'replica lag exceeded threshold',
        ...once(4 * HOUR + 31),
      },
    ];
    const buckets = stream({ plans, buckets: Math.round(4.5 * HOUR) });
    expect(buckets.reduce((sum, bucket) => sum + bucket.accounting.counted, 0)).toBeGreaterThan(10_000);
    const { findings } = judgeAll(buckets);
    expect(brief(findings)).toEqual(['new db/t_lag good_turing_novelty']);
    expect(findings[0]!.severity).toBe(2);
    expect(findings[0]!.test.explain).toContain('1 WARN records never seen before');
  });

  it('the first three hours of a service teach in silence', () => {
    const plans: Plan[] = [
      ...steady('db', 8, 5),
      { service: 'db', templateId: 't_warn', severity: 2, ...once(2 * HOUR) },
      { service: 'db', templateId: 't_info', severity: 1, ...once(2 * HOUR + 5) },
    ];
    expect(brief(judgeAll(stream({ plans, buckets: 3 * HOUR })).findings)).toEqual([]);
  });

  it('a candidate for a known template is no news below ERROR', () => {
    const plans: Plan[] = [
      ...steady('db', 8, 5),
      { service: 'db', templateId: 't_near', severity: 2, ...once(4 * HOUR) },
    ];
    const buckets = stream({ plans, buckets: 4 * HOUR + MINUTE }).map((bucket) => ({
      ...bucket,
      services: bucket.services.map((service) => ({
        ...service,
        templates: service.templates.map((count) => ({ ...count, candidate: count.templateId === 't_near' })),
      })),
    }));
    expect(brief(judgeAll(buckets).findings)).toEqual([]);
  });

  it('WARN templates that keep being new are spoken of only as far as the budget goes', () => {
    const fresh: Plan[] = Array.from({ length: 60 }, (_, k) => ({
      service: `s${k % 5}`,
      templateId: `t_fresh_${k}`,
      severity: 2,
      ...once(4 * HOUR + k * 20 * MINUTE),
    }));
    const base = [0, 1, 2, 3, 4].flatMap((s) => steady(`s${s}`, 8, 5));
    const { findings } = judgeAll(stream({ plans: [...base, ...fresh], buckets: 25 * HOUR }));
    expect(findings.length).toBeGreaterThan(0);
    expect(findings.length).toBeLessThanOrEqual(8);
  });

  it('a WARN that was only ever a symptom of another service’s ERROR is news when it comes alone', () => {
    const plans: Plan[] = [
      ...steady('api', 8, 5),
      ...steady('db', 8, 5),
      { service: 'api', templateId: 't_usual', severity: 2, perMinute: () => 2 },
      { service: 'db', templateId: 't_err', severity: 3, ...once(4 * HOUR) },
      {
        service: 'api',
        templateId: 't_symptom',
        severity: 2,
        exactly: (i) => (i === 4 * HOUR + 3 || i === 6 * HOUR ? 1 : 0),
      },
    ];
    const { findings, raisedAt } = judgeAll(stream({ plans, buckets: 7 * HOUR }));
    const last = findings.at(-1)!;
    expect(raisedAt.at(-1)).toBe(6 * HOUR);
    expect(brief([last])).toEqual(['rare api/t_symptom good_turing_novelty']);
    expect(last.test.explain).toContain('seen in incidents only so far');
  });

  it('a template that was silent for weeks is dormant and rare again', () => {
    const back = 45 * 24 * HOUR;
    const plans: Plan[] = [
      { service: 'db', templateId: 't_base', exactly: (i) => (i % (30 * MINUTE) === 0 ? 3 : 0) },
      { service: 'db', templateId: 't_old', severity: 2, exactly: (i) => (i === 30 || i === back ? 1 : 0) },
    ];
    const { findings } = judgeAll(stream({ plans, buckets: back + MINUTE }));
    expect(brief(findings).filter((line) => line.includes('t_old'))).toEqual(['rare db/t_old dormant']);
  });
});

describe('floods of new templates', () => {
  const deployAt = 5 * HOUR;
  const version = (i: number): string => (i < deployAt ? '5.1.0' : '5.2.0');
  const base = steady('shop', 10, 10).map((plan) => ({ ...plan, version }));

  it('a deploy with 40 new INFO templates gives at most one finding, and the change marker', () => {
    const fresh: Plan[] = Array.from({ length: 40 }, (_, k) => ({
      service: 'shop',
      templateId: `t_fresh_${k}`,
      version,
      perMinute: (i: number) => (i < deployAt + k ? 0 : 4),
    }));
    const { findings, changes } = judgeAll(stream({ plans: [...base, ...fresh], buckets: 7 * HOUR }));
    expect(findings.filter((finding) => finding.templateId !== null)).toEqual([]);
    expect(findings.length).toBeLessThanOrEqual(1);
    expect(findings[0]!.test.method).toBe('overflow');
    expect(findings[0]!.members).toBeGreaterThan(10);
    expect(findings[0]!.memberTemplateIds!.length).toBeGreaterThan(10);
    expect(changes).toMatchObject([{ kind: 'service.version', from: '5.1.0', to: '5.2.0' }]);
    expect(changes[0]!.atMs).toBeGreaterThanOrEqual(START_MS + deployAt * 10_000);
    expect(changes[0]!.atMs).toBeLessThan(START_MS + (deployAt + 1) * 10_000);
  });

  it('a deploy suppresses nothing at ERROR', () => {
    const plans = [...base, error('t_err', { version, ...once(deployAt + 5) })];
    const { findings } = judgeAll(stream({ plans, buckets: 5 * HOUR + 10 * MINUTE }));
    expect(brief(findings)).toEqual(['new shop/t_err first_error']);
  });

  it('thirty new ERROR templates at once give the burst and one finding that stands for the rest', () => {
    const fresh = Array.from({ length: 30 }, (_, k) => error(`t_err_${k}`, once(4 * HOUR)));
    const { findings } = judgeAll(
      stream({ plans: [...steady('shop', 10, 10), ...fresh], buckets: 5 * HOUR }),
    );
    const single = findings.filter((finding) => finding.test.method === 'first_error');
    const overflow = findings.filter((finding) => finding.test.method === 'overflow');
    expect(single.length).toBe(6);
    expect(overflow.map((finding) => finding.members)).toEqual([24]);
    expect(overflow[0]!.severity).toBe(3);
  });

  it('a service that logs nothing twice is quarantined below ERROR', () => {
    const plans: Plan[] = Array.from({ length: 2000 }, (_, k) => ({
      service: 'chaos',
      templateId: `t_${k}`,
      severity: 2,
      ...once(k),
    }));
    const { findings, raisedAt, detectors } = judgeAll(stream({ plans, buckets: 2000 }));
    expect(detectors.isQuarantined('default||chaos')).toBe(true);
    expect(raisedAt.filter((i) => i > 3 * HOUR)).toEqual([]);
    expect(findings).toEqual([]);
  });
});

describe('versions side by side', () => {
  it('a template that only the new version logs more often is told, with shares', () => {
    const at = 4 * HOUR;
    const canary = (i: number): string => (i >= at ? '2.0' : '1.0');
    const plans: Plan[] = [
      ...steady('shop', 10, 10).map((plan) => ({ ...plan, version: () => '1.0' })),
      ...steady('shop', 10, 2).map((plan) => ({
        ...plan,
        templateId: `${plan.templateId}_c`,
        version: canary,
        perMinute: (i: number) => (i >= at ? 2 : 0),
      })),
    ];
    // The same templates in both versions: ids of the canary are those of the base.
    const buckets = stream({ plans, buckets: at + HOUR }).map((bucket) => ({
      ...bucket,
      services: bucket.services.map((service) => {
        const merged = new Map<string, (typeof service.templates)[number]>();
        for (const count of service.templates) {
          const templateId = count.templateId.replace('_c', '');
          const scale = count.templateId === 't_base_3_c' ? 6 : 1;
          const records = count.records * scale;
          const versions = count.versions.map(([v]) => [v, records] as const);
          const other = merged.get(templateId);
          merged.set(templateId, {
            ...count,
            templateId,
            records: records + (other?.records ?? 0),
            versions: [...(other?.versions ?? []), ...versions],
            firstMs: count.firstMs,
          });
        }
        const templates = [...merged.values()];
        const total = new Map<string, number>();
        for (const count of templates)
          for (const [v, n] of count.versions) total.set(v, (total.get(v) ?? 0) + n);
        return { ...service, templates, versions: [...total].sort() };
      }),
    }));
    const { findings, changes } = judgeAll(buckets);
    expect(changes.map((change) => [change.from, change.to])).toEqual([['1.0', '2.0']]);
    const told = findings.filter((finding) => finding.test.method === 'beta_binomial');
    expect(brief(told)).toEqual(['shift shop/t_base_3 beta_binomial']);
    expect(told[0]!.observed).toBeGreaterThan(2 * told[0]!.expected!);
    expect(told[0]!.test.explain).toContain('from version 2.0');
  });
});
