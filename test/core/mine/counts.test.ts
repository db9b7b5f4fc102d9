import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SignatureBucket } from '../../../src/contracts.ts';
import { CountSum, isSum } from '../../../src/core/mine/counts.ts';
import { INSTANCES_MAX, SAMPLE_MAX } from '../../../src/core/mine/limits.ts';
import { closedBucket } from './mine-lines.ts';

const SEED = 20250104;

/** Signatures of one bucket, each with samples, versions and instances of its own. */
function signatures(count: number): SignatureBucket[] {
  const lines = Array.from(
    { length: count },
    (_, i) => `word${'abcdefghij'[i % 10]}${'klmnopqrst'[Math.floor(i / 10) % 10]}x`,
  );
  return closedBucket(1, { s: [...lines, ...lines] }).services[0]!.signatures.map((signature, i) => ({
    ...signature,
    version: `v${i % 3}`,
    instances: { members: [[`pod-${i}`, 1] as const, ['pod-x', 1] as const], censored: i === 5 },
  }));
}

function sumOf(added: readonly SignatureBucket[]): unknown {
  const sum = new CountSum(added[0]!);
  for (const signature of added) sum.add(signature);
  const { records, severity, firstMs, lastMs, exemplar } = sum;
  return [records, severity, firstMs, lastMs, exemplar, sum.versions(), sum.instances(), sum.sample()];
}

describe('CountSum', () => {
  it('does not depend on the order in which signatures are added', () => {
    const all = signatures(90);
    const want = sumOf(all);
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(sumOf(shuffled)).toEqual(want);
      }),
      { seed: SEED, numRuns: 30 },
    );
  });

  it('adds exactly, takes the earliest record as exemplar and says when a set is cut', () => {
    const all = signatures(90);
    const sum = new CountSum(all[3]!);
    for (const signature of all) sum.add(signature);
    expect(sum.records).toBe(180);
    expect(sum.exemplar.timeMs).toBe(Math.min(...all.map((signature) => signature.exemplar.timeMs)));
    expect(sum.versions()).toEqual([
      ['v0', 60],
      ['v1', 60],
      ['v2', 60],
    ]);
    expect(sum.instances().members).toHaveLength(INSTANCES_MAX);
    expect(sum.instances().censored).toBe(true);
    expect(sum.sample()).toHaveLength(SAMPLE_MAX);
  });

  it('is a signature itself where there is no other and no cap is met', () => {
    const all = signatures(20);
    for (const one of all) {
      const { records, severity, firstMs, lastMs, exemplar, instances, sample } = one;
      const versions = [[one.version, records]];
      expect(isSum(one)).toBe(true);
      expect(sumOf([one])).toEqual([
        records,
        severity,
        firstMs,
        lastMs,
        exemplar,
        versions,
        instances,
        sample,
      ]);
    }
    const sample = all.slice(0, SAMPLE_MAX + 1).map(({ exemplar }) => exemplar);
    expect(isSum({ ...all[0]!, sample })).toBe(false);
  });

  it('keeps all samples and instances where there is room', () => {
    const few = signatures(4);
    const sum = new CountSum(few[0]!);
    for (const signature of few) sum.add(signature);
    expect(sum.sample()).toHaveLength(8);
    expect(sum.instances()).toEqual({
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
