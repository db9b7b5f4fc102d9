import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TemplateCount } from '../../../src/contracts.ts';
import { busiest } from '../../../src/core/window/busiest.ts';

const SEED = 20261122;

test('the busiest templates are the first of all sorted by records, then by id', () => {
  const counts = fc.uniqueArray(
    fc.record({ templateId: fc.stringMatching(/^t_[0-9a-f]{2}$/), records: fc.nat(9) }),
    {
      selector: ({ templateId }) => templateId,
      maxLength: 40,
    },
  );
  fc.assert(
    fc.property(counts, fc.integer({ min: 1, max: 12 }), (list, most) => {
      const templates = list as unknown as TemplateCount[];
      const sorted = [...templates].sort(
        (a, b) => b.records - a.records || (a.templateId < b.templateId ? -1 : 1),
      );
      expect(busiest(templates, most)).toEqual(sorted.slice(0, most));
    }),
    { seed: SEED, numRuns: 200 },
  );
});
