import { describe, expect, it } from 'vitest';
import { hashString, hex32 } from '../../../src/core/hash.ts';
import { FormReader } from '../../../src/core/mine/elements.ts';
import { evictTemplates, type Limits } from '../../../src/core/mine/eviction.ts';
import { Handles } from '../../../src/core/mine/handles.ts';
import { momentAt } from '../../../src/core/mine/last-seen.ts';
import { SHAPE_CHECKS } from '../../../src/core/mine/limits.ts';
import { ServiceTemplates } from '../../../src/core/mine/service-templates.ts';
import { takeRows } from '../../../src/core/mine/state.ts';
import { readUse } from '../../../src/core/mine/template-use.ts';
import { RowWriter } from '../../../src/core/row-bytes.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';

const reader = new FormReader(createScanner());
const writer = new RowWriter();
/** The beginning of an hour of a service's life. */
const at = (hour: number) => momentAt(hour * 3_600_000);

/** A service with one template per hour given, of shapes that never merge. */
function serviceOf(name: string, hours: readonly number[]): ServiceTemplates {
  const service = new ServiceTemplates(name, new Handles());
  hours.forEach((hour, i) => {
    service.learn(
      hashString(name, 1),
      i,
      reader.read(
        `${':;,|'
          .repeat(i + 1)
          .split('')
          .join(' ')} end`,
      ),
      at(hour),
    );
  });
  return service;
}

function evict(services: readonly ServiceTemplates[], limits: Limits): Record<string, number[]> {
  const map = new Map(services.map((service) => [service.service, service]));
  const held = services.reduce((sum, service) => sum + service.templates.size, 0);
  const kept: Record<string, number[]> = {};
  for (const [service, template] of evictTemplates(map, held, limits)) service.evict(template);
  for (const service of services)
    kept[service.service] = [...service.templates.values()]
      .map((t) => service.templates.hourAt(t.slot))
      .sort((a, b) => a - b);
  return kept;
}

