import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AnyStateRow } from '../../../src/contracts.ts';
import { newRateState } from '../../../src/core/detect/rate-state.ts';
import { Registry } from '../../../src/core/detect/registry.ts';
import type { TemplateState } from '../../../src/core/detect/template-state.ts';

const SEED = 17;

const ref = (name: string) => ({
  key: `acme prod ${name}`,
  tenant: 'acme',
  environment: 'prod',
  namespace: '',
  name,
});

/** In each bucket some of twelve templates, by their numbers, and one that is removed behind it. */
const buckets = fc.array(
  fc.record({
    come: fc.subarray(Array.from({ length: 12 }, (_, i) => i)),
    gone: fc.nat(11),
    generation: fc.nat(2),
  }),
  { minLength: 1, maxLength: 20 },
);

/** Of twelve templates in each of two services; those of another generation are other ones, as after a restart. */
const handleOf = (service: number, template: number, generation: number): number =>
  generation === 0 ? 0 : 1 + generation * 24 + service * 12 + template;

test('a template is found by its id alone, whatever its handle, whichever came before it and whichever is gone', () => {
  fc.assert(
    fc.property(buckets, (drawn) => {
      const registry = new Registry(1_000, 10);
      const services = ['shop', 'db'].map((name) => registry.open(ref(name), 0, 0, 0, 0));
      const held = new Map<string, TemplateState>();
      for (const { come, gone, generation } of drawn) {
        for (const [s, service] of services.entries()) {
          let before: TemplateState | null = null;
          for (const i of come) {
            const name: string = `${service.ref.name} ${i}`;
            const count = { templateId: `t_${i}`, handle: handleOf(s, i, generation) };
            const found: TemplateState | undefined = registry.find(service, count, before);
            expect(found).toBe(held.get(name));
            before = found ?? registry.add(service, `t_${i}`, 0, 1);
            held.set(name, before);
          }
          registry.remove(service.ref.key, `t_${gone}`, false);
          held.delete(`${service.ref.name} ${gone}`);
        }
      }
      expect(registry.templates).toBe(held.size);
    }),
    { seed: SEED, numRuns: 200 },
  );
});

test('a service that is evicted leaves no row behind', () => {
  const registry = new Registry(1_000, 2);
  const rows = new Map<string, AnyStateRow>();
  for (const [i, name] of ['shop', 'db', 'web', 'shop', 'api'].entries()) {
    const service = registry.open(ref(name), i, 0, 0, 0);
    service.lastMs = i;
    const template =
      registry.find(service, { templateId: 't_1', handle: 0 }, null) ?? registry.add(service, 't_1', i, 1);
    template.rate ??= newRateState(0, 1, 0, 0);
    registry.touchRate(template);
    registry.evict();
    for (const row of registry.takeChanges()) rows.set(row.table + row.key, row);
  }
  const left = [...rows.values()].filter(({ value }) => value !== null);
  expect(left.map(({ table, key }) => [table, key])).toEqual([
    ['detect_service', 'acme prod api'],
    ['detect_service_numbers', 'acme prod api'],
    ['detect_series', 'acme prod api'],
    ['detect_template', 'acme prod api 0'],
    ['detect_template_numbers', 'acme prod api 0'],
    ['detect_rate', 'acme prod api 0'],
  ]);
  const again = new Registry(1_000, 2);
  again.load(left);
  expect([again.serviceCount, again.templates]).toEqual([registry.serviceCount, registry.templates]);
});
