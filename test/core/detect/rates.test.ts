import { describe, expect, it } from 'vitest';
import { brief, HOUR, judgeAll, MINUTE, type Plan, START_MS, steady, stream } from './feed.ts';

const T = 4 * HOUR;
const from = (rate: number, changed: number) => (i: number) => (i < T ? rate : changed);
const minutesLate = (raisedAt: number | undefined): number =>
  ((raisedAt ?? Number.POSITIVE_INFINITY) - T) / MINUTE;

/** A target beside ten steady templates of its service; judged with the change and, as null twin, without. */
function judgeChange(perMinute: number, changed: number, hours = 3, seed = 1) {
  const plan = (rate: (i: number) => number) => [
    ...steady('shop', 10, 6),
    { service: 'shop', templateId: 't_target', perMinute: rate },
  ];
  const buckets = T + hours * HOUR;
  return {
    changed: judgeAll(stream({ plans: plan(from(perMinute, changed)), buckets, seed })),
    twin: judgeAll(stream({ plans: plan(() => perMinute), buckets, seed })),
  };
}

describe('rates of templates', () => {
  it('a burst of five times the rate is a spike within the minute, with the bucket it began in', () => {
    const { changed, twin } = judgeChange(10, 60, 0.2);
    expect(brief(changed.findings)).toEqual(['spike shop/t_target nb_tail']);
    const spike = changed.findings[0]!;
    expect(minutesLate(changed.raisedAt[0])).toBeLessThan(1);
    expect(spike.onsetMs).toBe(START_MS + T * 10_000);
    expect(spike.expected).toBeGreaterThan(8);
    expect(spike.expected).toBeLessThan(12);
    expect(spike.expectedP99).toBeLessThan(spike.observed);
    expect(spike.test.log10P!).toBeLessThan(spike.test.log10Alpha!);
    expect(spike.test.explain).toMatch(
      /^\d+ in 1 min, expected \d+(\.\d+)? \(99% ≤\d+\), dispersion [\d.]+, p [\d.]+e-\d+, alarm below [\d.]+e-\d+$/,
    );
    expect(brief(twin.findings)).toEqual([]);
  });

  it('a rate that nearly doubles is a shift within minutes, the median of the onsets at the change', () => {
    const errors: number[] = [];
    for (let seed = 1; seed <= 5; seed++) {
      const { changed, twin } = judgeChange(40, 72, 0.5, seed);
      expect(changed.findings.length).toBe(1);
      const shift = changed.findings[0]!;
      expect(minutesLate(changed.raisedAt[0])).toBeLessThan(15);
      errors.push(Math.abs(shift.onsetMs - (START_MS + T * 10_000)) / 60_000);
      if (shift.kind === 'shift') expect(shift.test.statistic!).toBeGreaterThan(shift.test.threshold!);
      expect(brief(twin.findings)).toEqual([]);
    }
    expect(errors.sort((x, y) => x - y)[2]).toBeLessThanOrEqual(2);
  });

  it('a halved rate is a drop, with the lines counted since its onset', () => {
    const { changed, twin } = judgeChange(60, 30, 1);
    expect(brief(changed.findings)).toEqual(['drop shop/t_target nb_cusum']);
    const drop = changed.findings[0]!;
    expect(drop.observed).toBeLessThan(drop.expected!);
    expect(drop.observed).toBeGreaterThan(0);
    expect(brief(twin.findings)).toEqual([]);
  });

  it('a line that stops while its service goes on is a silence from when it was last seen', () => {
    const { changed, twin } = judgeChange(10, 0, 1);
    expect(brief(changed.findings)).toEqual(['silence shop/t_target nb_zero_run']);
    const silence = changed.findings[0]!;
    expect(minutesLate(changed.raisedAt[0])).toBeLessThan(8);
    expect(silence.onsetMs).toBe(silence.lastSeenMs);
    expect(silence.onsetMs).toBeLessThan(START_MS + T * 10_000);
    expect(silence.onsetMs).toBeGreaterThan(START_MS + (T - MINUTE) * 10_000);
    expect(silence.observed).toBe(0);
    expect(brief(twin.findings)).toEqual([]);
  });

  it('a rare line that comes often is a shift by occupancy', () => {
    const { changed, twin } = judgeChange(0.2, 4, 3);
    expect(brief(changed.findings)[0]).toBe('shift shop/t_target occupancy_cusum');
    expect(brief(twin.findings)).toEqual([]);
  });

  it('a service that becomes busier or quieter as a whole raises nothing about its templates', () => {
    for (const factor of [3, 0.3]) {
      const plans = steady('shop', 20, 10).map((plan) => ({ ...plan, perMinute: from(10, 10 * factor) }));
      const { findings } = judgeAll(stream({ plans, buckets: T + HOUR }));
      expect(findings.filter((finding) => finding.templateId !== null)).toEqual([]);
    }
  });

  it('an alarm is not repeated while its episode lasts', () => {
    const plans = [
      ...steady('shop', 10, 6),
      { service: 'shop', templateId: 't_target', perMinute: from(10, 60) },
    ];
    const { findings } = judgeAll(stream({ plans, buckets: T + HOUR / 2 - MINUTE }));
    expect(findings.filter((f) => f.templateId === 't_target').length).toBe(1);
  });

  it('the baseline and the traffic index can be asked for', () => {
    const { twin } = judgeChange(10, 10, 0);
    const key = twin.judgements.length > 0 ? 'default||shop' : '';
    expect(twin.detectors.baselinePerMin(key, 't_target')).toBeCloseTo(10, -0.5);
    expect(twin.detectors.trafficIndex(key)).toBeCloseTo(1, 0);
    expect(twin.detectors.firstSeenMs(key)).toBe(START_MS);
    expect(twin.detectors.isWarm(key)).toBe(false);
    expect(twin.detectors.isQuarantined(key)).toBe(false);
    expect(twin.detectors.templatesTested).toBe(11);
    expect(twin.detectors.falseAlarmBudgetPerDay).toBe(10);
    expect(twin.detectors.trafficIndex('unknown')).toBeNull();
    expect(twin.detectors.baselinePerMin(key, 'unknown')).toBeNull();
  });
});

