import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SINCE_MINUTE } from '../../../src/core/detect/cusum.ts';
import { readRate, writeRate } from '../../../src/core/detect/rate-bytes.ts';
import {
  DISPERSION,
  DOWN,
  FOLD,
  RATE_NUMBERS,
  RECENT,
  SELDOM,
  SPARSE,
  SURGE,
  UP,
} from '../../../src/core/detect/rate-places.ts';
import { newRateNumbers, newRateState, type RateState } from '../../../src/core/detect/rate-state.ts';
import { FALL_SUM, RISE_SUM } from '../../../src/core/detect/recent.ts';
import { RowReader, RowWriter } from '../../../src/core/row-bytes.ts';

const SEED = 11;

/** Where minutes stand, which are whole numbers. */
const MINUTES = [UP, DOWN, SPARSE, SURGE, RECENT + FALL_SUM, RECENT + RISE_SUM].map(
  (at) => at + SINCE_MINUTE,
);

/** Numbers of which many are zero, as those of most series. */
const VALUES = fc.array(fc.oneof(fc.constant(0), fc.double({ noNaN: true, min: 0 })), {
  minLength: 1,
  maxLength: 120,
});

/** A rate whose statistics have these numbers, over and over. */
function rateOf(values: readonly number[], isNone: boolean): RateState {
  const rate = newRateState(7, 2, 3.5, 4);
  rate.deadline = isNone ? null : 9.5;
  rate.silentAfter = isNone ? null : 0;
  rate.alarmMinute = isNone ? null : 12;
  rate.isSparse = !isNone;
  rate.alarmUp = isNone;
  for (let at = DISPERSION; at < RATE_NUMBERS; at++) rate.numbers[at] = values[at % values.length]! + 0;
  for (const at of MINUTES) rate.numbers[at] = Math.floor(rate.numbers[at]!) % 1e9;
  return rate;
}

function statisticsOf(rate: RateState): number[] {
  const numbers = rate.readNumbers();
  return [...numbers.slice(0, FOLD), ...numbers.slice(SELDOM)];
}

describe('the numbers of a series', () => {
  it('are the same after any number of minutes in which it was folded, whatever its numbers were before', () => {
    fc.assert(
      fc.property(fc.array(VALUES, { minLength: 1, maxLength: 6 }), fc.boolean(), (minutes, isNone) => {
        const rate = rateOf([0], isNone);
        const desk = newRateNumbers();
        for (const values of minutes) {
          const other = rateOf(values, isNone);
          rate.unfold(desk);
          for (let at = 0; at < RATE_NUMBERS; at++) rate.numbers[at] = other.numbers[at]!;
          rate.fold();
          desk.fill(-1);
          expect(statisticsOf(rate)).toEqual(statisticsOf(other));
          expect(rate.deadline).toBe(other.deadline);
        }
      }),
      { seed: SEED, numRuns: 100 },
    );
  });

  it('take a third of the memory while nothing is known of it, and are out of reach', () => {
    const rate = newRateState(29_000_000, 1, 0, 0);
    const whole = rate.numbers.length;
    rate.fold();
    expect(rate.readFolded().length).toBeLessThan(whole / 3);
    expect(() => rate.numbers).toThrow('folded');
    expect(rate.a).toBe(0.05);
  });

  it('are the same, each at its place, after they were written to a row and read back', () => {
    fc.assert(
      fc.property(VALUES, fc.boolean(), (values, isNone) => {
        const rate = rateOf(values, isNone);
        const writer = new RowWriter();
        writeRate(writer, rate);
        const row = new RowReader(writer.take());
        expect(statisticsOf(readRate(row))).toEqual(statisticsOf(rate));
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
