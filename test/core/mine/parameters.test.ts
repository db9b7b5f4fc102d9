import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillIn, readParameters } from '../../../src/core/mine/parameters.ts';
import type { Part } from '../../../src/core/mine/render.ts';
import { closedBucket, createMiner, signatureOf } from './mine-lines.ts';

const SEED = 20250103;

function parametersOf(line: string): readonly string[] {
  const miner = createMiner();
  miner.mine(closedBucket(1, { api: [line] }));
  const id = miner.resolve('api', ...signatureOf(line))!;
  return miner.parameters('api', id, line).map((p) => `${p.name}:${p.type}=${p.value}`);
}

describe('parameters', () => {
  it('are named by the key in front, else by their type', () => {
    expect(parametersOf('lag=41s for topic orders, retry: 3 from 10.0.0.7')).toEqual([
      'lag:dur=41s',
      'retry:num=3',
      'ip:ip=10.0.0.7',
    ]);
    expect(parametersOf('{"id": 7, "tags": ["a", "b"]}')).toEqual(['id:num=7', 'tags:list=["a", "b"]']);
  });

  it('of a line that has other constants are none', () => {
    const miner = createMiner();
    miner.mine(closedBucket(1, { api: ['took 5 ms'] }));
    const id = miner.resolve('api', ...signatureOf('took 5 ms'))!;
    expect(miner.parameters('api', id, 'lost 5 ms')).toEqual([]);
    expect(miner.parameters('api', id, 'took 5 ms and more').map((p) => p.value)).toEqual(['5 ms and more']);
    expect(miner.parameters('api', 't_000000000000', 'took 5 ms')).toEqual([]);
  });

  it('filled back in give the line, with white space as single blanks, for any line that fits', () => {
    const piece = fc.constantFrom(
      ...[
        'user',
        'failed',
        '42',
        '1.5ms',
        '0x1f',
        'a=1',
        'k=',
        '(',
        ')',
        '[x, y]',
        '{',
        '"q"',
        "'5'",
        ',',
        ':',
        '=',
        '<',
        '>',
      ],
      ...[
        '-',
        '/a/b',
        'host.example:80',
        'true',
        'Jul',
        ' ',
        '  ',
        '<redacted:key>',
        'é',
        '10.0.0.1',
        'sda1',
        '{"a": 1, "b": [2]}',
      ],
    );
    const line = fc.array(piece, { minLength: 1, maxLength: 20 }).map((pieces) => pieces.join(' '));
    let fitting = 0;
    fc.assert(
      fc.property(line, (text) => {
        const miner = createMiner();
        miner.mine(closedBucket(1, { api: [text] }));
        const id = miner.resolve('api', ...signatureOf(text))!;
        const slots = miner.parameters('api', id, text);
        if (slots.length === 0) return;
        fitting++;
        let n = 0;
        const filled = miner.template('api', id)!.text.replace(/<([a-z*]+)>/g, (slot, type) => {
          if (n >= slots.length || slots[n]!.type !== type) return slot;
          return slots[n++]!.value;
        });
        expect(n).toBe(slots.length);
        expect(filled).toBe(text.trim().replace(/\s+/g, ' '));
      }),
      { seed: SEED, numRuns: 800 },
    );
    expect(fitting).toBeGreaterThan(500);
  });

  it('take as little as the text behind them allows, and the end of the line for the last', () => {
    const parts: Part[] = [
      { literal: 'from ' },
      { type: 'str', name: 'a' },
      { literal: ' to ' },
      { type: 'str', name: 'b' },
      { literal: '.' },
    ];
    const values = readParameters(parts, 'from x to y to z.');
    expect(values.map((p) => p.value)).toEqual(['x', 'y to z']);
    expect(fillIn(parts, values)).toBe('from x to y to z.');
    expect(readParameters(parts, 'from x to y')).toEqual([]);
  });
});
