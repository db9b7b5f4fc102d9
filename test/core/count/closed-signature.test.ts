import { describe, expect, it } from 'vitest';
import type { ClosedBucket, SignatureBucket } from '../../../src/contracts.ts';
import { batch, counting, EPOCH_S, type Line, message, owned, partition } from '../../support/stage1.ts';

const A = partition(0);

/** Closes one bucket with these lines, and gives it to `read` while it may be read. */
function close(lines: readonly Line[], read: (bucket: ClosedBucket) => void): void {
  const stage = counting();
  stage.accept(batch(A, [message(lines, 7)]), read);
  stage.drain(read);
}

describe('ClosedSignature', () => {
  it('adds up the rows of all severity classes of a line', () => {
    const line = (atS: number, severityNumber: number, instance: string): Line => ({
      atS,
      severityNumber,
      instance,
      body: `took ${atS} s`,
    });
    close([line(3, 9, 'b'), line(1, 17, 'a'), line(2, 17, 'b'), line(4, 13, 'c')], (bucket) => {
      const [signature, ...others] = bucket.services[0]!.signatures;
      expect(others).toEqual([]);
      expect(signature!.records).toBe(4);
      expect(signature!.severity).toBe(3);
      expect(signature!.firstMs).toBe((EPOCH_S + 1) * 1_000);
      expect(signature!.lastMs).toBe((EPOCH_S + 4) * 1_000);
      expect(signature!.instances).toEqual({
        members: [
          ['a', 1],
          ['b', 2],
          ['c', 1],
        ],
        censored: false,
      });
      expect(signature!.exemplar).toMatchObject({ severityNumber: 17, instance: 'a', version: '1.0.0' });
      expect(signature!.sample.map((kept) => [kept.timeMs - EPOCH_S * 1_000, kept.instance])).toEqual([
        [1_000, 'a'],
        [2_000, 'b'],
        [3_000, 'b'],
        [4_000, 'c'],
      ]);
      expect(signature!.sample[0]).toEqual(signature!.exemplar);
    });
  });

  it('says the same each time it is read', () => {
    const lines = Array.from({ length: 60 }, (_, i) => ({ atS: i / 10, body: `word${'abcdef'[i % 6]}` }));
    close(lines, (bucket) => {
      const once = owned(bucket);
      expect(once.services[0]!.signatures).toHaveLength(6);
      expect(owned(bucket)).toEqual(once);
    });
  });

  it('cannot be read when its bucket has been handed over', () => {
    const lent: SignatureBucket[] = [];
    close([{ atS: 1, body: 'x' }], (bucket) => lent.push(...bucket.services[0]!.signatures));
    expect(() => lent[0]!.exemplar).toThrow(/handed over/);
    expect(() => lent[0]!.version).toThrow(/handed over/);
    expect(lent[0]!.records).toBeNaN();
  });
});
