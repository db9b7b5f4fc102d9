import { describe, expect, it } from 'vitest';
import { LineKernel } from '../../../src/core/scan/line-kernel.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';
import { WholeScanner } from './whole-scanner.ts';

const encoder = new TextEncoder();

function isKnown(kernel: LineKernel, text: string): boolean {
  const bytes = encoder.encode(text);
  const at = kernel.place(bytes, 0, bytes.length);
  return kernel.find(at, at + bytes.length);
}

describe('known lines', () => {
  it('are found again with what was found of them, and no other line is', () => {
    const kernel = new LineKernel();
    expect(isKnown(kernel, 'order placed')).toBe(false);
    kernel.add(-5, 7, 1);
    expect(isKnown(kernel, 'order place')).toBe(false);
    expect(isKnown(kernel, 'order placed ')).toBe(false);
    expect(isKnown(kernel, 'order placed')).toBe(true);
    expect([kernel.hashHigh, kernel.hashLow, kernel.kind]).toEqual([-5, 7, 1]);
  });

  it('do not hold empty and very long lines', () => {
    const kernel = new LineKernel();
    for (const text of ['', 'x'.repeat(5_000)]) {
      expect(isKnown(kernel, text)).toBe(false);
      kernel.add(1, 2, 0);
      expect(isKnown(kernel, text)).toBe(false);
    }
  });

  it('are forgotten when there are too many, and every line keeps its signature all the while', () => {
    const scanner = createScanner();
    const whole = new WholeScanner();
    // More lines than are remembered, the same forty among them again and again.
    for (let i = 0; i < 100_000; i++) {
      const text = i % 5 === 0 ? `common ${word(i % 200)} line` : `${word(i)} is ${word(i * 7)}`;
      const bytes = encoder.encode(text);
      scanner.scan(bytes, 0, bytes.length);
      const [, high, low] = whole.scan(bytes);
      if (scanner.hashHigh !== high || scanner.hashLow !== low) expect.fail(text);
    }
  });
});

/** A word of letters for a number. */
function word(n: number): string {
  return n.toString(26).replace(/[0-9]/g, (digit) => 'qrstuvwxyz'[Number(digit)]!);
}
