import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';

const DIRECTORY = join(import.meta.dirname, '..', 'golden');

/**
 * Compares text with the file below test/golden. `UPDATE_GOLDEN=1` rewrites it; the diff is the review. A missing file
 * is a failure, so that a golden test cannot pass by being new.
 */
export function expectGolden(name: string, text: string): void {
  const path = join(DIRECTORY, name);
  if (process.env.UPDATE_GOLDEN === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  expect(existsSync(path), `${name} is missing: run with UPDATE_GOLDEN=1`).toBe(true);
  expect(text).toBe(readFileSync(path, 'utf8'));
}
