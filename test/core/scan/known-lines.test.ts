import { describe, expect, it } from 'vitest';
import { CanonicalLine } from '../../../src/core/scan/canonical-line.ts';
import { KnownLines } from '../../../src/core/scan/known-lines.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';
import { SCANNED_BYTES_MAX, TokenScanner } from '../../../src/core/scan/token-scanner.ts';

const encoder = new TextEncoder();

function lineOf(text: string): CanonicalLine {
  const line = new CanonicalLine(SCANNED_BYTES_MAX);
  const bytes = encoder.encode(text);
  line.write(bytes, 0, bytes.length);
  return line;
}

describe('known lines', () => {
  it('are found again with what was found of them, and no other line is', () => {
    const known = new KnownLines();
    const one = lineOf('order placed');
    expect(known.find(one)).toBe(false);
    known.add(one, -5, 7, 1);
    expect(known.find(lineOf('order place'))).toBe(false);
    expect(known.find(lineOf('order placed '))).toBe(false);
    expect(known.find(lineOf('order placed'))).toBe(true);
    expect([known.hashHigh, known.hashLow, known.kind]).toEqual([-5, 7, 1]);
  });

  it('do not hold empty and very long lines', () => {
    const known = new KnownLines();
    for (const text of ['', 'x'.repeat(5_000)]) {
      const line = lineOf(text);
      known.find(line);
      known.add(line, 1, 2, 0);
      expect(known.find(line)).toBe(false);
    }
  });

  it('are forgotten when there are too many, and every line keeps its signature all the while', () => {
    const scanner = createScanner();
    const whole = new TokenScanner();
    // More lines than are remembered, the same forty among them again and again.
    for (let i = 0; i < 100_000; i++) {
      const text = i % 5 === 0 ? `common ${word(i % 200)} line` : `${word(i)} is ${word(i * 7)}`;
      const bytes = encoder.encode(text);
      scanner.scan(bytes, 0, bytes.length);
      whole.scan(bytes, 0, bytes.length);
      if (scanner.hashHigh !== whole.hashHigh || scanner.hashLow !== whole.hashLow) expect.fail(text);
    }
  });
});

/** A word of letters for a number. */
function word(n: number): string {
  return n.toString(26).replace(/[0-9]/g, (digit) => 'qrstuvwxyz'[Number(digit)]!);
}
