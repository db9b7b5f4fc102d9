import type { RowReader, RowWriter } from '../row-bytes.ts';
import { foldedLength } from './fold.ts';
import { type Numbers, newNumbers } from './numbers.ts';
import { RateState } from './rate-state.ts';
import { RECENT_NUMBERS } from './recent.ts';

const NONE_BEFORE: Numbers = [];

/**
 * Folded: what is usual takes no bytes, and hardly any what is as it was in the rate written before it: clocks and minutes,
 * which many share. Returns its numbers, those before the next one.
 */
export function writeRate(row: RowWriter, rate: RateState, before: Numbers = NONE_BEFORE): Numbers {
  const folded = rate.readFolded();
  const length = foldedLength(folded);
  row.number(length);
  row.runLike(folded, before, length);
  return folded;
}

/** A rate that is folded; `before` is the one read before it. */
export function readRate(row: RowReader, before: Numbers = NONE_BEFORE): RateState {
  const length = row.number();
  const numbers = newNumbers(length);
  for (let i = 0; i < length; i++) numbers[i] = row.numberLike(before[i]);
  return RateState.ofFolded(numbers);
}

/** A level of the last hour by itself. */
export function writeTraffic(row: RowWriter, traffic: Numbers): void {
  row.run(traffic, 0, RECENT_NUMBERS);
}

export function readTraffic(row: RowReader): Numbers {
  const numbers = newNumbers(RECENT_NUMBERS);
  for (let i = 0; i < RECENT_NUMBERS; i++) numbers[i] = row.number();
  return numbers;
}
