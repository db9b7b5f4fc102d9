import { describe, expect, it } from 'vitest';
import { maskLine } from '../../../src/core/scan/mask.ts';
import { MASKING_RULES } from '../../../src/core/scan/rules.ts';
import { renderMaskingDoc } from '../../../src/core/scan/rules-doc.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';

const scanner = createScanner();

describe('masking rules', () => {
  for (const rule of MASKING_RULES) {
    for (const [line, masked] of rule.masks) {
      it(`${rule.name}: ${JSON.stringify(line)} is masked`, () => {
        expect(maskLine(scanner, line)).toBe(masked);
      });
    }
    for (const line of rule.keeps) {
      it(`${rule.name}: ${JSON.stringify(line)} stays`, () => {
        expect(maskLine(scanner, line)).toBe(line);
      });
    }
  }

  it('have names of their own and at least one line each', () => {
    expect(new Set(MASKING_RULES.map((rule) => rule.name)).size).toBe(MASKING_RULES.length);
    for (const rule of MASKING_RULES) expect(rule.masks.length, rule.name).toBeGreaterThan(0);
  });

  it('are what docs/masking.md says (vitest -u rewrites it)', async () => {
    await expect(renderMaskingDoc()).toMatchFileSnapshot('../../../docs/masking.md');
  });
});
