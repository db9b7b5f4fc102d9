import fc from 'fast-check';
import { expect, it } from 'vitest';
import { WORD_BYTES } from '../../src/core/count/kept-header.ts';
import { WordCopy } from '../../src/core/count/word-copy.ts';

it('copies any range of any buffer to any word, and no word beside it', () => {
  const words = new WordCopy();
  const buffer = fc.uint8Array({ minLength: 1, maxLength: 90 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(buffer, fc.nat(), fc.nat(), fc.nat({ max: 4 }), fc.nat({ max: 20 })), {
        minLength: 1,
        maxLength: 4,
      }),
      (copies) => {
        for (const [whole, first, second, at, behindIt] of copies) {
          // A view into a larger buffer, as messages are views into what the network brought.
          const source = new Uint8Array(3 + whole.length + behindIt).subarray(3, 3 + whole.length);
          source.set(whole);
          const start = Math.min(first, second) % (whole.length + 1);
          const end = start + ((first + second) % (whole.length + 1 - start));
          const behind = (at + Math.ceil((end - start) / WORD_BYTES)) * WORD_BYTES;
          const target = new Uint8Array(behind + WORD_BYTES).fill(170);
          words.copy(source, start, end, new BigInt64Array(target.buffer), at);
          const from = at * WORD_BYTES;
          expect(target.subarray(from, from + end - start)).toEqual(whole.subarray(start, end));
          for (const beside of [target.subarray(0, at * WORD_BYTES), target.subarray(behind)])
            expect(beside).toEqual(new Uint8Array(beside.length).fill(170));
        }
      },
    ),
    { seed: 20261122, numRuns: 2000 },
  );
});
