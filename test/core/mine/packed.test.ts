import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FormReader } from '../../../src/core/mine/elements.ts';
import { elementAt, pack, packPlaces, unpack, unpackPlaces } from '../../../src/core/mine/packed.ts';
import {
  skeletonOf,
  skeletonOfPacked,
  wordBits,
  wordBitsOfPacked,
} from '../../../src/core/mine/skeletons.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';

const SEED = 20261123;
const reader = new FormReader(createScanner());

describe('packed forms', () => {
  it('unpack to what was packed, for any line, also one with control bytes in quotes', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('"a\u0001b"', "'\u0000'", 'k=v', '[a, b]', '{"k": 1}', 'Größe', '日本', '5ms', '()'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const { key, full } = reader.read(pieces.join(' '));
        for (const form of [key, full]) {
          const packed = pack(form);
          expect(unpack(packed)).toEqual(form);
          expect(skeletonOfPacked(packed)).toBe(skeletonOf(form));
          expect(wordBitsOfPacked(packed)).toBe(wordBits(form));
          form.forEach((element, i) => {
            expect(elementAt(packed, i)).toEqual(element);
          });
        }
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('keep places in ascending order', () => {
    expect([...unpackPlaces(packPlaces([511, 0, 7]))]).toEqual([0, 7, 511]);
  });
});
