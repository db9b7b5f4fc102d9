import type { RowReader, RowWriter } from '../row-bytes.ts';
import { foldedLength } from './fold.ts';
import { type Numbers, newNumbers } from './numbers.ts';
import { RateState } from './rate-state.ts';
import { RECENT_NUMBERS } from './recent.ts';

/** Folded: what is usual takes no bytes. */
export function writeRate(row: RowWriter, rate: RateState): void {
  const folded = rate.readFolded();
  const length = foldedLength(folded);
  row.number(length);
  row.run(folded, 0, length);
}

/** A rate that is folded. */
export function readRate(row: RowReader): RateState {
  return RateState.ofFolded(readNumbers(row, row.number()));
}

/** A level of the last hour by itself. */
export function writeTraffic(row: RowWriter, traffic: Numbers): void {
  row.run(traffic, 0, RECENT_NUMBERS);
}

export function readTraffic(row: RowReader): Numbers {
  return readNumbers(row, RECENT_NUMBERS);
}

function readNumbers(row: RowReader, length: number): Numbers {
  const numbers = newNumbers(length);
  for (let i = 0; i < length; i++) numbers[i] = row.number();
  return numbers;
}
