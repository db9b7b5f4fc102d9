import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

test('the README asks for the Node that npm is told of, so that installing as it says warns of nothing of ours', () => {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const asked = /Node ≥ (\d+) to install/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))?.[1];
  expect(engines.node).toBe(`>=${asked}`);
  expect(lock.packages[''].engines).toEqual(engines);
});
