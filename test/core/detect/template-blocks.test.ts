import { describe, expect, it } from 'vitest';
import type { AnyStateRow } from '../../../src/contracts.ts';
import { newRateState } from '../../../src/core/detect/rate-state.ts';
import { Registry } from '../../../src/core/detect/registry.ts';
import type { ServiceState } from '../../../src/core/detect/service-state.ts';
import { readTemplates } from '../../../src/core/detect/state-rows.ts';
import { TemplateRows } from '../../../src/core/detect/template-rows.ts';
import type { TemplateState } from '../../../src/core/detect/template-state.ts';

const SHOP = { key: 'acme prod shop', tenant: 'acme', environment: 'prod', namespace: '', name: 'shop' };

function newRegistry(): Registry {
  return new Registry(1_000, 10);
}

function openShop(registry: Registry): ServiceState {
  return registry.open(SHOP, 0, 0, 0, 0);
}

function add(registry: Registry, service: ServiceState, from: number, to: number): TemplateState[] {
  return Array.from({ length: to - from }, (_, i) => registry.add(service, `t_${from + i}`, 1_000, 1));
}

/** Key → ids of the templates in it; null = deleted. */
function blocksOf(rows: readonly AnyStateRow[]): Record<string, string[] | null> {
  const templates = rows.filter((row) => row.table === 'detect_template');
  return Object.fromEntries(
    templates.map(({ key, value }) => [
      key,
      value === null ? null : [...readTemplates(value as Uint8Array, new TemplateRows())].map(({ id }) => id),
    ]),
  );
}

function idsBetween(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `t_${from + i}`);
}

describe('the rows of templates', () => {
  it('hold sixteen templates each, in the order in which they came', () => {
    const registry = newRegistry();
    add(registry, openShop(registry), 0, 35);
    expect(blocksOf(registry.takeChanges())).toEqual({
      'acme prod shop 0': idsBetween(0, 16),
      'acme prod shop 1': idsBetween(16, 32),
      'acme prod shop 2': idsBetween(32, 35),
    });
  });

  it('are written for the blocks of changed templates only, rates only where rates changed', () => {
    const registry = newRegistry();
    const templates = add(registry, openShop(registry), 0, 40);
    for (const template of templates.slice(0, 20)) template.rate = newRateState(0, 1, 0, 0);
    registry.takeChanges();
    registry.touch(templates[17]!);
    registry.touchRate(templates[39]!);
    expect(registry.takeChanges().map(({ table, key }) => [table, key])).toEqual([
      ['detect_template', 'acme prod shop 1'],
    ]);
    registry.touchRate(templates[3]!);
    expect(registry.takeChanges().map(({ table, key }) => [table, key])).toEqual([
      ['detect_rate', 'acme prod shop 0'],
    ]);
    expect(registry.takeChanges()).toEqual([]);
  });

  it('are deleted with the last template in them, and the room of those gone is used again', () => {
    const registry = newRegistry();
    const service = openShop(registry);
    const templates = add(registry, service, 0, 33);
    for (const template of templates) template.rate = newRateState(0, 1, 0, 0);
    registry.takeChanges();
    registry.remove(SHOP.key, 't_32', false);
    registry.remove(SHOP.key, 't_5', false);
    const rows = registry.takeChanges();
    expect(blocksOf(rows)).toEqual({
      'acme prod shop 0': idsBetween(0, 16).filter((id) => id !== 't_5'),
      'acme prod shop 2': null,
    });
    const rates = rows.filter(({ table }) => table === 'detect_rate');
    expect(rates.map(({ key, value }) => [key, value === null])).toEqual([
      ['acme prod shop 0', false],
      ['acme prod shop 2', true],
    ]);
    add(registry, service, 40, 42);
    expect(blocksOf(registry.takeChanges())).toMatchObject({
      'acme prod shop 0': [...idsBetween(0, 16).filter((id) => id !== 't_5'), 't_40'],
      'acme prod shop 2': ['t_41'],
    });
  });

  it('of a service that was evicted and came back within one checkpoint are those of its new templates', () => {
    const registry = new Registry(1_000, 1);
    add(registry, openShop(registry), 0, 20);
    registry.takeChanges();
    for (const name of ['a', 'b']) registry.open({ ...SHOP, key: name, name }, 60_000, 1, 0, 0);
    registry.evict();
    add(registry, openShop(registry), 30, 31);
    expect(blocksOf(registry.takeChanges())).toEqual({
      'acme prod shop 0': ['t_30'],
      'acme prod shop 1': null,
    });
  });

  it('put a template into the same block after a restart as without one', () => {
    const registry = newRegistry();
    add(registry, openShop(registry), 0, 50);
    for (const id of ['t_20', 't_3', 't_49', 't_48']) registry.remove(SHOP.key, id, false);
    const again = newRegistry();
    again.load(registry.takeChanges());
    const written = [registry, again].map((one) => {
      add(one, openShop(one), 60, 66);
      return blocksOf(one.takeChanges());
    });
    expect(written[1]).toEqual(written[0]);
    expect(Object.keys(written[0]!).length).toBe(3);
  });
});
