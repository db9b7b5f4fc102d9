import { expect, test } from 'vitest';
import { encodeElement } from '../../../src/core/mine/elements.ts';
import { type Packed, unpack } from '../../../src/core/mine/packed.ts';
import { decodeTemplate, encodeTemplate } from '../../../src/core/mine/template-row.ts';
import { closedBucket, createMiner } from './mine-lines.ts';

const LINES = [
  'user 17 logged in from 10.0.0.1',
  'moved 3 files (5, 6, 7)',
  'state: [UP]',
  'took 5 ms for "a b"',
];

/** A form as rows had it before: a code an element. */
function codes(form: Packed | null): string[] | null {
  return form === null ? null : unpack(form).map(encodeElement);
}

test('a template is the same after its row, and after a row of the former form', () => {
  const miner = createMiner();
  miner.mine(closedBucket(1, { api: LINES }));
  const rows = miner.takeChanges().filter(({ table }) => table === 'mine.template');
  expect(rows).toHaveLength(LINES.length);
  for (const { value } of rows) {
    const { template, wideKeys } = decodeTemplate('t_1', value!);
    expect(encodeTemplate(template, wideKeys)).toBe(value);
    const { key, full, wide } = template;
    const former = { ...JSON.parse(value!), key: codes(key), full: codes(full), wide: codes(wide) };
    expect(decodeTemplate('t_1', JSON.stringify(former))).toEqual({ template, wideKeys });
  }
});
