import type { SimulationOptions } from '../../src/simulator/simulate.ts';

const MINUTE_MS = 60_000;
/** A Tuesday, so that no weekend step falls into it. */
const START_MS = Date.UTC(2026, 10, 17, 8, 0, 0);
/** Detection is warm enough by then to have windows to compare. */
const FIRST_FAULT_MS = 30 * MINUTE_MS;
const FAULT_EVERY_MS = 7 * MINUTE_MS;
const FAULT_MS = 6 * MINUTE_MS;

/** One after the other, over and over. */
const FAULTS: readonly (readonly [kind: string, service: string])[] = [
  ['precursor_outage', 'payments'],
  ['bad_version', 'checkout'],
  ['pod_fault', 'inventory'],
  ['silent_line', 'cart'],
  ['auth_failures', 'users'],
  ['plain_deploy', 'catalog'],
  ['memory_leak', 'search'],
  ['dns_failure', 'orders'],
  ['service_silence', 'shipping'],
  ['retry_storm', 'checkout'],
];

/** The simulated shop with a fault every few minutes, about 20 × `scale` records a second. */
export function faultyShop(seed: number, minutes: number, scale: number): SimulationOptions {
  const durationMs = minutes * MINUTE_MS;
  const faults = [];
  for (let atMs = FIRST_FAULT_MS, i = 0; atMs + FAULT_MS < durationMs; atMs += FAULT_EVERY_MS, i++) {
    const [kind, service] = FAULTS[i % FAULTS.length]!;
    faults.push({ kind, service, atMs, durationMs: FAULT_MS });
  }
  return { seed, startMs: START_MS, durationMs, scale, tail: { infos: 20, warnings: 1 }, faults };
}

/** Two busy hours: about 2.2 M records; a quick form of 0.13 M. */
export function busyShop(seed: number, isQuick: boolean): SimulationOptions {
  return isQuick ? faultyShop(seed, 45, 3) : faultyShop(seed, 120, 18);
}
