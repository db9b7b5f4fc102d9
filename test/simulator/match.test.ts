import { describe, expect, it } from 'vitest';
import type { WindowRevision } from '../../src/contracts.ts';
import type { InjectedFault } from '../../src/simulator/fault.ts';
import { matchWindows } from '../../src/simulator/match.ts';
import { simulate } from '../../src/simulator/simulate.ts';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 10, 17, 10);

const { truth } = simulate({
  seed: 9,
  startMs: START_MS,
  durationMs: 90 * MINUTE_MS,
  faults: [
    { kind: 'pod_fault', service: 'catalog', atMs: 20 * MINUTE_MS },
    { kind: 'agent_restart', atMs: 60 * MINUTE_MS },
  ],
});
const podFault = truth[0]!;

function revision(change: Partial<WindowRevision> & { readonly body?: string }): WindowRevision {
  const { body, ...rest } = change;
  return {
    windowId: 'w_1',
    revision: 1,
    status: 'open',
    fingerprint: 'f',
    episodeId: 'e',
    tenant: 'default',
    severity: 3,
    onsetMs: podFault.onsetMs,
    watermarkMs: podFault.onsetMs + 15_000,
    services: ['catalog'],
    kinds: ['new'],
    headline: '',
    event: { data: { findings: [{ exemplars: [{ body: body ?? '' }] }] } },
    ...rest,
  };
}

describe('matchWindows', () => {
  it('reports rank, delay, onset error and shown lines of the first window of a fault', () => {
    const body = 'native module failed to load: libcrypto.so.3: cannot open shared object file';
    const { faults } = matchWindows(truth, [
      revision({
        onsetMs: podFault.onsetMs + 2_000,
        services: ['edge-gateway', 'catalog'],
        body: `catalog.views - ${body}`,
      }),
    ]);
    const { rank, delayMs, onsetErrorMs, linesShown } = faults[0]!;
    expect({ rank, delayMs, onsetErrorMs, linesShown }).toEqual({
      rank: 2,
      delayMs: 15_000,
      onsetErrorMs: 2_000,
      linesShown: 1,
    });
  });

  it('reads the lines from the last revision', () => {
    const body = 'native module failed to load: libcrypto.so.3: cannot open shared object file';
    const { faults } = matchWindows(truth, [
      revision({}),
      revision({ revision: 2, status: 'updated', body }),
    ]);
    expect(faults[0]!.linesShown).toBe(1);
  });

  it('counts a window as false when it is early, elsewhere, or was emitted before the fault began', () => {
    const check = (change: Partial<WindowRevision>): void => {
      const { faults, falseWindows } = matchWindows(truth, [revision(change)]);
      expect([faults[0]!.window, falseWindows.length], JSON.stringify(change)).toEqual([null, 1]);
    };
    check({ onsetMs: podFault.startMs - 2 * MINUTE_MS });
    check({ services: ['shipping'] });
    check({ onsetMs: podFault.startMs - 30_000, watermarkMs: podFault.startMs - 10_000 });
    check({ onsetMs: podFault.endMs + 2 * MINUTE_MS });
  });

  it('tells windows of harmless changes from windows of nothing', () => {
    const restart: InjectedFault = truth.find(({ incident }) => !incident)!;
    const { nonIncidentWindows, falseWindows } = matchWindows(truth, [
      revision({ onsetMs: restart.onsetMs, watermarkMs: restart.onsetMs + 15_000, services: ['node-agent'] }),
    ]);
    expect([nonIncidentWindows.length, falseWindows.length]).toEqual([1, 0]);
  });
});
