import { describe, expect, it } from 'vitest';
import { COMPARED_MAX } from '../../../src/core/mine/limits.ts';
import { closedBucket, createMiner, textOf } from './mine-lines.ts';

const STATES = ['PENDING', 'PAID', 'SHIPPED', 'RETURNED'];

describe('two places', () => {
  it('whose values are combined freely are variables, though each has few values', () => {
    const miner = createMiner();
    const lines = STATES.flatMap((from) => STATES.map((to) => `order moved on: status ${from} -> ${to}`));
    miner.mine(closedBucket(1, { api: lines }));
    expect(textOf(miner, 'api', lines[0]!)).toBe('order moved on: status <str> -> <str>');
    expect(miner.size).toBe(1);
  });

  it('whose values go together stay as they are', () => {
    const miner = createMiner();
    const lines = STATES.map((state) => `order moved on: status ${state} -> NOT_${state}`);
    miner.mine(closedBucket(1, { api: lines }));
    expect(lines.map((line) => textOf(miner, 'api', line))).toEqual(lines);
  });
});

describe('payloads of one statement', () => {
  it('have one template whatever their keys', () => {
    const miner = createMiner();
    const lines = [
      'stock counted by kind: {economy=3, first=1}',
      'stock counted by kind: {express=7}',
      'stock counted by kind: {}',
    ];
    miner.mine(closedBucket(1, { api: lines }));
    expect(new Set(lines.map((line) => textOf(miner, 'api', line)))).toEqual(
      new Set(['stock counted by kind: <*>']),
    );
  });

  it('have templates of their own when the name in front says what they are', () => {
    const miner = createMiner();
    const lines = [
      'events sent: OrderPlaced(id=7, total=5)',
      'events sent: OrderPlaced(id=7, total=5, coupon=4)',
      'events sent: OrderCancelled(id=7, total=5)',
    ];
    miner.mine(closedBucket(1, { api: lines }));
    const [placed, withCoupon, cancelled] = lines.map((line) => textOf(miner, 'api', line));
    expect(withCoupon).toBe(placed);
    expect(cancelled).not.toBe(placed);
  });
});

it('a template with variables is found however many others have its punctuation', () => {
  const miner = createMiner();
  const names = ['ada', 'bob', 'cleo', 'dora', 'emil', 'fritz'];
  const line = (name: string) => `greeting ${name} from the lobby`;
  miner.mine(closedBucket(1, { api: names.map(line) }));
  const letters = (n: number) =>
    n.toString(26).replace(/./g, (c) => String.fromCharCode(97 + Number.parseInt(c, 26)));
  const others = Array.from({ length: COMPARED_MAX + 100 }, (_, i) =>
    ['a', 'b', 'c', 'd', 'e'].map((prefix) => `${prefix}q${letters(i)}`).join(' '),
  );
  miner.mine(closedBucket(2, { api: others }));
  expect(miner.size).toBeGreaterThan(COMPARED_MAX);
  miner.mine(closedBucket(3, { api: [line('viktor')] }));
  expect(textOf(miner, 'api', line('viktor'))).toBe('greeting <str> from the lobby');
});
