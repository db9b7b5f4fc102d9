import { describe, expect, it } from 'vitest';
import { MinuteRing } from '../../../src/core/window/ring.ts';
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
    const [row] = ring.takeChanges();
    const loaded = new MinuteRing('ring');
    loaded.load([row!]);
    for (const one of [ring, loaded]) one.add(bucket(at('10:00:10'), []));
    expect(loaded.takeChanges()).toEqual(ring.takeChanges());
    expect([...loaded.dropped(0)]).toEqual([...ring.dropped(0)]);
    for (const service of names) {
      const { key } = serviceRef(service);
      expect([...loaded.counts(key, 't_"1', 0)]).toEqual([...ring.counts(key, 't_"1', 0)]);
    }
    expect([...ring.counts(serviceRef('b').key, 't_"1', 0).values()]).not.toEqual([0]);
  });
});
