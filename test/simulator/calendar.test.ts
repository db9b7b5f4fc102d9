import { describe, expect, it } from 'vitest';
import { Calendar } from '../../src/simulator/calendar.ts';

describe('Calendar', () => {
  it('lets everything happen once per due time, within its second, and never again after infinity', () => {
    const calendar = new Calendar<{ name: string; nextMs: number; readonly stepMs: number }>();
    calendar.enter({ name: 'fast', nextMs: 100, stepMs: 400 });
    calendar.enter({ name: 'slow', nextMs: 1_500, stepMs: 2_000 });
    calendar.enter({ name: 'never', nextMs: Number.POSITIVE_INFINITY, stepMs: 1 });
    const happened: string[] = [];
    for (let atMs = 0; atMs < 4_000; atMs += 1_000) {
      calendar.advance(atMs, (thing) => {
        happened.push(`${thing.name}@${thing.nextMs}`);
        thing.nextMs = thing.nextMs >= 2_000 ? Number.POSITIVE_INFINITY : thing.nextMs + thing.stepMs;
      });
    }
    expect(happened).toEqual([
      'fast@100',
      'fast@500',
      'fast@900',
      'slow@1500',
      'fast@1300',
      'fast@1700',
      'fast@2100',
      'slow@3500',
    ]);
  });
});
