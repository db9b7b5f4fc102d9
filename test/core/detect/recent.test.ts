import { describe, expect, it } from 'vitest';
import { Budget } from '../../../src/core/detect/budget.ts';
import {
  ageThresholds,
  bookCandidate,
  newThresholdState,
  noveltyThreshold,
} from '../../../src/core/detect/novelty-threshold.ts';
import { DAY_MS, HOUR_MS } from '../../../src/core/detect/time.ts';
import { brief, HOUR, judgeAll, MINUTE, type Plan, START_MS, steady, stream } from './feed.ts';

const T = 6 * HOUR;

/** A line with a day of its own, which its service does not share; it changes on the falling flank. */
const swing = (i: number): number => 12 * (1 + 0.5 * Math.sin((2 * Math.PI * i) / (24 * HOUR)));
const FLANK = 10 * HOUR;

function judgeSwinging(share: number) {
  const plans: Plan[] = [
    ...steady('shop', 10, 6),
    { service: 'shop', templateId: 't_target', perMinute: (i) => swing(i) * (i < FLANK ? 1 : share) },
  ];
  return judgeAll(stream({ plans, buckets: FLANK + HOUR / 2 }));
}

/** Four services of one fleet, all at `factor` times their usual traffic. */
const fleet = (factor: (i: number) => number): Plan[] =>
  ['cart', 'orders', 'payments', 'search'].flatMap((service) =>
    steady(service, 6, 5).map((plan) => ({ ...plan, perMinute: (i: number) => 5 * factor(i) })),
  );

describe('falls against the last hour', () => {
  it('a line whose rate swings is silent within ten minutes of its stop, and its swing alone is no news', () => {
    const { findings, raisedAt } = judgeSwinging(0);
    expect(brief(findings)).toEqual(['silence shop/t_target nb_zero_run']);
    expect((raisedAt[0]! - FLANK) / MINUTE).toBeLessThan(10);
    expect(brief(judgeSwinging(1).findings)).toEqual([]);
  });

  it('seven lines of ten that go missing are a drop within a quarter of an hour, its onset at the change', () => {
    const { findings, raisedAt } = judgeSwinging(0.3);
    expect(brief(findings)).toEqual(['drop shop/t_target nb_cusum']);
    expect((raisedAt[0]! - FLANK) / MINUTE).toBeLessThan(15);
    expect(Math.abs(findings[0]!.onsetMs - (START_MS + FLANK * 10_000))).toBeLessThanOrEqual(3 * 60_000);
  });

  it('the end of a storm is no fall', () => {
    const storm = (i: number): number => (i >= 4 * HOUR && i < T ? 100 : 8);
    const plans = [...steady('shop', 10, 6), { service: 'shop', templateId: 't_target', perMinute: storm }];
    const { findings } = judgeAll(stream({ plans, buckets: T + HOUR }));
    expect(findings.filter(({ kind }) => kind === 'drop' || kind === 'silence')).toEqual([]);
  });
});

describe('traffic that stays away', () => {
  it('is told once, although every service misses it', () => {
    const { findings, raisedAt } = judgeAll(
      stream({ plans: fleet((i) => (i < T ? 1 : 0.25)), buckets: T + HOUR / 2 }),
    );
    expect(findings.map(({ kind, templateId }) => [kind, templateId])).toEqual([['drop', null]]);
    expect((raisedAt[0]! - T) / MINUTE).toBeLessThan(15);
  });

  it('is no news when it comes as slowly as a night', () => {
    const night = (i: number): number => 1 + 0.5 * Math.cos((2 * Math.PI * i) / (24 * HOUR));
    const { findings } = judgeAll(stream({ plans: fleet(night), buckets: 24 * HOUR }));
    expect(brief(findings)).toEqual([]);
  });

  it('is explained by an ERROR that was told before', () => {
    const outage: Plan = {
      service: 'gateway',
      templateId: 't_refused',
      severity: 3,
      exactly: (i) => (i >= T ? 2 : 0),
    };
    const plans = [...fleet((i) => (i < T ? 1 : 0.25)), ...steady('gateway', 3, 5), outage];
    const { findings } = judgeAll(stream({ plans, buckets: T + HOUR / 3 }));
    expect(brief(findings)[0]).toBe('new gateway/t_refused first_error');
    expect(findings.filter(({ templateId, kind }) => templateId === null && kind === 'drop')).toEqual([]);
  });
});

describe('rare lines that burst', () => {
  const burst = (severity: 1 | 2) => {
    const target: Plan = {
      service: 'shop',
      templateId: 't_target',
      severity,
      exactly: (i) => (i >= T ? 8 : i % (40 * MINUTE) === 0 ? 1 : 0),
    };
    return judgeAll(stream({ plans: [...steady('shop', 10, 6), target], buckets: T + 10 * MINUTE }));
  };

  it('a WARN seen a dozen times is a spike when it comes eight times in ten seconds', () => {
    const { findings, raisedAt } = burst(2);
    expect(brief(findings)).toEqual(['spike shop/t_target nb_tail']);
    expect((raisedAt[0]! - T) / MINUTE).toBeLessThan(2);
  });

  it('an INFO is a batch', () => {
    expect(brief(burst(1).findings)).toEqual([]);
  });
});

describe('novelty in the first days', () => {
  it('scores are compared as if all had the same history', () => {
    const budget = new Budget(10);
    const state = newThresholdState(START_MS);
    ageThresholds(state, START_MS + 3 * HOUR_MS);
    for (let i = 0; i < 20; i++) bookCandidate(state, 2, 12);
    const early = noveltyThreshold(state, budget, 2);
    ageThresholds(state, START_MS + 3 * HOUR_MS + DAY_MS);
    expect(early).toBeGreaterThanOrEqual(12);
    expect(noveltyThreshold(state, budget, 2) - early).toBeGreaterThan(2);
  });
});
