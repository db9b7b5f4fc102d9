import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compileKernel } from '../../../tools/line-kernel.ts';

it('the compiled kernel is the one that its source makes (run npm run build:kernel)', async () => {
  const file = join(import.meta.dirname, '../../../src/core/scan/kernel-module.ts');
  expect(readFileSync(file, 'utf8')).toBe(await compileKernel());
});
