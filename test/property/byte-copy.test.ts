import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteCopy } from '../../src/core/count/byte-copy.ts';

it('copies any range of any buffer to any place, and nothing beside it', () => {
  const bytes = new ByteCopy();
  const buffer = fc.uint8Array({ minLength: 1, maxLength: 90 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(buffer, fc.nat(), fc.nat(), fc.nat({ max: 20 })), { minLength: 1, maxLength: 4 }),
      (copies) => {
        for (const [whole, first, second, at] of copies) {
          // A view into a larger buffer, as messages are views into what the network brought.
          const source = new Uint8Array(whole.length + 7).subarray(3, 3 + whole.length);
          source.set(whole);
          const start = Math.min(first, second) % (whole.length + 1);
          const end = start + ((first + second) % (whole.length + 1 - start));
          const target = new Uint8Array(((at + end - start) & ~3) + 8).fill(170);
          const expected = target.slice();
          expected.set(whole.subarray(start, end), at);
          bytes.copy(source, start, end, target, new Int32Array(target.buffer), at);
          expect(target).toEqual(expected);
        }
      },
    ),
    { seed: 20261122, numRuns: 2000 },
  );
});
