import { expect, test } from 'vitest';
import { takeSteps } from '../src/stop-steps.ts';

test('a step that throws or rejects is told of, and the steps behind it are taken in their order', async () => {
  const taken: string[] = [];
  const failed: string[] = [];
  await takeSteps(
    [
      {
        name: 'sources',
        run: async () => {
          await Promise.resolve();
          throw new Error('no answer');
        },
      },
      {
        name: 'checkpoint',
        run: () => {
          throw new Error('disk full');
        },
      },
      { name: 'store', run: async () => void taken.push('store') },
      { name: 'lock', run: () => taken.push('lock') },
    ],
    (error, name) => failed.push(`${name}: ${(error as Error).message}`),
  );
  expect(taken).toEqual(['store', 'lock']);
  expect(failed).toEqual(['sources: no answer', 'checkpoint: disk full']);
});
