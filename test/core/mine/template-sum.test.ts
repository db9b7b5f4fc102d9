import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SignatureBucket } from '../../../src/contracts.ts';

import { INSTANCES_MAX, SAMPLE_MAX } from '../../../src/core/mine/limits.ts';
import { TemplateSum } from '../../../src/core/mine/template-sum.ts';
import { closedBucket } from './mine-lines.ts';

const SEED = 20250104;

/** Signatures of one bucket, each with samples, versions and instances of its own; the eighth has an ERROR. */
function signatures(count: number): SignatureBucket[] {
  const lines = Array.from(
    { length: count },
    (_, i) => `word${'abcdefghij'[i % 10]}${'klmnopqrst'[Math.floor(i / 10) % 10]}x`,
  );
  return closedBucket(1, { s: [...lines, ...lines] }).services[0]!.signatures.map((signature, i) => ({
    ...signature,
    version: `v${i % 3}`,
    severity: i === 7 ? 3 : signature.severity,
    instances: { members: [[`pod-${i}`, 1] as const, ['pod-x', 1] as const], censored: i === 5 },
  }));
}

function sumOf([first, ...others]: readonly SignatureBucket[]): TemplateSum {
  const sum = new TemplateSum('t_1', 1, false, false, first!);
  for (const signature of others) sum.add(signature);
  return sum;
}

/** Every property but what the miner says of the template itself. */
function plain(sum: TemplateSum): unknown {
  const { records, severity, firstMs, lastMs, versions, instances, exemplar, sample } = sum;
  return { records, severity, firstMs, lastMs, versions, instances, exemplar, sample };
}

describe('TemplateSum', () => {
  it('does not depend on the order in which signatures are added', () => {
    const all = signatures(90);
    const want = plain(sumOf(all));
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(plain(sumOf(shuffled))).toEqual(want);
      }),
      { seed: SEED, numRuns: 30 },
    );
  });

  it('adds exactly, takes the earliest record as exemplar and says when a set is cut', () => {
    const all = signatures(90);
    const sum = sumOf([all[3]!, ...all.filter((_, i) => i !== 3)]);
    expect(sum.records).toBe(180);
    expect(sum.severity).toBe(3);
    expect(sum.exemplar.timeMs).toBe(Math.min(...all.map((signature) => signature.exemplar.timeMs)));
    expect(sum.versions).toEqual([
      ['v0', 60],
      ['v1', 60],
      ['v2', 60],
    ]);
    expect(sum.instances.members).toHaveLength(INSTANCES_MAX);
    expect(sum.instances.censored).toBe(true);
    expect(sum.sample).toHaveLength(SAMPLE_MAX);
  });

  it('says what its signature says where there is no other, within its caps', () => {
    const all = signatures(20);
    for (const one of all) {
      const { records, severity, firstMs, lastMs, exemplar, instances, sample } = one;
      const versions = [[one.version, records]];
      expect(plain(sumOf([one]))).toEqual({
        records,
        severity,
        firstMs,
        lastMs,
        versions,
        instances,
        exemplar,
        sample,
      });
    }
    const sample = all.slice(0, SAMPLE_MAX + 1).map(({ exemplar }) => exemplar);
    expect(sumOf([{ ...all[0]!, sample }]).sample).toHaveLength(SAMPLE_MAX);
  });

  it('keeps all samples and instances where there is room', () => {
    const few = signatures(4);
    const sum = sumOf(few);
    expect(sum.sample).toHaveLength(8);
    expect(sum.instances).toEqual({
      members: [
        ['pod-0', 1],
        ['pod-1', 1],
        ['pod-2', 1],
        ['pod-3', 1],
        ['pod-x', 4],
      ],
      censored: false,
    });
  });
});
