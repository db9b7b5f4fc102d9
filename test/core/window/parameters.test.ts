import { describe, expect, it } from 'vitest';
import { summariseParameters } from '../../../src/core/window/parameters.ts';

function summaryOf(values: readonly string[]): unknown {
  const records = values.map((value, i) => ({ hash: String(i), traceId: '', values: [value] }));
  return summariseParameters({ slots: [{ name: 'x', type: 'num' }], records })[0];
}

describe('the summary of a parameter', () => {
  it('a constant is told with how often it was seen', () => {
    expect(summaryOf(['5432', '5432'])).toEqual({ name: 'x', type: 'num', distinct: 1, values: [[5432, 2]] });
  });
  it('few values are told by frequency, three at most', () => {
    expect(summaryOf(['a', 'b', 'b', 'c', 'd'])).toMatchObject({
      distinct: 4,
      values: [
        ['b', 2],
        ['a', 1],
        ['c', 1],
      ],
    });
  });
  it('many numbers are told as quantiles that occurred', () => {
    expect(summaryOf(['1', '2', '3', '4', '5', '6', '700'])).toMatchObject({
      p50: 4,
      p99: 700,
      min: 1,
      max: 700,
    });
  });
  it('ids, all different, are told by their number only', () => {
    expect(summaryOf(['a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'])).toEqual({
      name: 'x',
      type: 'num',
      distinct: 7,
    });
  });
  it('what only looks like a number stays text', () => {
    expect(summaryOf(['007'])).toMatchObject({ values: [['007', 1]] });
    expect(summaryOf(['1234567890123456'])).toMatchObject({ values: [['1234567890123456', 1]] });
  });
  it('a line that does not fit its template is left out', () => {
    const samples = { slots: [{ name: 'x', type: 'num' }], records: [{ hash: '', traceId: '', values: [] }] };
    expect(summariseParameters(samples)).toEqual([]);
  });
});
