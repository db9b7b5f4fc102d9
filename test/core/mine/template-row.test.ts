import { expect, test } from 'vitest';
import { decodeTemplate, encodeTemplate } from '../../../src/core/mine/template-row.ts';
import { closedBucket, createMiner } from './mine-lines.ts';

const LINES = [
  'user 17 logged in from 10.0.0.1',
  'moved 3 files (5, 6, 7)',
  'state: [UP]',
  'took 5 ms for "a b"',
];

test('a template is the same after its row', () => {
  const miner = createMiner();
  miner.mine(closedBucket(1, { api: LINES }));
  const rows = miner.takeChanges().filter(({ table }) => table === 'mine.template');
  expect(rows).toHaveLength(LINES.length);
  for (const { value } of rows) {
    const { template, wideKeys } = decodeTemplate('t_1', value as string);
    expect(encodeTemplate(template, wideKeys)).toBe(value);
  }
});
