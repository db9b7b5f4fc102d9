import { expect, test } from 'vitest';
import { FormReader } from '../../../src/core/mine/elements.ts';
import { Handles } from '../../../src/core/mine/handles.ts';
import { LearningEvents } from '../../../src/core/mine/learning-events.ts';
import { pack } from '../../../src/core/mine/packed.ts';
import { ServiceTemplates } from '../../../src/core/mine/service-templates.ts';
import { LearntTemplate } from '../../../src/core/mine/template.ts';
import { TemplateSums } from '../../../src/core/mine/template-sums.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';
import { closedBucket } from './mine-lines.ts';

const learnt = {
  full: null,
  learnt: '',
  wide: null,
  aliases: [],
  exemplar: '',
  isExemplarCut: false,
  isStale: false,
};

test('templates are in order of their ids, also of ids that begin alike, each with its own records, and the next service begins anew', () => {
  const ids = ['t_ffffffff0000', 't_7fffffff0001', 't_800000000002', 't_7fffffff0000', 't_000000010000'];
  const more = Array.from(
    { length: 60 },
    (_, i) => `t_0000000${i % 7}${String(7_000 - i * 13).padStart(4, '0')}`,
  );
  const all = [...ids, ...more];
  const reader = new FormReader(createScanner());
  const lines = all.map((_, i) => `${'abcdefghij'[i % 10]}${'klmnopqrst'[Math.floor(i / 10)]} went`);
  const { signatures } = closedBucket(1, { s: lines }).services[0]!;
  const service = new ServiceTemplates('s', new Handles());
  all.forEach((id, i) => {
    const template = new LearntTemplate(id, i, pack(reader.read(lines[i]!).key), learnt);
    service.restore(template, [], { hour: 0, checks: 0 });
    service.signatures.add(signatures[i]!.hashHigh, signatures[i]!.hashLow, template, 0);
  });
  const sums = new TemplateSums();
  const told = signatures.map((signature, i) => ({ ...signature, records: 2 ** (i % 20) + i }));
  const twice = told.flatMap((one, i) => (i % 3 === 0 ? [one, { ...one, version: 'v2' }] : [one]));
  for (const part of [told, told.slice(3), [...told, ...told], twice]) {
    const slots = part.map(({ hashHigh, hashLow }) => service.templateOf(hashHigh, hashLow)!.slot);
    const counts = sums.count(part, slots, service.templates, new LearningEvents());
    const found = counts.map(({ templateId }) => templateId);
    expect(found).toEqual([...found].sort());
    const want = new Map<string, number>();
    part.forEach(({ records }, i) => {
      const id = service.templates.idAt(slots[i]!);
      want.set(id, (want.get(id) ?? 0) + records);
    });
    expect(new Map(counts.map(({ templateId, records }) => [templateId, records]))).toEqual(want);
    expect(counts).toHaveLength(want.size);
  }
});
