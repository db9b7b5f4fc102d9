import type { SeverityClass } from '../../contracts.ts';
import type { RowReader, RowWriter } from '../row-bytes.ts';
import { BASELINE_NUMBERS } from './baseline.ts';
import { CUSUM_NUMBERS } from './cusum.ts';
import { BLOCK_MINUTES, BLOCKS, MEANS, OPEN_LINES, OPEN_MEANS, OPEN_MINUTES, SQUARES } from './dispersion.ts';
import { GAPS_NUMBERS } from './gaps.ts';
import { type Numbers, newNumbers } from './numbers.ts';
import {
  BASELINE,
  DISPERSION,
  DOWN,
  GAPS,
  OCCUPANCY,
  RateState,
  RECENT,
  SPARSE,
  SURGE,
  UP,
} from './rate-state.ts';
import { FALL_SUM, RECENT_LEVEL_NUMBERS, RECENT_NUMBERS, RECENT_SPREAD, RISE_SUM } from './recent.ts';

// A rate is some hundred numbers; they are written and read in the same order.

export function writeRate(row: RowWriter, rate: RateState): void {
  const { numbers } = rate;
  row.run(numbers, BASELINE, BASELINE_NUMBERS);
  writeDispersion(row, numbers, DISPERSION);
  row.number(rate.exposureAt);
  row.number(rate.observedAt);
  row.number(rate.seenAt);
  row.number(rate.clock);
  row.number(rate.lastMinute);
  row.number(rate.firstMinute);
  row.number(rate.activeMinutes);
  row.number(rate.ratio);
  for (const sum of SUMS) row.run(numbers, sum, CUSUM_NUMBERS);
  writeRecent(row, numbers, RECENT);
  row.number(rate.occupied);
  writeDispersion(row, numbers, OCCUPANCY);
  row.flag(rate.isSparse);
  row.number(rate.longestGap);
  row.run(numbers, GAPS, GAPS_NUMBERS);
  row.nullable(rate.deadline);
  row.nullable(rate.silentAfter);
  row.number(rate.refractoryUntilMs);
  row.nullable(rate.alarmMinute);
  row.flag(rate.alarmUp);
}

export function readRate(row: RowReader): RateState {
  const rate = new RateState();
  const { numbers } = rate;
  readRun(row, numbers, BASELINE, BASELINE_NUMBERS);
  readDispersion(row, numbers, DISPERSION);
  rate.exposureAt = row.number();
  rate.observedAt = row.number();
  rate.seenAt = row.number();
  rate.clock = row.number() as SeverityClass;
  rate.lastMinute = row.number();
  rate.firstMinute = row.number();
  rate.activeMinutes = row.number();
  rate.ratio = row.number();
  for (const sum of SUMS) readRun(row, numbers, sum, CUSUM_NUMBERS);
  readRecent(row, numbers, RECENT);
  rate.occupied = row.number();
  readDispersion(row, numbers, OCCUPANCY);
  rate.isSparse = row.flag();
  rate.longestGap = row.number();
  readRun(row, numbers, GAPS, GAPS_NUMBERS);
  rate.deadline = row.nullable();
  rate.silentAfter = row.nullable();
  rate.refractoryUntilMs = row.number();
  rate.alarmMinute = row.nullable();
  rate.alarmUp = row.flag();
  return rate;
}

const SUMS = [UP, DOWN, SPARSE, SURGE] as const;

/** A level of the last hour by itself. */
export function writeTraffic(row: RowWriter, traffic: Numbers): void {
  writeRecent(row, traffic, 0);
}

export function readTraffic(row: RowReader): Numbers {
  const traffic = newNumbers(RECENT_NUMBERS);
  readRecent(row, traffic, 0);
  return traffic;
}

function writeRecent(row: RowWriter, n: Numbers, at: number): void {
  row.run(n, at, RECENT_LEVEL_NUMBERS);
  writeDispersion(row, n, at + RECENT_SPREAD);
  row.run(n, at + FALL_SUM, CUSUM_NUMBERS);
  row.run(n, at + RISE_SUM, CUSUM_NUMBERS);
}

function readRecent(row: RowReader, n: Numbers, at: number): void {
  readRun(row, n, at, RECENT_LEVEL_NUMBERS);
  readDispersion(row, n, at + RECENT_SPREAD);
  readRun(row, n, at + FALL_SUM, CUSUM_NUMBERS);
  readRun(row, n, at + RISE_SUM, CUSUM_NUMBERS);
}

function writeDispersion(row: RowWriter, n: Numbers, at: number): void {
  for (const list of FINISHED) {
    row.number(BLOCK_MINUTES.length);
    row.run(n, at + list, BLOCK_MINUTES.length);
  }
  for (const list of UNFINISHED) {
    row.number(BLOCK_MINUTES.length);
    // The block of one minute, which is never unfinished.
    row.number(0);
    row.run(n, at + list + 1, BLOCK_MINUTES.length - 1);
  }
}

function readDispersion(row: RowReader, n: Numbers, at: number): void {
  for (const list of FINISHED) {
    row.number();
    readRun(row, n, at + list, BLOCK_MINUTES.length);
  }
  for (const list of UNFINISHED) {
    row.number();
    row.number();
    readRun(row, n, at + list + 1, BLOCK_MINUTES.length - 1);
  }
}

const FINISHED = [SQUARES, MEANS, BLOCKS] as const;
const UNFINISHED = [OPEN_LINES, OPEN_MEANS, OPEN_MINUTES] as const;

function readRun(row: RowReader, n: Numbers, at: number, length: number): void {
  for (let i = at; i < at + length; i++) n[i] = row.number();
}
