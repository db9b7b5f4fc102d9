import { describe, expect, it } from 'vitest';
import { maskLine } from '../../../src/core/scan/mask.ts';
import { createScanner, SCANNER_VERSION } from '../../../src/core/scan/scanner.ts';
import { patternProblem, USER_MASKS_MAX } from '../../../src/core/scan/user-masks.ts';

const scanner = createScanner([
  { name: 'ticket', pattern: 'ACME-<alnum>' },
  { name: 'job', pattern: 'job:<hex>:<word>' },
]);

describe('masking rules of the user', () => {
  it.each([
    ['ticket ACME-abc closed', 'ticket <str> closed'],
    ['ticket=ACME-abc, done', 'ticket=<str>, done'],
    ['ran job:beef:north_west twice', 'ran <str> twice'],
    ['ACME-x', '<str>'],
  ])('%j is masked', (line, masked) => {
    expect(maskLine(scanner, line)).toBe(masked);
    expect(maskLine(createScanner(), line)).not.toBe(masked);
  });

  it.each(['ACME- closed', 'ACME-abc_d stays', 'XACME-abc stays', 'job:xyz:north stays', 'job:beef'])(
    '%j is left alone',
    (line) => {
      expect(maskLine(scanner, line)).toBe(maskLine(createScanner(), line));
    },
  );

  it('are part of the version of the scanner, by their patterns', () => {
    expect(createScanner().version).toBe(SCANNER_VERSION);
    expect(scanner.version).toMatch(/^scan-\d+\+[0-9a-f]{8}$/);
    expect(createScanner([{ name: 'other', pattern: 'ACME-<digits>' }]).version).not.toBe(scanner.version);
  });

  it.each([
    ['<digits>', 'must begin'],
    ['-<digits>', 'must begin'],
    ['ACME', 'holds no class'],
    ['a<digits>1', 'followed by'],
    ['a<hex><digits>', 'followed by'],
    ['a<number>', 'angle brackets'],
    ['a<digits', 'angle brackets'],
    ['a b<digits>', 'printable'],
    [`a${'b'.repeat(64)}<digits>`, 'longer than'],
  ])('%j is refused', (pattern, problem) => {
    expect(patternProblem(pattern)).toContain(problem);
    expect(() => createScanner([{ name: 'x', pattern }])).toThrow(problem);
  });

  it('are bounded in number', () => {
    const rules = Array.from({ length: USER_MASKS_MAX + 1 }, (_, i) => ({
      name: `${i}`,
      pattern: `a${i}-<hex>`,
    }));
    expect(() => createScanner(rules)).toThrow('exceed');
  });
});
