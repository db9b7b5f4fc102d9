import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Line, partition, Stage1, textOf } from '../support/stage1.ts';

// Stage 1 is commutative: whatever the interleaving of partitions, closed buckets are the same, byte for byte.

const PARTITIONS = 3;
const SERVICES = ['cart', 'orders'];
const BODIES = [
  'order 17 placed',
  'order 4711 placed',
  'cache miss for key ab',
  'connect ECONNREFUSED 10.0.0.1:5432',
  'done',
];

const line = fc.record<Line>({
  atS: fc.integer({ min: 0, max: 59_999 }).map((ms) => ms / 1_000),
  body: fc.constantFrom(...BODIES),
  service: fc.constantFrom(...SERVICES),
  version: fc.constantFrom('1.0.0', '1.1.0'),
  instance: fc.integer({ min: 0, max: 40 }).map((i) => `pod-${i}`),
  severityNumber: fc.constantFrom(5, 9, 13, 17),
  traceId: fc.constantFrom('5b8efff798038103d269b633813fc60c', '00000000000000000000000000000001'),
});

/** Messages per partition; times wander forward so that some records are late and most are not. */
const streams = fc.array(
  fc
    .array(fc.array(line, { minLength: 1, maxLength: 6 }), { maxLength: 8 })
    .map((messages) =>
      messages.map((lines, i) => lines.map((one) => ({ ...one, atS: i * 9 + (one.atS % 17) }))),
    ),
  { minLength: PARTITIONS, maxLength: PARTITIONS },
);

/** Plays the streams in the order that `picks` chooses among partitions with messages left. */
function play(perPartition: readonly (readonly (readonly Line[])[])[], picks: readonly number[]): string {
  const refs = perPartition.map((_, i) => partition(i));
  const stage = new Stage1(refs);
  const next = perPartition.map(() => 0);
  for (let turn = 0; ; turn++) {
    const left = perPartition.flatMap((messages, i) => (next[i]! < messages.length ? [i] : []));
    if (left.length === 0) break;
    const chosen = left[(picks[turn % picks.length] ?? 0) % left.length]!;
    stage.feed(refs[chosen]!, next[chosen]!, perPartition[chosen]![next[chosen]!]!);
    next[chosen]!++;
  }
  return textOf(stage.drain().closed);
}

test('any interleaving of partitions closes the same buckets, samples and exemplars included', () => {
  const picks = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 24 });
  fc.assert(
    fc.property(streams, picks, (perPartition, order) => {
      expect(play(perPartition, order)).toBe(play(perPartition, [0]));
    }),
    { numRuns: 300, seed: 20_261 },
  );
});

test('every consumed record is in the books of exactly one bucket', () => {
  fc.assert(
    fc.property(streams, (perPartition) => {
      const stage = new Stage1(perPartition.map((_, i) => partition(i)));
      let fed = 0;
      perPartition.forEach((messages, i) => {
        messages.forEach((lines, offset) => {
          fed += lines.length;
          stage.feed(partition(i), offset, lines);
        });
      });
      let consumed = 0;
      for (const { accounting, services } of stage.drain().closed) {
        consumed += accounting.consumed;
        const dropped = Object.values(accounting.dropped).reduce((sum, units) => sum + units, 0);
        expect(accounting.counted + dropped).toBe(accounting.consumed);
        expect(services.reduce((sum, service) => sum + service.records, 0)).toBe(accounting.counted);
        for (const service of services) {
          const inSignatures = service.signatures.reduce((sum, signature) => sum + signature.records, 0);
          expect(inSignatures + service.frames).toBe(service.records);
        }
      }
      expect(consumed).toBe(fed);
    }),
    { numRuns: 200, seed: 20_262 },
  );
});
