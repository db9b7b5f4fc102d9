import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import type { AnyStateRow } from '../../../src/contracts.ts';
import { NONE } from '../../../src/core/slot-index.ts';
import { MinuteRing } from '../../../src/core/window/ring.ts';
import { BLOCK_SLOTS, type RingService, RingSlots } from '../../../src/core/window/ring-slots.ts';
import { at, bucket, serviceRef, type TemplateSpec } from './fixtures.ts';

const KEY = serviceRef('orders').key;

function specs(templateId: string, records: number): TemplateSpec[] {
  return [{ service: 'orders', templateId, records }];
}

describe('the ring of recent minutes', () => {
  it('adds the buckets of a minute, tells 0 from unknown, and forgets after 20 minutes', () => {
    const ring = new MinuteRing('r');
    ring.add(bucket(at('10:00:00'), specs('t_1', 3)));
    ring.add(bucket(at('10:00:50'), specs('t_1', 4)));
    ring.add(bucket(at('10:02:00'), specs('t_2', 1)));
    const minute = at('10:00:00') / 60_000;
    expect([...ring.counts(KEY, 't_1', at('10:00:00'))]).toEqual([
      [minute, 7],
      [minute + 2, 0],
    ]);
    expect([...ring.counts(KEY, null, at('10:00:00'))]).toEqual([
      [minute, 7],
      [minute + 2, 1],
    ]);
    ring.add(bucket(at('10:20:00'), specs('t_1', 1)));
    expect(ring.oldestMs).toBe(at('10:02:00'));
  });

  it('adds a merged template to its survivor, also in earlier minutes', () => {
    const ring = new MinuteRing('r');
    ring.add(bucket(at('10:00:00'), [...specs('t_1', 3), ...specs('t_2', 4)]));
    const change = { service: KEY, change: 'merged', templateId: 't_1', into: 't_2' } as const;
    ring.add(bucket(at('10:01:00'), specs('t_2', 5), { changes: [change] }));
    expect([...ring.counts(KEY, 't_2', 0).values()]).toEqual([7, 5]);
    expect([...ring.counts(KEY, 't_1', 0).values()]).toEqual([0, 0]);
  });

  it('counts each template of each service, whatever was in the buckets before', () => {
    const ring = new MinuteRing('r');
    const want = new Map<string, number>();
    // Templates of equal names in two services, others between them and some missing, in canonical order.
    const buckets = ['b', 'a b c', 'a c', 'a b b2 c', 'c', 'a b c'];
    buckets.forEach((ids, i) => {
      const services = i % 2 === 0 ? ['x', 'y'] : ['y'];
      const written = services.flatMap((service) =>
        ids.split(' ').map((id) => ({ service, templateId: id })),
      );
      for (const { service, templateId } of written) {
        const name = `${service} ${templateId}`;
        want.set(name, (want.get(name) ?? 0) + i + 1);
      }
      ring.add(
        bucket(
          at('10:00:00') + i * 10_000,
          written.map((one) => ({ ...one, records: i + 1 })),
        ),
      );
    });
    for (const [name, records] of want) {
      const [service, templateId] = name.split(' ');
      expect([...ring.counts(serviceRef(service!).key, templateId!, 0).values()]).toEqual([records]);
    }
  });

  it('holds a bounded number of counts a minute and tells the rest as unknown', () => {
    const ring = new MinuteRing('r');
    const many = Array.from({ length: 20_001 }, (_, i): TemplateSpec => {
      return { service: 'orders', templateId: `t_${String(i).padStart(5, '0')}`, records: 1 };
    });
    ring.add(bucket(at('10:00:00'), many));
    expect(ring.counts(KEY, 't_00000', 0).size).toBe(1);
    expect(ring.counts(KEY, 't_20000', 0).size).toBe(0);
    expect([...ring.counts(KEY, null, 0).values()]).toEqual([20_001]);
  });

  it('goes on from its rows', () => {
    const ring = new MinuteRing('r');
    ring.add(bucket(at('10:00:00'), specs('__proto__', 3), { late: 2 }));
    const rows = ring.takeChanges();
    expect(ring.takeChanges()).toEqual([]);
    const again = new MinuteRing('r');
    again.load(rows);
    for (const one of [ring, again]) one.add(bucket(at('10:00:10'), specs('__proto__', 4)));
    expect([...again.counts(KEY, '__proto__', 0)]).toEqual([...ring.counts(KEY, '__proto__', 0)]);
    expect(again.dropped(0)).toEqual(new Map([['late', 2]]));
    expect(again.takeChanges()).toEqual(ring.takeChanges());
  });

  it('a ring that loads rows tells the same and writes the same, whatever names are in it', () => {
    const ring = new MinuteRing('ring');
    const names = ['a "quoted" \u{1f600} service', 'b'];
    ring.add(
      bucket(
        at('10:00:00'),
        names.map((service) => ({ service, templateId: 't_"1', records: 2 })),
        { late: 2 },
      ),
    );
    const rows = ring.takeChanges();
    const loaded = new MinuteRing('ring');
    loaded.load(rows);
    for (const one of [ring, loaded]) one.add(bucket(at('10:00:10'), []));
    expect(loaded.takeChanges()).toEqual(ring.takeChanges());
    expect([...loaded.dropped(0)]).toEqual([...ring.dropped(0)]);
    for (const service of names) {
      const { key } = serviceRef(service);
      expect([...loaded.counts(key, 't_"1', 0)]).toEqual([...ring.counts(key, 't_"1', 0)]);
    }
    expect([...ring.counts(serviceRef('b').key, 't_"1', 0).values()]).not.toEqual([0]);
  });

  it('tells what a map of each minute would, across merges, restarts and long breaks, whatever the handles', () => {
    const id = fc.integer({ min: 0, max: 90 }).map((n) => `t_${n}`);
    const step = fc.record({
      tens: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constant(130)),
      service: fc.constantFrom('orders', 'web', 'billing'),
      counts: fc.uniqueArray(fc.tuple(id, fc.integer({ min: 1, max: 70_000 })), {
        selector: ([templateId]) => templateId,
        maxLength: 80,
      }),
      merged: fc.option(fc.tuple(id, id), { nil: null, freq: 3 }),
      isRestart: fc.boolean(),
      generation: fc.nat(2),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let ring = new MinuteRing('r');
        const model = new MapRing();
        const stored = new Map<string, AnyStateRow>();
        let ms = at('10:00:00');
        for (const { tens, service, counts, merged, isRestart, generation } of steps) {
          ms += tens * 10_000;
          const key = serviceRef(service).key;
          ring.add(
            bucket(
              ms,
              counts.map(([templateId, records]) => ({
                service,
                templateId,
                records,
                handle: handleIn(generation, templateId),
              })),
              {
                changes:
                  merged === null
                    ? []
                    : [{ service: key, change: 'merged', templateId: merged[0], into: merged[1] }],
              },
            ),
          );
          model.add(ms, key, counts, merged);
          if (isRestart) ring = restarted(ring, stored);
          expect(told(ring)).toEqual(model.told());
        }
      }),
      { seed: 7, numRuns: 60 },
    );
  });

  it('writes only what a bucket changes: names once, and nothing of what has left', () => {
    const ring = new MinuteRing('r');
    const many = Array.from({ length: 100 }, (_, i): TemplateSpec => {
      return { service: 'orders', templateId: `t_${i}`, records: 1 };
    });
    ring.add(bucket(at('10:00:00'), many));
    const keys = (): string[] => ring.takeChanges().map(({ key }) => key);
    const minute = at('10:00:00') / 60_000;
    expect(keys()).toEqual(['s0', 'n0', 'n1', String(minute)]);
    ring.add(bucket(at('10:00:10'), many));
    expect(keys()).toEqual([String(minute)]);
    ring.add(bucket(at('10:20:00'), specs('t_7', 1)));
    const gone = ring.takeChanges();
    expect(gone.filter(({ value }) => value === null).map(({ key }) => key)).toEqual(['n1', String(minute)]);
    ring.add(bucket(at('11:00:00'), []));
    expect(ring.takeChanges().map(({ key, value }) => [key, value === null])).toEqual([
      ['s0', true],
      ['n0', true],
      [String(minute + 20), true],
      [String(minute + 60), false],
    ]);
  });
});

