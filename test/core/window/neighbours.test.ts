import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Neighbours } from '../../../src/core/window/neighbours.ts';
import { assembler, at, bucket, finding, readKept, serviceRef, type TemplateSpec } from './fixtures.ts';

const MINUTE = 60_000;
const key = (name: string): string => serviceRef(name).key;
const traced = (service: string, traceId: string, atMs: number): TemplateSpec => ({
  service,
  templateId: `t_${service}`,
  records: 1,
  lines: [{ body: 'served', atMs, traceId }],
});

/** `minutes` minutes in which `orders` and `shipping` serve the same requests and `web` others. */
function learn(target: Neighbours, minutes: number, fromMs = at('02:00:00')): void {
  for (let i = 0; i < minutes; i++) {
    const ms = fromMs + i * MINUTE;
    const request = `request-${i}`;
    target.learn(
      bucket(ms, [
        traced('orders', request, ms),
        traced('shipping', request, ms),
        traced('web', `other-${i}`, ms),
      ]),
    );
  }
}

const newNeighbours = (): Neighbours => new Neighbours('window_neighbour', (kept) => readKept(kept).traceId);

describe('services that handle the same requests', () => {
  it('are known after three minutes with a common trace, and others are not', () => {
    const target = newNeighbours();
    learn(target, 2);
    expect(target.areNeighbours(key('orders'), key('shipping'))).toBe(false);
    learn(target, 1, at('02:02:00'));
    expect(target.areNeighbours(key('orders'), key('shipping'))).toBe(true);
    expect(target.areNeighbours(key('shipping'), key('orders'))).toBe(true);
    expect(target.areNeighbours(key('orders'), key('web'))).toBe(false);
  });

  it('are exactly those with a common trace, of the sixteen first by name that wrote it', () => {
    const names = Array.from({ length: 20 }, (_, i) => `svc-${String.fromCharCode(97 + i)}`);
    const requests = fc.array(fc.subarray(names), { maxLength: 6 });
    fc.assert(
      fc.property(requests, (writers) => {
        const target = newNeighbours();
        for (let minute = 0; minute < 3; minute++) {
          const ms = at('02:00:00') + minute * MINUTE;
          const specs = writers.flatMap((names, i) =>
            names.map((name) => ({ ...traced(name, `request-${i}`, ms), templateId: `t_${name}_${i}` })),
          );
          target.learn(bucket(ms, specs));
        }
        for (const a of names) {
          for (const b of names) {
            if (a === b) continue;
            const share = writers.some((all) => {
              const first = [...all].sort().slice(0, 16);
              return first.includes(a) && first.includes(b);
            });
            expect(target.areNeighbours(key(a), key(b))).toBe(share);
          }
        }
      }),
      { seed: 20261122, numRuns: 30 },
    );
  });

  it('are forgotten a day after their last common trace', () => {
    const target = newNeighbours();
    learn(target, 3);
    target.learn(bucket(at('02:10:00') + 86_400_000, []));
    expect(target.areNeighbours(key('orders'), key('shipping'))).toBe(false);
  });

  it('are the same after saving and loading at any minute', () => {
    for (const cut of [1, 2, 3]) {
      const before = newNeighbours();
      learn(before, cut);
      const after = newNeighbours();
      after.load(before.takeChanges());
      learn(after, 3 - cut, at('02:00:00') + cut * MINUTE);
      expect(after.areNeighbours(key('orders'), key('shipping'))).toBe(true);
      expect(before.takeChanges()).toEqual([]);
    }
  });

  it('lets lines that stop downstream join the window of the fault upstream', () => {
    const open = (neighbours: boolean) => {
      const target = assembler();
      for (let i = 0; i < 5; i++) {
        const ms = at('02:30:00') + i * MINUTE;
        const trace = (service: string): string => (neighbours ? `request-${i}` : `${service}-${i}`);
        target.observe(
          bucket(
            ms,
            ['orders', 'shipping'].map((service) => traced(service, trace(service), ms)),
          ),
          { findings: [], changes: [] },
        );
      }
      const failed = { ...traced('orders', 'x', at('02:40:01')), templateId: 't_failed' };
      target.observe(bucket(at('02:40:00'), [failed]), {
        findings: [finding('orders', 'new', 't_failed', at('02:40:01'))],
        changes: [],
      });
      return target.observe(bucket(at('02:43:00'), [traced('orders', 'y', at('02:43:00'))]), {
        findings: [finding('shipping', 'silence', 't_shipping', at('02:40:00'))],
        changes: [],
      });
    };
    expect(open(true).map(({ services, revision }) => [services, revision])).toEqual([
      [['shipping', 'orders'], 2],
    ]);
    expect(open(false).map(({ services, revision }) => [services, revision])).toEqual([[['shipping'], 1]]);
  });
});
