import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DIGIT, WORD_END } from '../../../src/core/scan/byte-class.ts';
import { BYTE_CLASS } from '../../../src/core/scan/classes.ts';
import { LINE_BYTES_MAX, MESSAGE_BYTES_MAX } from '../../../src/core/scan/kernel-layout.ts';
import { LineKernel } from '../../../src/core/scan/line-kernel.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';

const SEED = 20261122;
const someBytes = fc.uint8Array({ minLength: 1, maxLength: 200 });

describe('the kernel', () => {
  it('reads a line in a loaded message as it reads the same line alone, wherever it stands', () => {
    const scanner = createScanner();
    const alone = createScanner();
    fc.assert(
      fc.property(someBytes, someBytes, someBytes, (before, line, behind) => {
        const message = scanner.load(Uint8Array.from([...before, ...line, ...behind]));
        scanner.scan(message, before.length, before.length + line.length);
        alone.scan(line, 0, line.length);
        expect([scanner.kind, scanner.hashHigh, scanner.hashLow]).toEqual([
          alone.kind,
          alone.hashHigh,
          alone.hashLow,
        ]);
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });

  it('gives back a message that is too large for it, and still reads its lines', () => {
    const scanner = createScanner();
    const message = new Uint8Array(MESSAGE_BYTES_MAX + 1).fill(97);
    expect(scanner.load(message)).toBe(message);
    scanner.scan(message, 0, message.length);
    const [high, low] = [scanner.hashHigh, scanner.hashLow];
    scanner.scan(message, 1, 1 + LINE_BYTES_MAX);
    expect([scanner.hashHigh, scanner.hashLow]).toEqual([high, low]);
  });

  it('does not take a line for one of a message that was loaded before another', () => {
    const scanner = createScanner();
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
    const first = scanner.load(bytes('one thing')).slice();
    scanner.load(bytes('another x'));
    scanner.scan(first, 0, first.length);
    const alone = createScanner();
    alone.scan(bytes('one thing'), 0, 9);
    expect(scanner.hashLow).toBe(alone.hashLow);
  });

  it('survives any bytes up to the longest line, next to the edges of its memory', () => {
    const kernel = new LineKernel();
    for (const c of [0, 48, 97, 46, 45, 47, 58, 255]) {
      const line = new Uint8Array(LINE_BYTES_MAX).fill(c);
      const at = kernel.place(line, 0, line.length);
      kernel.find(at, at + line.length);
      expect(kernel.canonicalLength).toBeLessThanOrEqual(LINE_BYTES_MAX);
      const loaded = kernel.load(new Uint8Array(MESSAGE_BYTES_MAX).fill(c));
      const end = kernel.place(loaded, loaded.length - 5, loaded.length) + 5;
      expect(() => kernel.find(end - 5, end)).not.toThrow();
    }
  });

  it('ends words where the classes of bytes say: a number is a value between such bytes', () => {
    const kernel = new LineKernel();
    for (let c = 0; c < 256; c++) {
      const line = Uint8Array.from([97, c, 49, 50, 51, 52, 53, 54, 55, 56, 57, c, 97]);
      const at = kernel.place(line, 0, line.length);
      const values = kernel.trace(at, at + line.length);
      const isWord = (BYTE_CLASS[c]! & WORD_END) === 0;
      // A word of letters around a long number is cut or kept as a whole; between ends of words the number is one value.
      if (!isWord && (BYTE_CLASS[c]! & DIGIT) === 0) expect(values).toBe(1);
    }
  });
});