test('the slot of a template that was counted is found from any guess, also after others were freed', () => {
  const slots = new RingSlots();
  const services: RingService[] = ['orders', 'web'].map((name, number) => ({
    number,
    ref: serviceRef(name),
  }));
  const names = Array.from({ length: BLOCK_SLOTS + 8 }, (_, i) => `t_${i}`);
  const taken = services.flatMap((service) => names.map((id) => slots.take(service, id)));
  for (const slot of taken) slots.add(slot, slot % 5 === 0 ? 1 : 0, 1);
  for (const round of ['all', 'those that are left', 'others in their places']) {
    for (let guess = 0; guess < taken.length + 2 * BLOCK_SLOTS; guess++) {
      for (const service of services) {
        const templateId = names[(guess * 7) % names.length]!;
        const handle = guess % 11 === 0 ? 0 : 1 + service.number * 1_000 + Number(templateId.slice(2));
        expect(slots.findNear(guess, service, { templateId, handle })).toBe(slots.find(service, templateId));
      }
    }
    if (round === 'all') slots.clear(0);
    else
      for (const id of names)
        if (slots.find(services[1]!, id) === NONE) slots.add(slots.take(services[1]!, id), 2, 1);
  }
});

/** Those of another generation are other ones, as after a restart; of the first nothing is known. */
function handleIn(generation: number, templateId: string): number {
  return generation === 0 ? 0 : generation * 1_000 + Number(templateId.slice(2));
}

