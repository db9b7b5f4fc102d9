// Goal: what is read four bytes at a time ends where a loop over single bytes ends, at every offset and length.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closingQuote, letters } from '../../../src/core/scan/four-bytes.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';

const SEED = 20251122;

/** Bytes at the borders of the classes come often, so that runs begin and end everywhere. */
const someBytes = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...Buffer.from('azAZms__')) },
    { weight: 3, arbitrary: fc.constantFrom(...Buffer.from('"\'\\`{@[ 09'), 127, 128, 223, 225, 255, 0) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
  ),
  { minLength: 1, maxLength: 40 },
);

function check(
  find: (bytes: Uint8Array, view: DataView, at: number, end: number) => number,
  want: typeof slow,
): void {
  fc.assert(
    fc.property(someBytes, fc.nat(), fc.nat(), fc.nat(8), (values, from, to, offset) => {
      const bytes = new Uint8Array([...Array(offset).fill(97), ...values]).subarray(offset);
      const at = from % bytes.length;
      const end = at + 1 + (to % (bytes.length - at));
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      expect(find(bytes, view, at, end)).toBe(want(bytes, at, end));
    }),
    { seed: SEED, numRuns: 3000 },
  );
}

function slow(bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  while (i < end && /[A-Za-z_]/.test(String.fromCharCode(bytes[i]!))) i++;
  return i;
}

function slowQuote(bytes: Uint8Array, at: number, end: number): number {
  for (let i = at + 1; i < end; i++) {
    if (bytes[i] === 92) i++;
    else if (bytes[i] === bytes[at]) return i;
  }
  return end - 1;
}

describe('four bytes at a time', () => {
  it('letters and underscores end where the first other byte stands', () => check(letters, slow));

  it('a quotation ends at the quote that no backslash stands in front of', () => {
    check((bytes, view, at, end) => closingQuote(bytes, view, at, end), slowQuote);
  });
});

describe('a line with more notable words than are kept of one', () => {
  it('masks every one of them', () => {
    const scanner = createScanner();
    const signature = (value: string): string => {
      const bytes = new TextEncoder().encode(
        Array.from({ length: 100 }, (_, i) => `key${'x'.repeat(i)} ${value}`).join(' '),
      );
      scanner.scan(bytes, 0, bytes.length);
      return `${scanner.hashHigh} ${scanner.hashLow}`;
    };
    expect(signature('true')).toBe(signature('false'));
    expect(signature('true')).not.toBe(signature('truth'));
  });
});
