import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KnownBytes } from '../../../src/core/decode/known-bytes.ts';

type Pair = readonly [key: string, value: string];

/** As many as a reader of kept records knows. */
const newKnown = (): KnownBytes<Pair> => new KnownBytes(2_048);

const ASCII = new TextEncoder();

/** What a reader does with it; the text of the bytes stands for what decoding them gives. */
function read(known: KnownBytes<Pair>, bytes: Uint8Array): { pair: Pair; isFound: boolean } {
  // At an odd place of something larger, as attributes are.
  const source = new Uint8Array(bytes.length + 9).fill(0xaa);
  source.set(bytes, 5);
  const found = known.find(source, 5, 5 + bytes.length);
  if (found !== null) return { pair: found, isFound: true };
  const pair: Pair = ['key', Buffer.from(bytes).toString('hex')];
  known.add(source, 5, 5 + bytes.length, pair);
  return { pair, isFound: false };
}

test('a pair is found from its third time on, as the object of its second', () => {
  const known = newKnown();
  const bytes = ASCII.encode('route=/orders');
  expect(read(known, bytes).isFound).toBe(false);
  const second = read(known, bytes);
  expect(second.isFound).toBe(false);
  const third = read(known, bytes);
  expect(third.isFound).toBe(true);
  expect(third.pair).toBe(second.pair);
});

test('whatever comes in whatever order, what is found is what decoding gives', () => {
  // Few different bytes, so that pairs come again and differ in one place.
  const bytes = fc.uint8Array({ maxLength: 6, max: 2 });
  fc.assert(
    fc.property(fc.array(bytes, { maxLength: 400 }), (all) => {
      const known = newKnown();
      for (const one of all) expect(read(known, one).pair[1]).toBe(Buffer.from(one).toString('hex'));
    }),
    { numRuns: 200, seed: 2211 },
  );
});

test('more pairs than there is room for are forgotten and found again, always as themselves', () => {
  const known = newKnown();
  let found = 0;
  for (let round = 0; round < 6; round++) {
    for (let i = 0; i < 5_000; i++) {
      const bytes = ASCII.encode(`user=${i}`);
      const { pair, isFound } = read(known, bytes);
      expect(pair[1]).toBe(Buffer.from(bytes).toString('hex'));
      if (isFound) found++;
    }
  }
  const last = ASCII.encode('route=/orders');
  for (let i = 0; i < 3; i++) read(known, last);
  expect(read(known, last).isFound).toBe(true);
  expect(found).toBeLessThan(30_000);
});

test('ids that never come again drive nothing out', () => {
  const known = newKnown();
  const kept = ASCII.encode('method=GET');
  for (let i = 0; i < 3; i++) read(known, kept);
  for (let i = 0; i < 20_000; i++) read(known, ASCII.encode(`id=${i}`));
  expect(read(known, kept).isFound).toBe(true);
});

test('a pair longer than a place is never remembered', () => {
  const known = newKnown();
  for (let i = 0; i < 5; i++) expect(read(known, new Uint8Array(257)).isFound).toBe(false);
  for (let i = 0; i < 2; i++) read(known, new Uint8Array(256));
  expect(read(known, new Uint8Array(256)).isFound).toBe(true);
});
