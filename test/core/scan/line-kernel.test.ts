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

  it('takes thirty-six bytes for a UUID only if each of them is one of a UUID', () => {
    const kernel = new LineKernel();
    const isUuid = (text: string): boolean => {
      const bytes = new TextEncoder().encode(text);
      return kernel.words.isUuid(kernel.place(bytes, 0, bytes.length)) !== 0;
    };
    const uuid = '13bdd1b6-24f8-4904-a1a0-a799d0a854e9';
    for (const text of [uuid, uuid.toUpperCase(), `${uuid}0`, `${uuid}g`]) expect(isUuid(text)).toBe(true);
    for (let i = 0; i < uuid.length; i++)
      for (const wrong of uuid[i] === '-' ? 'a0g ' : '-gG/:@`')
        expect(isUuid(uuid.slice(0, i) + wrong + uuid.slice(i + 1)), `${wrong} at ${i}`).toBe(false);
  });

  it('takes bytes for hexadecimal only if all of them are, and looks at no other', () => {
    const kernel = new LineKernel();
    const isHex = (text: string, length: number): boolean => {
      const bytes = new TextEncoder().encode(text);
      const at = kernel.place(bytes, 0, bytes.length);
      return kernel.words.isHex(at, at + length) !== 0;
    };
    expect(isHex('a', 0)).toBe(false);
    for (const length of [1, 15, 16, 17, 31, 32, 33]) {
      const text = '0123456789abcdefABCDEF'.repeat(2).slice(0, length);
      expect(isHex(`${text}xyz`, length)).toBe(true);
      for (let i = 0; i < length; i++)
        expect(isHex(`${text.slice(0, i)}g${text.slice(i + 1)}abc`, length), `${length}, ${i}`).toBe(false);
    }
  });
});
