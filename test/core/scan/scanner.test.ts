import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LINE_BYTES_MAX } from '../../../src/core/scan/kernel-layout.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';
import { cpuMsOf } from '../../support/cpu-time.ts';

const encoder = new TextEncoder();
const scanner = createScanner();
const SEED = 20250101;

function signature(line: string | Uint8Array): string {
  const bytes = typeof line === 'string' ? encoder.encode(line) : line;
  scanner.scan(bytes, 0, bytes.length);
  return `${scanner.kind} ${scanner.hashHigh} ${scanner.hashLow}`;
}

/** Pieces that log lines are made of, among them everything the grammar treats in a way of its own. */
const piece = fc.constantFrom(
  ...[
    'user',
    'failed',
    '42',
    '1.5ms',
    '0x1f',
    'a=1',
    'k=',
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    ',',
    ':',
    '=',
    '<',
    '>',
  ],
  ...[
    '-',
    '.',
    '/a/b',
    'host.example:80',
    'true',
    'None',
    'Jul',
    ' ',
    '  ',
    '\n',
    '\n\tat a.b(c)',
    '<redacted:key>',
    'é',
    '日本',
    'u',
  ],
);
const line = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));

/** Bytes that would change the reading of a line if they were looked at from outside it. */
const around = fc.constantFrom(...[...'7a=:"\'([{)]} \n.-/'].map((c) => c.charCodeAt(0)));

describe('Scanner', () => {
  it('gives lines that differ in variables only one signature', () => {
    const check = (...lines: string[]) =>
      expect(new Set(lines.map(signature)).size, lines.join(' | ')).toBe(1);
    check('took 5 ms', 'took 1700 ms', 'took 3.25 s');
    check('from 10.0.0.1:5000', 'from /192.168.7.9:80', 'from db-1.internal:5432');
    check('nodes [a, b] up', 'nodes [a, b, c, d] up');
    check('since Sat Jul 9 12:16:49 2005', 'since Mon Aug 22 01:02:03 2011');
    check('x 1 y 2 x 3 y 4', 'x 9 y 8', 'x 1 y 2 x 3 y 4 x 5 y 6');
    check('{"id": 1, "tags": ["a"]}', '{"id": 77, "tags": []}');
    check('bytes  sent: 5', 'bytes sent: 6', '  bytes sent: 7\t');
  });

  it('gives lines that differ in a word, a key or punctuation signatures of their own', () => {
    const check = (...lines: string[]) =>
      expect(new Set(lines.map(signature)).size, lines.join(' | ')).toBe(lines.length);
    check('session opened', 'session closed');
    check('a=1', 'b=1', 'a: 1', 'a 1');
    check('lock "read" taken', 'lock "write" taken', 'lock read taken');
    check('{"id": 1}', '{"id": 1, "name": "x"}');
    check('', 'x');
  });

  it('depends on the bytes alone, not on where they lie or what was scanned before', () => {
    fc.assert(
      fc.property(line, line, fc.nat({ max: 40 }), around, (first, second, offset, fill) => {
        const alone = signature(second);
        signature(first);
        const bytes = encoder.encode(second);
        const larger = new Uint8Array(bytes.length + offset + 9).fill(fill);
        larger.set(bytes, offset);
        scanner.scan(larger, offset, offset + bytes.length);
        expect(`${scanner.kind} ${scanner.hashHigh} ${scanner.hashLow}`).toBe(alone);
      }),
      { seed: SEED, numRuns: 5000 },
    );
  });

  it('reads any bytes, valid UTF-8 or not, into tokens that lie in the line and in order', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 400 }),
          line.map((text) => encoder.encode(text)),
        ),
        (bytes) => {
          const tokens = scanner.tokenise(bytes, 0, bytes.length);
          let last = 0;
          for (let i = 0; i < tokens.count; i++) {
            expect(tokens.from[i]!).toBeGreaterThanOrEqual(last);
            expect(tokens.to[i]!).toBeGreaterThanOrEqual(tokens.from[i]!);
            expect(tokens.to[i]!).toBeLessThanOrEqual(bytes.length);
            last = tokens.to[i]!;
          }
          let lastToken = -1;
          for (let i = 0; i < tokens.keyCount; i++) {
            expect(tokens.keyFirst[i]!).toBeGreaterThan(lastToken);
            expect(tokens.keyLast[i]!).toBeGreaterThanOrEqual(tokens.keyFirst[i]!);
            lastToken = tokens.keyFirst[i]!;
          }
        },
      ),
      { seed: SEED, numRuns: 2000 },
    );
  });

  it('leaves no text of the line out of its tokens but white space and repeated amounts', () => {
    fc.assert(
      fc.property(line, (text) => {
        fc.pre(!text.includes('('));
        const bytes = encoder.encode(text);
        const tokens = scanner.tokenise(bytes, 0, bytes.length);
        const covered = new Uint8Array(bytes.length);
        for (let i = 0; i < tokens.count; i++) covered.fill(1, tokens.from[i]!, tokens.to[i]!);
        for (let i = 0; i < bytes.length; i++)
          if (bytes[i]! > 32 && bytes[i] !== 127) expect(covered[i], `${text} at ${i}`).toBe(1);
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  it('reads the first 16 KiB of a line and no more', () => {
    const head = 'x'.repeat(LINE_BYTES_MAX);
    expect(signature(`${head} one`)).toBe(signature(`${head} two`));
    expect(signature(`${head.slice(1)}a`)).not.toBe(signature(`${head.slice(1)}b`));
  });

  it('takes linear time on lines made to be slow', () => {
    const units = [
      '(',
      '{"a',
      "{'a",
      '[[[a,b],',
      '((a,b',
      'a=(',
      "'a",
      "u'",
      'a.b:1',
      '1:',
      'a=1 b=2 ',
      '\n at ',
      'k={a b ',
      '1 KB ',
      '..1',
    ];
    for (const unit of units) {
      const bytes = encoder.encode(unit.repeat(LINE_BYTES_MAX).slice(0, LINE_BYTES_MAX));
      let best = Number.POSITIVE_INFINITY;
      for (let run = 0; run < 5; run++) {
        const cpuMs = cpuMsOf(() => scanner.scan(bytes, 0, bytes.length));
        best = Math.min(best, cpuMs);
      }
      // Quadratic look-ahead over 16 KiB would read 2.7e8 bytes, a quarter of a second or more.
      expect(best, `ms for ${JSON.stringify(unit)}`).toBeLessThan(60);
    }
  });

  it('calls lines of nothing but white space empty', () => {
    for (const text of ['', ' ', '\t\r\n', '\u0000']) expect(signature(text)).toBe('empty 0 0');
  });
});
