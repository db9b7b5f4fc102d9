import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FormReader } from '../../../src/core/mine/elements.ts';
import { pack } from '../../../src/core/mine/packed.ts';
import { changesNothing } from '../../../src/core/mine/plain-lines.ts';
import { RepeatedLines } from '../../../src/core/mine/repeated-lines.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';

const SEED = 20261122;
const encoder = new TextEncoder();

const WORDS = fc.constantFrom(
  'took',
  'for',
  'user',
  'failed:',
  '(ok)',
  'id=',
  'at',
  '[',
  ']',
  '"x y"',
  'up, down',
  '->',
);
const DIGITS = fc.constantFrom('7', '12', '5130', '20261122');
/** Digits are drawn anew for every line, so that the lines of one format differ in their values and, now and then, in type. */
const VALUES = fc.constantFrom(
  '#',
  '#ms',
  '#.#s',
  '#.# MB',
  '10.#.#.4:80#',
  '0x#a',
  '/v/#',
  '#:#',
  '20#-11-22 05:1#:14',
  'w#',
  'a#b-#',
  '(#/#)',
  'http://h/#?p=#',
  '# #',
);
const FORMAT = fc.array(fc.oneof(WORDS, VALUES), { minLength: 2, maxLength: 9 });
const LINES = fc.tuple(
  FORMAT,
  fc.array(DIGITS, { minLength: 24, maxLength: 24 }),
  fc.array(DIGITS, { minLength: 24, maxLength: 24 }),
);

function lineOf(format: readonly string[], digits: readonly string[]): string {
  let next = 0;
  return format.join(' ').replace(/#/g, () => digits[next++ % digits.length]!);
}

test('a line that is covered by the one before would change nothing if it were read', () => {
  const reader = new FormReader(createScanner());
  const repeated = new RepeatedLines();
  const seen = { covered: 0, refused: 0, wrongToCover: 0 };
  fc.assert(
    fc.property(LINES, ([format, first, second]) => {
      const a = encoder.encode(lineOf(format, first));
      const full = pack(reader.read(lineOf(format, first)).full);
      if (!repeated.covers(a, 0, a.length, full)) {
        const tokens = reader.tokensOf(a, 0, a.length);
        if (changesNothing(a, tokens, full)) repeated.remember(a, tokens, full);
      }
      const b = encoder.encode(`before it, ${lineOf(format, second)} behind it`);
      const [start, end] = [11, b.length - 10];
      const isCovered = repeated.covers(b, start, end, full);
      const changes = !changesNothing(b, reader.tokensOf(b, start, end), full);
      if (isCovered) seen.covered++;
      else seen.refused++;
      if (changes) seen.wrongToCover++;
      expect(isCovered && changes).toBe(false);
    }),
    { seed: SEED, numRuns: 10_000 },
  );
  expect(seen.covered).toBeGreaterThan(3_000);
  expect(seen.wrongToCover).toBeGreaterThan(500);
});

test('another form, another constant and a longer line are never covered', () => {
  const reader = new FormReader(createScanner());
  const repeated = new RepeatedLines();
  const line = encoder.encode('user 17 logged in');
  const full = pack(reader.read('user 17 logged in').full);
  expect(repeated.covers(line, 0, line.length, full)).toBe(false);
  repeated.remember(line, reader.tokensOf(line, 0, line.length), full);
  const covers = (text: string, form = full): boolean => {
    const bytes = encoder.encode(text);
    return repeated.covers(bytes, 0, bytes.length, form);
  };
  expect(covers('user 4711 logged in')).toBe(true);
  expect(covers('user 4711 logged of')).toBe(false);
  expect(covers('user 4711 logged in', pack(reader.read('user 17 logged of').full))).toBe(false);
  expect(covers(`user 4711 logged in${' '.repeat(2_000)}`)).toBe(false);
});