describe('eviction', () => {
  it('takes the templates that were unused for longest, and leaves some room', () => {
    const hours = [5, 1, 9, 3, 7, 2, 8, 4, 6, 0, 11, 10];
    expect(evict([serviceOf('a', hours)], { perService: 10, inAll: 100 })).toEqual({
      a: [3, 4, 5, 6, 7, 8, 9, 10, 11],
    });
  });

  it('leaves everything within the caps alone', () => {
    expect(evict([serviceOf('a', [1, 2]), serviceOf('b', [3])], { perService: 2, inAll: 3 })).toEqual({
      a: [1, 2],
      b: [3],
    });
  });

  it('takes from the largest service when there are too many in all', () => {
    const services = [
      serviceOf('big', [1, 2, 3, 4, 5, 6, 7, 8]),
      serviceOf('mid', [1, 2, 3]),
      serviceOf('small', [1]),
    ];
    expect(evict(services, { perService: 10, inAll: 10 })).toEqual({
      big: [4, 5, 6, 7, 8],
      mid: [1, 2, 3],
      small: [1],
    });
  });

  it('takes the oldest of all when there are more services than room', () => {
    const services = [5, 1, 4, 2, 3].map((hour, i) => serviceOf(`s${i}`, [hour]));
    expect(evict(services, { perService: 10, inAll: 4 })).toEqual({
      s0: [5],
      s1: [],
      s2: [4],
      s3: [],
      s4: [3],
    });
  });

  it('takes the signatures of an evicted template with it', () => {
    const service = serviceOf('a', [1]);
    evict([service], { perService: 10, inAll: 0 });
    expect([service.templates.size, service.signatures.size]).toEqual([0, 0]);
    expect(service.signatures.takeChanged()).toEqual([[hex32(hashString('a', 1)) + hex32(0), null]]);
  });

  it('leaves nothing of a template to the next one in its slot', () => {
    const service = serviceOf('a', [1]);
    const [gone] = service.templates.values();
    for (let check = 0; check < SHAPE_CHECKS; check++) service.noteCheck(gone!);
    expect(service.wantsShape(gone!.slot)).toBe(false);
    const handle = service.templates.handleAt(gone!.slot);
    evict([service], { perService: 10, inAll: 0 });
    const next = service.learn(1, 1, reader.read('took 5 ms'), at(2));
    expect(next.slot).toBe(gone!.slot);
    expect(service.wantsShape(next.slot)).toBe(true);
    expect(service.templates.handleAt(next.slot)).not.toBe(handle);
    expect(service.templates.idAt(next.slot)).toBe(next.id);
  });

  it('takes a template as used in the hour of its last line, whether its signature was known or new', () => {
    const service = new ServiceTemplates('a', new Handles());
    const form = reader.read('took 5 ms');
    const written = () =>
      takeRows(new Map([['a', service]]), 'v', writer)
        .filter(({ table }) => table === 'mine.use')
        .map(({ value }) => readUse(value as Uint8Array, 0).get(0)!.hour);
    const template = service.learn(1, 1, form, at(1));
    const hour = () => service.templates.hourAt(template.slot);
    expect([hour(), written()]).toEqual([1, [1]]);
    expect(service.learn(2, 2, form, at(3))).toBe(template);
    expect([hour(), written()]).toEqual([3, [3]]);
    service.see(1, 1, at(7));
    expect([hour(), written()]).toEqual([7, [7]]);
    service.see(2, 2, at(7));
    expect([hour(), written()]).toEqual([7, []]);
  });

  it('takes a template as used when one that became part of it was', () => {
    const service = serviceOf('a', [1, 5]);
    const [older, younger] = [...service.templates.values()];
    service.unite(older!, younger!);
    expect([...service.templates.values()]).toEqual([older]);
    expect(service.templates.hourAt(older!.slot)).toBe(5);
  });

  it('leaves a template its own hour when one that became part of it was seen earlier', () => {
    const service = serviceOf('a', [5, 1]);
    const [older, younger] = [...service.templates.values()];
    service.unite(older!, younger!);
    expect(service.templates.hourAt(older!.slot)).toBe(5);
  });

  it('stores that no further line of a template is looked at', () => {
    const service = serviceOf('a', [1]);
    const [template] = service.templates.values();
    const services = new Map([['a', service]]);
    takeRows(services, 'v', writer);
    template!.full = null;
    expect(service.wantsShape(template!.slot)).toBe(false);
    const [row, ...more] = takeRows(services, 'v', writer);
    expect(more).toEqual([]);
    expect(readUse(row!.value as Uint8Array, 0)).toEqual(new Map([[0, { hour: 1, checks: SHAPE_CHECKS }]]));
  });

  it('leaves no row of an evicted template that was made again and became part of another at once', () => {
    const service = new ServiceTemplates('a', new Handles());
    const services = new Map([['a', service]]);
    const learn = (name: string) => {
      const line = `greeting ${name} from the lobby`;
      return service.learn(...reader.signature(line), reader.read(line), at(1));
    };
    const stored = new Set<string>();
    const store = () => {
      for (const { table, key, value } of takeRows(services, 'v', writer)) {
        if (value === null) stored.delete(`${table} ${key}`);
        else if (table === 'mine.template' || table === 'mine.line') stored.add(`${table} ${key}`);
      }
    };
    const gone = learn('ada');
    store();
    expect(stored.size).toBe(2);
    service.evict(gone);
    service.takeEvents();
    const [first] = ['bob', 'cleo', 'dora', 'emil', 'ada'].map(learn);
    expect([...service.templates.values()]).toEqual([first]);
    store();
    expect([...stored]).toEqual([`mine.line a\u0000${first!.id}`, `mine.template a\u0000${first!.id}`]);
  });

  it('drops a service that has no template left, with its row', () => {
    const services = new Map([serviceOf('a', [1]), serviceOf('b', [2])].map((s) => [s.service, s] as const));
    expect(takeRows(services, 'v', writer).filter((row) => row.table === 'mine.service').length).toBe(2);
    for (const [service, template] of evictTemplates(services, 2, { perService: 1, inAll: 1 }))
      service.evict(template);
    const rows = takeRows(services, 'v', writer);
    expect(rows.filter((row) => row.value !== null)).toEqual([]);
    expect(rows.map((row) => [row.table, row.key.split('\u0000')[0]])).toEqual(
      ['mine.line', 'mine.service', 'mine.signature', 'mine.template', 'mine.use'].flatMap((table) => [
        [table, 'a'],
        [table, 'b'],
      ]),
    );
    expect(services.size).toBe(0);
  });
});
