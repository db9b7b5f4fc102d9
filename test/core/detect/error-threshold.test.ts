import { describe, expect, it } from 'vitest';
import { Budget } from '../../../src/core/detect/budget.ts';
import {
  ageThresholds,
  bookCandidate,
  bookError,
  errorThresholds,
  newThresholdState,
} from '../../../src/core/detect/novelty-threshold.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/core/detect/time.ts';
import { brief, HOUR, judgeAll, MINUTE, type Plan, steady, stream } from './feed.ts';

/** 10 a day: two of them for novelty at ERROR. */
const budget = new Budget(10);

function announced(clusters: number, ageMs: number) {
  const state = newThresholdState(0);
  ageThresholds(state, ageMs);
  for (let i = 0; i < clusters; i++) bookError(state, ageMs - (clusters - i) * 6 * MINUTE_MS);
  return errorThresholds(state, budget, ageMs);
}

describe('the bars at ERROR', () => {
  it('rise in the first hours after four announced clusters, later only after twenty', () => {
    const fresh = 2.5 * HOUR_MS;
    const quiet = announced(0, fresh);
    expect(announced(4, fresh)).toEqual(quiet);
    expect(announced(8, fresh).first - quiet.first).toBeGreaterThan(3);
    const old = DAY_MS;
    expect(announced(19, old)).toEqual(announced(0, old));
    expect(announced(40, old).first - announced(0, old).first).toBeGreaterThan(3);
  });

  it('count what is announced within five minutes once', () => {
    const state = newThresholdState(0);
    for (let i = 0; i < 100; i++) bookError(state, i * MINUTE_MS);
    expect(errorThresholds(state, budget, 100 * MINUTE_MS)).toEqual(announced(1, 100 * MINUTE_MS));
  });

  it('are above what new ERRORs usually score where they are routine', () => {
    const state = newThresholdState(0);
    ageThresholds(state, DAY_MS);
    const before = errorThresholds(state, budget, DAY_MS);
    for (let i = 0; i < 50; i++) bookCandidate(state, 3, 12);
    const after = errorThresholds(state, budget, DAY_MS);
    expect(before.joint).toBeLessThan(12);
    expect(after.joint).toBeGreaterThanOrEqual(12);
    expect(after.first).toBe(before.first);
  });

  it('are passed by a burst of a new ERROR where a single one of its kind is routine', () => {
    const T = 6 * HOUR;
    // A service that logs an ERROR of another kind every few minutes.
    const routine: Plan[] = Array.from({ length: 60 }, (_, k) => ({
      service: 'shop',
      templateId: `t_error_${k}`,
      severity: 3 as const,
      exactly: (i: number) => (i % (60 * 5 * MINUTE) === k * 5 * MINUTE ? 1 : 0),
    }));
    const told = (records: number): string[] => {
      const extra: Plan = {
        service: 'shop',
        templateId: 't_extra',
        severity: 3,
        exactly: (i) => (i === T + MINUTE ? records : 0),
      };
      const plans = [...steady('shop', 10, 6), ...routine, extra];
      const { findings } = judgeAll(stream({ plans, buckets: T + 2 * MINUTE }));
      return brief(findings.filter(({ templateId }) => templateId === 't_extra'));
    };
    expect(told(1)).toEqual([]);
    expect(told(400)).toEqual(['new shop/t_extra good_turing_novelty']);
  });
});
