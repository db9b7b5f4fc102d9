import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Handles } from '../../../src/core/mine/handles.ts';
import { SHAPE_CHECKS } from '../../../src/core/mine/limits.ts';
import { LearntTemplate } from '../../../src/core/mine/template.ts';
import { TemplateList } from '../../../src/core/mine/template-list.ts';
import { blockOf, readUse, type TemplateUse, writeUse } from '../../../src/core/mine/template-use.ts';
import { RowWriter } from '../../../src/core/row-bytes.ts';

const SEED = 20261123;
const unknown = { full: null, learnt: '', wide: null, aliases: [], isStale: false };
const use = fc.record({ hour: fc.integer({ min: 0, max: 600_000 }), checks: fc.nat(SHAPE_CHECKS) });
/** Near each other and far apart, beyond what 32 bits hold. */
const sequences = fc.uniqueArray(fc.oneof(fc.nat(600), fc.maxSafeNat()), { maxLength: 60 });

test('how templates are used is the same after its rows, whatever else was evicted and in whatever order they came', () => {
  const writer = new RowWriter();
  fc.assert(
    fc.property(sequences, fc.array(use, { minLength: 60, maxLength: 60 }), fc.nat(60), (all, uses, gone) => {
      const list = new TemplateList(new Handles());
      const templates = all.map((sequence, i) => {
        const template = new LearntTemplate(`t_${String(i).padStart(12, '0')}`, sequence, '', unknown);
        list.add(template, { hour: 0, checks: 0 });
        list.setHour(template.slot, uses[i]!.hour);
        list.setChecks(template.slot, uses[i]!.checks);
        return template;
      });
      for (const template of templates.slice(0, gone)) list.remove(template);
      const blocks = new Set(all.map(blockOf));
      const read = new Map<number, TemplateUse>();
      const rows = writeUse(writer, list, blocks);
      expect(rows.map(([block]) => block)).toEqual([...blocks].sort((a, b) => a - b));
      for (const [block, row] of rows)
        if (row !== null) for (const [sequence, one] of readUse(row, block)) read.set(sequence, one);
      expect(read).toEqual(new Map(all.map((sequence, i) => [sequence, uses[i]!] as const).slice(gone)));
      const left = new Set(all.slice(gone).map(blockOf));
      expect(rows.filter(([, row]) => row === null).map(([block]) => left.has(block))).not.toContain(true);
    }),
    { seed: SEED, numRuns: 500 },
  );
});

test('the rows of templates are the same bytes in whatever order they came', () => {
  const writer = new RowWriter();
  const rowsOf = (all: readonly number[]) => {
    const list = new TemplateList(new Handles());
    for (const sequence of all) {
      const id = `t_${String(sequence).padStart(12, '0')}`;
      list.add(new LearntTemplate(id, sequence, '', unknown), {
        hour: sequence % 1_000,
        checks: sequence % 7,
      });
    }
    return writeUse(writer, list, new Set(all.map(blockOf)));
  };
  const nearEachOther = fc.uniqueArray(fc.nat(600), { maxLength: 60 });
  fc.assert(
    fc.property(nearEachOther, (all) => {
      expect(rowsOf(all)).toEqual(rowsOf([...all].sort((a, b) => a - b)));
    }),
    { seed: SEED, numRuns: 100 },
  );
});
