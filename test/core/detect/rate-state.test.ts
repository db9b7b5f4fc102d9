import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GAPS_NUMBERS } from '../../../src/core/detect/gaps.ts';
import { readRate, writeRate } from '../../../src/core/detect/rate-bytes.ts';
import { GAPS, newRateState, type RateState } from '../../../src/core/detect/rate-state.ts';
import { RowReader, RowWriter } from '../../../src/core/row-bytes.ts';

const SEED = 11;

/** A rate whose statistics have these numbers, over and over. */
function rateOf(values: readonly number[], isNone: boolean): RateState {
  const rate = newRateState(7, 2, 3.5, 4);
  rate.deadline = isNone ? null : 9.5;
  rate.silentAfter = isNone ? null : 0;
  rate.alarmMinute = isNone ? null : 12;
  rate.isSparse = !isNone;
  rate.alarmUp = isNone;
  for (let at = 0; at < GAPS + GAPS_NUMBERS; at++) rate.numbers[at] = values[at % values.length]!;
  return rate;
}

describe('the numbers of a series', () => {
  it('are the same, each at its place, after they were written to a row and read back', () => {
    const numbers = fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(numbers, fc.boolean(), (values, isNone) => {
        const rate = rateOf(values, isNone);
        const writer = new RowWriter();
        writeRate(writer, rate);
        const row = new RowReader(writer.take());
        expect(readRate(row).numbers).toEqual(rate.numbers);
        expect(row.isAtEnd).toBe(true);
      }),
      { seed: SEED, numRuns: 200 },
    );
  });

  it('tell none from zero, also after a restart', () => {
    const read = (isNone: boolean): (number | null)[] => {
      const writer = new RowWriter();
      writeRate(writer, rateOf([0], isNone));
      const rate = readRate(new RowReader(writer.take()));
      return [rate.deadline, rate.silentAfter, rate.alarmMinute];
    };
    expect(read(true)).toEqual([null, null, null]);
    expect(read(false)).toEqual([9.5, 0, 12]);
  });

  it('are apart: one that is set changes no other', () => {
    const fields = ['exposureAt', 'observedAt', 'seenAt', 'lastMinute', 'firstMinute', 'ratio'] as const;
    const rest = ['activeMinutes', 'occupied', 'longestGap', 'refractoryUntilMs', 'deadline'] as const;
    const rate = newRateState(0, 0, 0, 0);
    const all = [...fields, ...rest, 'silentAfter', 'alarmMinute'] as const;
    all.forEach((field, i) => {
      rate[field] = 100 + i;
    });
    expect(all.map((field) => rate[field])).toEqual(all.map((_, i) => 100 + i));
    expect([rate.isSparse, rate.alarmUp, rate.clock]).toEqual([false, false, 0]);
    expect([rate.a, rate.b]).toEqual([0.05, 1]);
  });
});