describe('rates of services', () => {
  it('a service with at least ten lines a minute that stops is silent within five minutes, and only as a whole', () => {
    const plans = [
      ...steady('caller', 10, 6),
      ...steady('shop', 5, 3).map((plan) => ({ ...plan, perMinute: from(3, 0) })),
    ];
    const { findings, raisedAt } = judgeAll(stream({ plans, buckets: T + HOUR }));
    expect(brief(findings)).toEqual(['silence shop/* nb_zero_run']);
    expect(minutesLate(raisedAt[0])).toBeLessThanOrEqual(5);
  });

  it('a service that stops at night is told as fast, although its day is ten times busier', () => {
    const wave = (i: number): number => 30 * (1 + 0.8 * Math.sin((2 * Math.PI * i) / (24 * HOUR)));
    const stop = 30 * HOUR;
    const plans = [
      ...steady('caller', 10, 6),
      { service: 'shop', templateId: 't_0', perMinute: (i: number) => (i < stop ? wave(i) : 0) },
    ];
    const { findings, raisedAt } = judgeAll(stream({ plans, buckets: stop + HOUR }));
    const late = findings.findIndex((_, i) => raisedAt[i]! >= stop);
    expect(brief(findings.slice(late))).toEqual(['silence shop/* nb_zero_run']);
    expect((raisedAt[late]! - stop) / MINUTE).toBeLessThanOrEqual(5);
  });

  it('a batch service that logs every quarter of an hour is not silent in between', () => {
    const plans = [
      ...steady('caller', 5, 6),
      { service: 'batch', templateId: 't_0', exactly: (i: number) => (i % (15 * MINUTE) < 3 ? 100 : 0) },
    ];
    const { findings } = judgeAll(stream({ plans, buckets: 12 * HOUR }));
    expect(brief(findings)).toEqual([]);
  });
});

describe('a warning seen a handful of times', () => {
  it('that turns into a storm is told within two minutes, though its peers come in waves', () => {
    const T = 4 * HOUR;
    const waving: Plan[] = Array.from({ length: 12 }, (_, k) => ({
      service: 'shop',
      templateId: `t_waving_${k}`,
      perMinute: (i) => ((i + k * 37 * MINUTE) % (40 * MINUTE) < 20 * MINUTE ? 9 : 3),
    }));
    const storm: Plan = {
      service: 'shop',
      templateId: 't_warn',
      severity: 2,
      exactly: (i) => (i >= T ? 5 : i % (25 * MINUTE) === 0 ? 1 : 0),
    };
    const { findings, raisedAt } = judgeAll(stream({ plans: [...waving, storm], buckets: T + HOUR / 6 }));
    const told = findings.findIndex(({ templateId }) => templateId === 't_warn');
    expect(brief(findings.slice(told, told + 1))).toEqual(['spike shop/t_warn nb_tail']);
    expect(raisedAt[told]! - T).toBeLessThanOrEqual(2 * MINUTE);
  });
});
