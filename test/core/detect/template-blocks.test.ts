import { describe, expect, it } from 'vitest';
import type { AnyStateRow } from '../../../src/contracts.ts';
import { readTemplates } from '../../../src/core/detect/block-bytes.ts';
import { newRateState } from '../../../src/core/detect/rate-state.ts';
import { Registry } from '../../../src/core/detect/registry.ts';
import type { ServiceState } from '../../../src/core/detect/service-state.ts';
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
      value === null ? null : readTemplates(value as Uint8Array, new TemplateRows()).map(({ id }) => id),
    ]),
  );
}

function idsBetween(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `t_${from + i}`);
}

describe('the rows of templates', () => {
  it('hold 64 templates each, in the order in which they came', () => {
    const registry = newRegistry();
    add(registry, openShop(registry), 0, 131);
    expect(blocksOf(registry.takeChanges())).toEqual({
      'acme prod shop 0': idsBetween(0, 64),
      'acme prod shop 1': idsBetween(64, 128),
      'acme prod shop 2': idsBetween(128, 131),
    });
  });

  it('are written for the blocks of changed templates only, rates only where rates changed', () => {
    const registry = newRegistry();
    const templates = add(registry, openShop(registry), 0, 140);
    for (const template of templates.slice(0, 70)) template.rate = newRateState(0, 1, 0, 0);
    registry.takeChanges();
    registry.touch(templates[69]!);
    registry.touchRate(templates[139]!);
    expect(registry.takeChanges().map(({ table, key }) => [table, key])).toEqual([
      ['detect_template_numbers', 'acme prod shop 1'],
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
    const templates = add(registry, service, 0, 129);
    for (const template of templates) template.rate = newRateState(0, 1, 0, 0);
    registry.takeChanges();
    registry.remove(SHOP.key, 't_128', false);
    registry.remove(SHOP.key, 't_5', false);
    const rows = registry.takeChanges();
    expect(blocksOf(rows)).toEqual({
      'acme prod shop 0': idsBetween(0, 64).filter((id) => id !== 't_5'),
      'acme prod shop 2': null,
    });
    for (const name of ['detect_template_numbers', 'detect_rate']) {
      const others = rows.filter(({ table }) => table === name);
      expect(others.map(({ key, value }) => [key, value === null])).toEqual([
        ['acme prod shop 0', false],
        ['acme prod shop 2', true],
      ]);
    }
    add(registry, service, 140, 142);
    expect(blocksOf(registry.takeChanges())).toMatchObject({
      'acme prod shop 0': [...idsBetween(0, 64).filter((id) => id !== 't_5'), 't_140'],
      'acme prod shop 2': ['t_141'],
    });
  });

  it('of a service that was evicted and came back within one checkpoint are those of its new templates', () => {
    const registry = new Registry(1_000, 1);
    const templates = add(registry, openShop(registry), 0, 100);
    for (const template of templates) template.rate = newRateState(0, 1, 0, 0);
    registry.takeChanges();
    for (const name of ['a', 'b']) registry.open({ ...SHOP, key: name, name }, 60_000, 1, 0, 0);
    registry.evict();
    add(registry, openShop(registry), 130, 131);
    const rows = registry.takeChanges();
    expect(blocksOf(rows)).toEqual({ 'acme prod shop 0': ['t_130'], 'acme prod shop 1': null });
    const rates = rows.filter(({ table }) => table === 'detect_rate');
    expect(rates.map(({ key, value }) => [key, value])).toEqual([
      ['acme prod shop 0', null],
      ['acme prod shop 1', null],
    ]);
  });

  it('put a template into the same block after a restart as without one', () => {
    const registry = newRegistry();
    add(registry, openShop(registry), 0, 180);
    for (const id of ['t_70', 't_3', 't_179', 't_178']) registry.remove(SHOP.key, id, false);
    const again = newRegistry();
    again.load(registry.takeChanges());
    const written = [registry, again].map((one) => {
      add(one, openShop(one), 200, 206);
      return blocksOf(one.takeChanges());
    });
    expect(written[1]).toEqual(written[0]);
    expect(Object.keys(written[0]!).length).toBe(3);
  });
});
