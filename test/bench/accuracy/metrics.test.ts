import { describe, expect, it } from 'vitest';
import { parseCsv } from '../../../bench/accuracy/corpus.ts';
import { accuracy, normalise } from '../../../bench/accuracy/metrics.ts';
import { mineLines } from '../../../bench/accuracy/mine-lines.ts';

describe('accuracy', () => {
  it('counts groups, lines and templates as the published evaluators do', () => {
    const truth = ['a <*>', 'a <*>', 'a <*>', 'b <*>', 'b <*>', 'c'];
    const found = ['a <*>', 'a <*>', 'a <*>', 'b <*>', 'q', 'q'];
    const result = accuracy(truth, found);
    expect(result.ga).toBeCloseTo(3 / 6, 12);
    expect(result.fga).toBeCloseTo(1 / 3, 12);
    expect(result.pa).toBeCloseTo(4 / 6, 12);
    expect(result.fta).toBeCloseTo(2 / 3, 12);
    expect(result).toMatchObject({ lines: 6, trueGroups: 3, groups: 3 });
  });

  it('is one for the truth itself and leaves out lines without a truth', () => {
    expect(accuracy(['x', '', 'y'], ['x', 'anything', 'y'])).toMatchObject({
      ga: 1,
      fga: 1,
      pa: 1,
      fta: 1,
      lines: 2,
    });
  });

  it('gives no line to a group that merged two true ones', () => {
    expect(accuracy(['x', 'x', 'y'], ['z', 'z', 'z'])).toMatchObject({ ga: 0, fga: 0 });
  });

  it('reads typed slots as <*>', () => {
    expect(normalise('from <:IP:> and <num> <*> <:*:>, <a b>')).toBe('from <*> and <*> <*> <*>, <a b>');
  });
});

describe('corpus', () => {
  it('reads CSV with quoted commas, quotes and line breaks', () => {
    expect(parseCsv('a,b\r\n1,"x, ""y""\nz"\n2,')).toEqual([
      ['a', 'b'],
      ['1', 'x, "y"\nz'],
      ['2', ''],
    ]);
  });

  it('is mined online, and the templates printed are the final ones', () => {
    const lines = Array.from(
      { length: 250 },
      (_, i) => `job ${i} took ${i * 3} ms on ${'abcdefghij'[i % 10]}${'klmnopqrst'[i % 10]}ost`,
    );
    const mined = mineLines(lines);
    expect(new Set(mined.templates)).toEqual(new Set(['job <num> took <dur> on <str>']));
    expect(mined).toMatchObject({ signatures: 10, reidentified: 0 });
  });
});
