import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** Usual sizes in MiB. */
function sizesAtWork(...args: string[]): { newSpace: number; oldSpace: number } {
  const script = join(import.meta.dirname, 'small-heap-process.ts');
  return JSON.parse(execFileSync(process.execPath, [script, ...args], { encoding: 'utf8' }));
}

test('the young generation keeps its first size, and the old one grows little beyond what is alive', () => {
  const small = sizesAtWork('small');
  const usual = sizesAtWork();
  expect(small.newSpace).toBeLessThanOrEqual(2);
  expect(usual.newSpace).toBeGreaterThan(2);
  // 20 MiB are alive.
  expect(small.oldSpace).toBeLessThan(45);
});
