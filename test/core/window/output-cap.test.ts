import { describe, expect, it } from 'vitest';
import type { Finding, WindowRevision } from '../../../src/contracts.ts';
import { BYTES_PER_HOUR, WINDOWS_PER_HOUR } from '../../../src/core/window/limits.ts';
import { renderText } from '../../../src/core/window/render.ts';
import {
  assembler,
  at,
  bucket,
  countTokens,
  dataOf,
  finding,
  quiet,
  STEP_MS,
  serviceRef,
  type TemplateSpec,
} from './fixtures.ts';

function sizeOf(revisions: readonly WindowRevision[]): number {
  return revisions.reduce((n, revision) => n + JSON.stringify(revision.event).length, 0);
}

/** `n` services that share nothing, each with one new ERROR line. */
function unrelated(n: number, startMs: number, name: string): { specs: TemplateSpec[]; findings: Finding[] } {
  const specs: TemplateSpec[] = [];
  const findings: Finding[] = [];
  for (let i = 0; i < n; i++) {
    const service = `${name}${String(i).padStart(4, '0')}`;
    const body = `thing ${i} broke`;
    specs.push({
      service,
      templateId: `t_${i}`,
      records: 3,
      severity: 3,
      lines: [{ body, atMs: startMs + i }],
    });
    findings.push(finding(service, 'new', `t_${i}`, startMs + i));
  }
  return { specs, findings };
}

describe('a storm', () => {
  it('of 500 services that fail at once is one window that says what it merged', () => {
    const { specs, findings } = unrelated(500, at('02:40:00'), 'svc-');
    const target = assembler();
    const revisions = target.observe(bucket(at('02:40:00'), specs), { findings, changes: [] });
    expect(revisions).toHaveLength(1);
    const data = dataOf(revisions[0]!);
    expect(data.storm).toEqual({
      reason: 'windows_in_one_bucket',
      windows_merged: 500,
      services_merged: 500,
      findings_merged: 500,
    });
    expect(data.headline).toContain('500 services');
    expect(data.findings.length + data.omitted.findings).toBe(500);
    expect(data.scope.services.length + data.omitted.services).toBe(500);
    expect(data.scope.services[0]!['service.name']).toBe('svc-0000');
    const text = renderText(revisions[0]!.event, { countTokens });
    expect(countTokens(text)).toBeLessThanOrEqual(1100);
    expect(text).toContain('500 findings in 500 services');
  });

  it('stays under its cap of windows and bytes when it lasts', () => {
    const target = assembler();
    const revisions: WindowRevision[] = [];
    for (let i = 0; i < 360; i++) {
      const startMs = at('03:00:00') + i * STEP_MS;
      const { specs, findings } = unrelated(60, startMs, `w${i}-`);
      revisions.push(
        ...target.observe(bucket(startMs, specs, { bytes: 100_000_000 }), { findings, changes: [] }),
      );
    }
    revisions.push(...quiet(target, at('04:00:00'), at('05:00:00'), []));
    expect(new Set(revisions.map((one) => one.windowId)).size).toBeLessThanOrEqual(WINDOWS_PER_HOUR + 1);
    expect(sizeOf(revisions)).toBeLessThan(2 * BYTES_PER_HOUR);
    const merged = revisions.filter((one) => one.status === 'closed').map(dataOf);
    const findings = merged.reduce((n, data) => n + data.findings.length + data.omitted.findings, 0);
    expect(findings).toBe(360 * 60);
  });

  it('of a few windows in each bucket is merged once the hour is full', () => {
    const target = assembler();
    const revisions: WindowRevision[] = [];
    for (let i = 0; i < 40; i++) {
      const startMs = at('03:00:00') + i * STEP_MS;
      const { specs, findings } = unrelated(2, startMs, `w${i}-`);
      revisions.push(...target.observe(bucket(startMs, specs), { findings, changes: [] }));
    }
    expect(revisions.filter((one) => one.revision === 1)).toHaveLength(WINDOWS_PER_HOUR + 1);
    expect(revisions.map(dataOf).find((data) => data.storm !== undefined)?.storm?.reason).toBe(
      'windows_per_hour',
    );
  });
});

describe('the output budget', () => {
  it('keeps all revisions below 1/500 of the input, after a head start', () => {
    const target = assembler();
    const revisions: WindowRevision[] = [];
    const bytesPerBucket = 200_000;
    const buckets = 6 * 180;
    for (let i = 0; i < buckets; i++) {
      const startMs = at('03:00:00') + i * STEP_MS;
      const specs: TemplateSpec[] = [{ service: 'orders', templateId: `t_${i}`, records: 2, severity: 3 }];
      const findings = i % 7 === 0 ? [finding('orders', 'new', `t_${i}`, startMs)] : [];
      revisions.push(
        ...target.observe(bucket(startMs, specs, { bytes: bytesPerBucket }), { findings, changes: [] }),
      );
    }
    expect(sizeOf(revisions)).toBeLessThan((buckets * bytesPerBucket) / 500 + 48_000);
    expect(revisions.length).toBeGreaterThan(5);
  });

  it('spent, tells a window compactly but still at once', () => {
    const target = assembler();
    const { specs, findings } = unrelated(1, at('02:40:00'), 'a');
    for (let i = 0; i < 40; i++) {
      const startMs = at('00:00:00') + i * 360 * 1000;
      const one = unrelated(1, startMs, `b${i}`);
      target.observe(bucket(startMs, one.specs, { bytes: 0 }), { findings: one.findings, changes: [] });
    }
    const later = at('02:40:00') + 4 * 3_600_000;
    const moved = findings.map((one) => ({ ...one, onsetMs: later }));
    const revisions = target.observe(bucket(later, specs, { bytes: 0 }), { findings: moved, changes: [] });
    const opened = revisions.filter((one) => one.status === 'open');
    expect(opened).toHaveLength(1);
    expect(dataOf(opened[0]!).findings[0]?.count.per_min).toBeUndefined();
  });
});

describe('many tenants', () => {
  it('have a bounded number of open windows together: the one quiet longest closes to make room', () => {
    const target = assembler();
    const revisions: WindowRevision[] = [];
    for (let i = 0; i < 150; i++) {
      const startMs = at('03:00:00') + i * STEP_MS;
      const specs: TemplateSpec[] = [];
      const findings: Finding[] = [];
      for (let n = 0; n < 8; n++) {
        const service = serviceRef('web', `tenant-${i}-${n}`);
        specs.push({
          service,
          templateId: 't_1',
          records: 1,
          severity: 3,
          lines: [{ body: 'boom', atMs: startMs }],
        });
        findings.push(finding(service, 'new', 't_1', startMs));
      }
      revisions.push(...target.observe(bucket(startMs, specs, { bytes: 1e9 }), { findings, changes: [] }));
    }
    const closed = revisions.filter((one) => one.status === 'closed');
    expect(revisions.filter((one) => one.status === 'open')).toHaveLength(1200);
    expect(closed).toHaveLength(200);
    expect(closed[0]!.tenant).toMatch(/^tenant-0-/);
  });
});