const SERVICES = ['orders', 'web', 'billing'].map((name) => serviceRef(name).key);

function told(ring: MinuteRing): unknown {
  return SERVICES.map((key) =>
    [null, ...Array.from({ length: 91 }, (_, i) => `t_${i}`)].map((id) => [...ring.counts(key, id, 0)]),
  );
}

/** What a new process has, which loads the latest row of each key. */
function restarted(ring: MinuteRing, stored: Map<string, AnyStateRow>): MinuteRing {
  for (const row of ring.takeChanges()) {
    if (row.value === null) stored.delete(row.key);
    else stored.set(row.key, row);
  }
  const again = new MinuteRing('r');
  again.load([...stored.values()]);
  return again;
}

/** The ring, written plainly. */
class MapRing {
  readonly #minutes = new Map<number, Map<string, Map<string | null, number>>>();

  add(
    ms: number,
    key: string,
    counts: readonly (readonly [string, number])[],
    merged: readonly [string, string] | null,
  ): void {
    const now = Math.floor(ms / 60_000);
    for (const minute of [...this.#minutes.keys()]) if (minute <= now - 20) this.#minutes.delete(minute);
    const minute = this.#minutes.get(now) ?? new Map<string, Map<string | null, number>>();
    this.#minutes.set(now, minute);
    const own = minute.get(key) ?? new Map<string | null, number>();
    if (counts.length > 0) minute.set(key, own);
    for (const [id, records] of counts) {
      own.set(id, (own.get(id) ?? 0) + records);
      own.set(null, (own.get(null) ?? 0) + records);
    }
    if (merged === null || merged[0] === merged[1]) return;
    for (const services of this.#minutes.values()) {
      const templates = services.get(key);
      const records = templates?.get(merged[0]);
      if (templates === undefined || records === undefined) continue;
      templates.delete(merged[0]);
      templates.set(merged[1], (templates.get(merged[1]) ?? 0) + records);
    }
  }

  told(): unknown {
    return SERVICES.map((key) =>
      [null, ...Array.from({ length: 91 }, (_, i) => `t_${i}`)].map((id) =>
        [...this.#minutes].map(([minute, services]) => [minute, services.get(key)?.get(id) ?? 0]),
      ),
    );
  }
}
