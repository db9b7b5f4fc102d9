import type { SimulationOptions } from './simulate.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** A Tuesday, so that no weekend step falls into the demo. */
const DEMO_START_MS = Date.UTC(2026, 10, 17, 8, 0, 0);

/** What `winnow demo` shows: seven hours of the shop, three of them quiet, then six faults and a harmless deploy. */
export function demoScenario(seed: number): SimulationOptions {
  return {
    seed,
    startMs: DEMO_START_MS,
    durationMs: 7 * HOUR_MS,
    scale: 0.9,
    tail: { infos: 20, warnings: 1 },
    faults: [
      { kind: 'plain_deploy', service: 'catalog', atMs: 3 * HOUR_MS + 5 * MINUTE_MS },
      {
        kind: 'precursor_outage',
        service: 'payments',
        atMs: 3 * HOUR_MS + 37 * MINUTE_MS,
        durationMs: 20 * MINUTE_MS,
      },
      {
        kind: 'bad_version',
        service: 'checkout',
        atMs: 4 * HOUR_MS + 31 * MINUTE_MS,
        durationMs: 20 * MINUTE_MS,
      },
      {
        kind: 'pod_fault',
        service: 'inventory',
        atMs: 5 * HOUR_MS + 12 * MINUTE_MS,
        durationMs: 15 * MINUTE_MS,
      },
      {
        kind: 'silent_line',
        service: 'cart',
        atMs: 5 * HOUR_MS + 44 * MINUTE_MS,
        durationMs: 20 * MINUTE_MS,
      },
      {
        kind: 'auth_failures',
        service: 'users',
        atMs: 6 * HOUR_MS + 11 * MINUTE_MS,
        durationMs: 12 * MINUTE_MS,
      },
      {
        kind: 'memory_leak',
        service: 'search',
        atMs: 6 * HOUR_MS + 28 * MINUTE_MS,
        durationMs: 25 * MINUTE_MS,
      },
    ],
  };
}
