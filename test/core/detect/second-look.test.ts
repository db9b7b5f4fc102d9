import { describe, expect, it } from 'vitest';
import { serviceRef } from '../../../bench/detection/buckets.ts';
import { brief, HOUR, judgeAll, MINUTE, type Plan, START_MS, steady, stream } from './feed.ts';

const T = 5 * HOUR;
const bucketMs = (i: number): number => START_MS + i * 10_000;
const shop = serviceRef('shop').key;

/** A service with 120 lines a minute that stops at bucket `T`, and one that goes on. */
function stopped(buckets: number) {
  const until: Plan[] = steady('shop', 12, 10).map((plan) => ({
    ...plan,
    perMinute: (i) => (i < T ? 10 : 0),
  }));
  return judgeAll(stream({ plans: [...until, ...steady('web', 12, 10)], buckets }));
}

describe('a second look at a service beside an incident', () => {
  it('sees within half a minute that it has stopped, long before it would be told by itself', () => {
    const { findings, detectors } = stopped(T + MINUTE / 2);
    expect(brief(findings)).toEqual([]);
    const suspects = detectors.suspects(shop, bucketMs(T) - 180_000, bucketMs(T));
    expect(brief(suspects)).toEqual(['silence shop/* nb_zero_run']);
    expect(suspects[0]!.onsetMs).toBeGreaterThan(bucketMs(T - 1) - 10_000);
    expect(suspects[0]!.onsetMs).toBeLessThanOrEqual(bucketMs(T));
  });

  it('says nothing of a service that goes on', () => {
    const { detectors } = stopped(T);
    expect(detectors.suspects(shop, bucketMs(T) - 180_000, bucketMs(T))).toEqual([]);
    expect(detectors.suspects(serviceRef('unknown').key, 0, bucketMs(T))).toEqual([]);
  });

  it('does not take a pause that is usual for a silence', () => {
    // All lines of a minute in its first bucket, as a job that runs once a minute logs.
    const plans: Plan[] = [
      {
        service: 'shop',
        templateId: 't_job',
        severity: 1,
        exactly: (i) => (i % MINUTE === 0 ? 120 : 0),
      },
      ...steady('web', 12, 10),
    ];
    const { detectors } = judgeAll(stream({ plans, buckets: T + MINUTE - 1 }));
    expect(detectors.suspects(shop, bucketMs(T) - 180_000, bucketMs(T))).toEqual([]);
  });

  it('tells a warning that was nearly surprising enough, and asking changes nothing', () => {
    // Warnings that come and go, so that one more is no news; then one of them with a word that weighs.
    const warnings: Plan[] = Array.from({ length: 14 }, (_, k) => ({
      service: 'shop',
      templateId: `t_warn_${k}`,
      severity: 2 as const,
      exactly: (i: number) => (i === HOUR + k * 20 * MINUTE ? 1 : 0),
    }));
    const precursor: Plan = {
      service: 'shop',
      templateId: 't_lag',
      severity: 2,
      text: 'replica lag exceeded the limit',
      exactly: (i) => (i === T + 1 ? 1 : 0),
    };
    const buckets = stream({ plans: [...steady('shop', 12, 10), ...warnings, precursor], buckets: T + 3 });
    const { findings, detectors } = judgeAll(buckets);
    expect(brief(findings.filter(({ templateId }) => templateId === 't_lag'))).toEqual([]);
    detectors.takeChanges();
    const ask = () => brief(detectors.suspects(shop, bucketMs(T) - 180_000, bucketMs(T)));
    expect(ask()).toEqual(['new shop/t_lag good_turing_novelty']);
    expect(ask()).toEqual(ask());
    expect(detectors.takeChanges().filter(({ table }) => table !== 'detect_fleet')).toEqual([]);
  });
});
