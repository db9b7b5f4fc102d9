import { describe, expect, it } from 'vitest';
import { WinnowError } from '../../src/errors.ts';
import { bodyText, type SimulatedRecord } from '../../src/simulator/record.ts';
import { SHOP_SERVICES } from '../../src/simulator/shop.ts';
import { type SimulationOptions, simulate } from '../../src/simulator/simulate.ts';

const HOUR_MS = 3_600_000;
const MONDAY_NOON_MS = Date.UTC(2026, 10, 16, 12);

function records(options: Partial<SimulationOptions>): SimulatedRecord[] {
  return [
    ...simulate({ seed: 5, startMs: MONDAY_NOON_MS, durationMs: HOUR_MS, ...options }).seconds(),
  ].flat();
}

describe('simulate', () => {
  it('yields one array per second, records in time order and inside their second', () => {
    const seconds = [...simulate({ seed: 5, startMs: MONDAY_NOON_MS, durationMs: 300_000 }).seconds()];
    expect(seconds).toHaveLength(300);
    seconds.forEach((second, i) => {
      let before = MONDAY_NOON_MS + i * 1000;
      for (const { timeMs } of second) {
        expect(timeMs).toBeGreaterThanOrEqual(before);
        before = timeMs;
      }
      expect(before).toBeLessThan(MONDAY_NOON_MS + (i + 1) * 1000);
    });
  });

  it('starts anew at each call', () => {
    const simulation = simulate({ seed: 5, startMs: MONDAY_NOON_MS, durationMs: 60_000 });
    const text = (): string =>
      [...simulation.seconds()]
        .flat()
        .map(({ timeMs, body }) => `${timeMs} ${bodyText(body)}`)
        .join('\n');
    const first = text();
    expect(text() === first).toBe(true);
  });

  it('is the same up to the first fault as without it', () => {
    const faults = [{ kind: 'bad_version', service: 'orders', atMs: 600_000 }];
    const text = (list: SimulatedRecord[]): string =>
      list
        .filter(({ timeMs }) => timeMs < MONDAY_NOON_MS + 600_000)
        .map(({ timeMs, body }) => `${timeMs} ${bodyText(body)}`)
        .join('\n');
    expect(text(records({ durationMs: 900_000, faults })) === text(records({ durationMs: 900_000 }))).toBe(
      true,
    );
  });

  it('makes about twenty records a second at scale 1, and three times as many requests at scale 3', () => {
    const single = records({});
    expect(single.length / 3600).toBeGreaterThan(15);
    expect(single.length / 3600).toBeLessThan(35);
    const requests = (list: SimulatedRecord[]): number =>
      list.filter(({ lineKey }) => lineKey === 'edge-gateway.access').length;
    const ratio = requests(records({ scale: 3 })) / requests(single);
    expect(ratio).toBeGreaterThan(2.7);
    expect(ratio).toBeLessThan(3.3);
  });

  it('follows the day and the week', () => {
    const requests = (startMs: number): number =>
      records({ startMs, dailySwing: 0.5 }).filter(({ lineKey }) => lineKey === 'edge-gateway.access').length;
    const evening = requests(Date.UTC(2026, 10, 16, 19));
    const night = requests(Date.UTC(2026, 10, 16, 7));
    const saturdayEvening = requests(Date.UTC(2026, 10, 21, 19));
    expect(evening / night).toBeGreaterThan(2.2);
    expect(saturdayEvening / evening).toBeGreaterThan(0.55);
    expect(saturdayEvening / evening).toBeLessThan(0.85);
  });

  it('keeps rate lines near their nominal rate', () => {
    // cart.reminder: 0.5 a minute, following traffic; users.stats: every 30 s in 2 pods.
    const list = records({ durationMs: 4 * HOUR_MS, dailySwing: 0 });
    const count = (key: string): number => list.filter(({ lineKey }) => lineKey === key).length;
    expect(count('cart.reminder')).toBeGreaterThan(120 - 40);
    expect(count('cart.reminder')).toBeLessThan(120 + 40);
    expect(count('users.stats')).toBeGreaterThan(954);
    expect(count('users.stats')).toBeLessThan(966);
  });

  it('adds a tail of rare lines when asked, some of them warnings, and changes nothing else', () => {
    const plain = records({});
    const tailed = records({ tail: { infos: 30, warnings: 10 } });
    const extra = tailed.filter(({ lineKey }) => lineKey.includes('.tail_'));
    const keys = new Set(extra.map(({ lineKey }) => lineKey));
    expect(keys.size).toBeGreaterThan(50);
    expect(extra.length / keys.size).toBeLessThan(3);
    expect(tailed.length - extra.length).toBe(plain.length);
  });

  it('lets one trace cross the services of a checkout', () => {
    const list = records({ durationMs: 600_000 });
    const placed = list.find(({ lineKey }) => lineKey === 'checkout.completed')!;
    const services = new Set(
      list.filter(({ traceId }) => traceId === placed.traceId).map(({ pod }) => pod.service),
    );
    for (const name of [
      'edge-gateway',
      'users',
      'checkout',
      'orders',
      'payments',
      'payments-db-proxy',
      'inventory',
    ])
      expect(services).toContain(name);
  });

  it('has routine errors in many services, unless noise is off', () => {
    const withErrors = (list: SimulatedRecord[]): number =>
      new Set(list.filter(({ severity }) => severity === 'ERROR').map(({ pod }) => pod.service)).size;
    expect(withErrors(records({ durationMs: 2 * HOUR_MS }))).toBeGreaterThan(6);
    expect(withErrors(records({ noise: { warnings: 0, errors: 0 } }))).toBe(0);
  });

  it('refuses times that are no whole seconds, unknown kinds and unknown services', () => {
    const check = (options: Partial<SimulationOptions>): void => {
      expect(() => simulate({ seed: 1, startMs: 0, durationMs: 1000, ...options })).toThrow(WinnowError);
    };
    check({ startMs: 1 });
    check({ durationMs: 0 });
    check({ faults: [{ kind: 'bad_luck', atMs: 0 }] });
    check({ faults: [{ kind: 'pod_fault', service: 'nowhere', atMs: 0 }] });
  });
});

describe('the shop', () => {
  it('renders every line of every table with all placeholders filled and JSON bodies valid', () => {
    const list = records({ scale: 2, noise: { warnings: 30, errors: 90 } });
    const seen = new Set(list.map(({ lineKey }) => lineKey));
    const unfilled = /\{[a-z]+(:[^}]*)?\}|undefined|NaN|«|»/;
    expect(list.find(({ body }) => unfilled.test(bodyText(body)))).toBeUndefined();
    for (const { pod, body } of list) if (pod.service === 'checkout') JSON.parse(bodyText(body));
    const rare = SHOP_SERVICES.flatMap(({ name, lines }) =>
      Object.keys(lines).map((key) => `${name}.${key}`),
    ).filter((key) => !seen.has(key));
    expect(rare.filter((key) => !key.endsWith('.upstream_failed')).length).toBeLessThan(12);
  });
});

describe('routine failed calls', () => {
  it('make callers report 5xx all day, in several services', () => {
    const list = records({ noise: { warnings: 1, errors: 1, failedCalls: 0.01 } });
    const reports = list.filter(({ lineKey }) => lineKey.endsWith('.upstream_failed'));
    expect(reports.length).toBeGreaterThan(50);
    expect(new Set(reports.map(({ pod }) => pod.service)).size).toBeGreaterThan(3);
    expect(records({}).filter(({ lineKey }) => lineKey.endsWith('.upstream_failed'))).toEqual([]);
  });
});
