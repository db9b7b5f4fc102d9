import { describe, expect, it } from 'vitest';
import { simulate } from '../../src/simulator/simulate.ts';
import { roundRows, truthRows } from '../../src/simulator/truth-files.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 10, 17, 10);

const simulation = simulate({
  seed: 9,
  startMs: START_MS,
  durationMs: 90 * MINUTE_MS,
  scale: 0.5,
  noise: { warnings: 1, errors: 0 },
  faults: [
    { kind: 'agent_restart', atMs: 25 * MINUTE_MS },
    { kind: 'dependency_refused', variant: 0, atMs: 40 * MINUTE_MS, durationMs: 10 * MINUTE_MS },
  ],
});

describe('truth files', () => {
  it('hold each incident with the first record of every line that appears, and no harmless change', () => {
    const rows = truthRows(simulation);
    expect(rows.map(({ kind }) => kind)).toEqual(['dependency_refused']);
    const { expected, services, onset_ns } = rows[0]!;
    expect(services).toEqual(['payments']);
    expect(expected[0]!.t_ns).toBe(onset_ns);
    expect(expected[0]!.line).toContain('connect ECONNREFUSED 10.4.7.12:5432');
    expect(expected.map(({ service }) => service)).toEqual([
      'payments',
      'orders',
      'checkout',
      'edge-gateway',
    ]);
  });

  it('cut the time into rounds without gaps: warm-up, clean, fault with its settling, clean', () => {
    const rows = roundRows(simulation, 20 * MINUTE_MS);
    const minute = (ns: string): number => (Number(ns.slice(0, -6)) - START_MS) / MINUTE_MS;
    expect(rows.map(({ kind, start_ns, end_ns }) => [kind, minute(start_ns), minute(end_ns)])).toEqual([
      ['clean', 0, 20],
      ['clean', 20, 40],
      ['fault', 40, 65],
      ['clean', 65, 90],
    ]);
  });
});
