import { describe, expect, test } from 'vitest';
import { compare, type Measurements, whyIncomparable } from '../../../bench/speed/baseline.ts';
import { figureLine, isMet, type Line, median, ratioLine, recordRate } from '../../../bench/speed/line.ts';
import type { Timed } from '../../../bench/speed/rounds.ts';

const round = (records: number, cpuMs: number) => ({ records, bytes: records, cpuMs, wallMs: cpuMs });
const timed = (name: string, cpuMs: readonly number[]): Timed => ({
  name,
  rounds: cpuMs.map((ms) => round(1_000, ms)),
  end: {},
});

describe('a line of the bench', () => {
  test('a ratio compares the rounds of the same time, then takes their median', () => {
    // A neighbour slows the second round of both: the ratio does not move.
    const line = ratioLine('r', 'r', timed('a', [1, 4, 1]), timed('b', [3, 12, 6]), recordRate);
    expect([line.median, line.min, line.max]).toEqual([3, 3, 6]);
  });

  test('a figure that is not a number is refused', () => {
    expect(() => figureLine('f', 'f', 'ns', [1, Number.NaN])).toThrow('f has no figures');
    expect(() => figureLine('f', 'f', 'ns', [])).toThrow('f has no figures');
  });

  test('the median of an even number of rounds is the mean of the middle two', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });

  test('an aim is judged by the median', () => {
    const line = figureLine('f', 'f', 'x', [1, 5, 9], { aim: { is: 'at least', demanded: 5 } });
    expect(isMet(line)).toBe(true);
    expect(isMet({ ...line, aim: { is: 'at most', demanded: 4 } })).toBe(false);
  });
});

describe('a baseline', () => {
  const machine = { cpu: 'c', cores: 2, memoryGiB: 8, node: 'v24' };
  const measured = (lines: readonly Line[]): Measurements => ({ machine, quick: false, lines });
  const rate = (value: number) => figureLine('rate', 'rate', 'MB/s', [value], { better: 'more' });
  const cost = (value: number) => figureLine('cost', 'cost', 'ns', [value], { better: 'less' });

  test('counts what fell below 85 % of it, whichever way is better', () => {
    const then = measured([rate(100), cost(100)]);
    expect(compare(measured([rate(86), cost(115)]), then).stepsBack).toBe(0);
    expect(compare(measured([rate(84), cost(120)]), then).stepsBack).toBe(2);
  });

  test('of another machine is not compared', () => {
    const now = measured([]);
    expect(whyIncomparable(now, now)).toBeNull();
    expect(whyIncomparable(now, { ...now, machine: { ...machine, cpu: 'other' } })).toContain(
      'cpu is c, was other',
    );
    expect(whyIncomparable(now, { ...now, quick: true })).toContain('--quick');
  });
});
