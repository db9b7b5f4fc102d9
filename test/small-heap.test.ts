import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

function sizesAfterWork(...args: string[]): { new_space: number; old_space: number } {
  const script = join(import.meta.dirname, 'small-heap-process.ts');
  return JSON.parse(execFileSync(process.execPath, [script, ...args], { encoding: 'utf8' }));
}

test('the young generation keeps its first size, and the old one grows little beyond what is alive', {
  timeout: 30_000,
}, () => {
  const small = sizesAfterWork('small');
  const usual = sizesAfterWork();
  expect(small.new_space).toBeLessThanOrEqual(2);
  expect(usual.new_space).toBeGreaterThan(2);
  // 20 MiB are alive.
  expect(small.old_space).toBeLessThan(45);
});
