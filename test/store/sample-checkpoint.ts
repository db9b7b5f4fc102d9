import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Checkpoint, PartitionPosition, WindowRevision } from '../../src/contracts.ts';

/** A directory that is gone after the test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'winnow-store-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function sampleRevision(overrides: Partial<WindowRevision> = {}): WindowRevision {
  return {
    windowId: 'w_7f3a9c1e5b20',
    revision: 1,
    status: 'open',
    fingerprint: '9e1c77d04ab2',
    episodeId: 'ep_4d1b',
    tenant: 'acme',
    severity: 3,
    onsetMs: 1_700_000_000_000.25,
    watermarkMs: 1_700_000_015_000,
    services: ['payments', 'orders'],
    kinds: ['new', 'spike'],
    headline: 'new error in payments',
    event: { specversion: '1.0', id: 'w_7f3a9c1e5b20.r1', data: { z: 1, a: ['ü', null] } },
    ...overrides,
  };
}

export function samplePosition(overrides: Partial<PartitionPosition> = {}): PartitionPosition {
  return {
    source: 'kafka',
    topic: 'otlp_logs',
    partition: 0,
    resumeAt: 10,
    readTo: 20,
    maxTimeMs: 1_700_000_000_000.5,
    ...overrides,
  };
}

export function sampleCheckpoint(overrides: Partial<Checkpoint> = {}): Checkpoint {
  return {
    positions: [samplePosition()],
    state: [{ table: 'template', key: 'k', value: '{"a":1}' }],
    revisions: [sampleRevision()],
    closedToMs: 1_700_000_010_000,
    ...overrides,
  };
}
