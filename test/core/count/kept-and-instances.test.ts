import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderKey } from '../../../src/core/count/bucket-table.ts';
import { instanceHash } from '../../../src/core/count/instances.ts';
import { hashBytes } from '../../../src/core/hash.ts';
import { EPOCH_S, type Line, partition, Stage1 } from '../../support/stage1.ts';

const SEED = 20261122;
const A = partition(0);
const TRACE_SEED = 0x7ace;

/** What rules 1 and 5 of docs/design.md say of the records of one line, worked out from all of them. */
function expected(lines: readonly Line[]): unknown {
  const records = lines.map((line, offset) => ({
    offset,
    timeMs: (EPOCH_S + line.atS) * 1_000,
    key: orderKey(hashBytes(Buffer.from(line.traceId!, 'hex'), 0, 16, TRACE_SEED)),
    instance: line.instance!,
  }));
  const byTime = [...records].sort((a, b) => a.timeMs - b.timeMs || a.offset - b.offset);
  const sample = [...byTime].sort((a, b) => a.key - b.key).slice(0, 4);
  const counts = new Map<string, number>();
  for (const { instance } of records) counts.set(instance, (counts.get(instance) ?? 0) + 1);
  const named = [...counts]
    .sort((a, b) => instanceHash(a[0]) - instanceHash(b[0]))
    .slice(0, 16)
    .sort((a, b) => (a[0] < b[0] ? -1 : 1));
  return {
    exemplar: byTime[0]!.offset,
    sample: byTime.filter((record) => sample.includes(record)).map(({ offset }) => offset),
    instances: { members: named, censored: counts.size > 16 },
  };
}

const line = fc.record<Line>({
  atS: fc.nat(3),
  body: fc.constant('ready'),
  instance: fc.oneof(fc.nat(2), fc.nat(30)).map((i) => `pod-${i}`),
  traceId: fc.nat(12).map((i) => String(i + 1).padStart(32, '0')),
});

describe('a row', () => {
  it('keeps the earliest record, the sample that its hashes say and the instances with exact counts', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 60 }), (lines) => {
        const stage = new Stage1([A]);
        for (const [offset, one] of lines.entries()) stage.feed(A, offset, [one]);
        const { signatures } = stage.drain().closed[0]!.services[0]!;
        expect(signatures).toHaveLength(1);
        const { exemplar, sample, instances } = signatures[0]!;
        expect({
          exemplar: exemplar.position.offset,
          sample: sample.map((kept) => kept.position.offset),
          instances,
        }).toEqual(expected(lines));
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('keeps the same beside many others and in a bucket whose memory was used before', () => {
    const bodies = ['alpha', 'beta', 'gamma', 'delta', 'eps'].flatMap((a) => [`${a} up`, `${a} down`, a]);
    const any = line.chain((one) => fc.constantFrom(...bodies).map((body) => ({ ...one, body })));
    fc.assert(
      fc.property(fc.array(fc.array(any, { maxLength: 150 }), { minLength: 2, maxLength: 3 }), (buckets) => {
        const stage = new Stage1([A]);
        buckets.forEach((lines, i) => {
          if (lines.length > 0)
            stage.feed(
              A,
              i,
              lines.map((one) => ({ ...one, atS: one.atS + i * 20 })),
            );
        });
        stage.drain();
        const want = buckets.filter((lines) => lines.length > 0).map((lines) => recordsByBody(lines));
        const got = stage.closed.map((bucket) =>
          bucket.services[0]!.signatures.map(({ records, sample, instances }) =>
            JSON.stringify([records, Math.min(records, 4) === sample.length, instances]),
          ).sort(),
        );
        expect(got).toEqual(want);
      }),
      { seed: SEED, numRuns: 100 },
    );
  });
});

function recordsByBody(lines: readonly Line[]): string[] {
  const bodies = [...new Set(lines.map(({ body }) => body))];
  return bodies
    .map((body) => {
      const own = lines.filter((one) => one.body === body);
      const { instances } = expected(own) as { instances: unknown };
      return JSON.stringify([own.length, true, instances]);
    })
    .sort();
}
