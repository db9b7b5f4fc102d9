import type { RowReader, RowWriter } from '../row-bytes.ts';
import type { Cusum } from './cusum.ts';
import type { Dispersion } from './dispersion.ts';
import type { Recent } from './recent.ts';
import type { RateState } from './template-state.ts';

// A rate is some hundred numbers; its fields are written and read in the same order.

export function writeRate(row: RowWriter, rate: RateState): void {
  row.number(rate.baseline.a);
  row.number(rate.baseline.b);
  writeDispersion(row, rate.dispersion);
  row.number(rate.exposureAt);
  row.number(rate.observedAt);
  row.number(rate.seenAt);
  row.number(rate.clock);
  row.number(rate.lastMinute);
  row.number(rate.firstMinute);
  row.number(rate.activeMinutes);
  row.number(rate.ratio);
  writeCusum(row, rate.up);
  writeCusum(row, rate.down);
  writeCusum(row, rate.sparse);
  writeCusum(row, rate.surge);
  writeRecent(row, rate.recent);
  row.number(rate.occupied);
  writeDispersion(row, rate.occupancy);
  row.flag(rate.isSparse);
  row.number(rate.longestGap);
  row.number(rate.gaps.sum);
  row.number(rate.gaps.squares);
  row.number(rate.gaps.fourths);
  row.nullable(rate.deadline);
  row.nullable(rate.silentAfter);
  row.number(rate.refractoryUntilMs);
  row.nullable(rate.alarmMinute);
  row.flag(rate.alarmUp);
}

/** A literal is evaluated from top to bottom: in the order of `writeRate`. */
export function readRate(row: RowReader): RateState {
  return {
    baseline: { a: row.number(), b: row.number() },
    dispersion: readDispersion(row),
    exposureAt: row.number(),
    observedAt: row.number(),
    seenAt: row.number(),
    clock: row.number() as RateState['clock'],
    lastMinute: row.number(),
    firstMinute: row.number(),
    activeMinutes: row.number(),
    ratio: row.number(),
    up: readCusum(row),
    down: readCusum(row),
    sparse: readCusum(row),
    surge: readCusum(row),
    recent: readRecent(row),
    occupied: row.number(),
    occupancy: readDispersion(row),
    isSparse: row.flag(),
    longestGap: row.number(),
    gaps: { sum: row.number(), squares: row.number(), fourths: row.number() },
    deadline: row.nullable(),
    silentAfter: row.nullable(),
    refractoryUntilMs: row.number(),
    alarmMinute: row.nullable(),
    alarmUp: row.flag(),
  };
}

export function writeRecent(row: RowWriter, recent: Recent): void {
  row.number(recent.lines);
  row.number(recent.exposure);
  writeDispersion(row, recent.dispersion);
  writeCusum(row, recent.fall);
  writeCusum(row, recent.rise);
}

export function readRecent(row: RowReader): Recent {
  return {
    lines: row.number(),
    exposure: row.number(),
    dispersion: readDispersion(row),
    fall: readCusum(row),
    rise: readCusum(row),
  };
}

function writeCusum(row: RowWriter, cusum: Cusum): void {
  row.number(cusum.sum);
  row.number(cusum.sinceMinute);
  row.number(cusum.active);
  row.number(cusum.lines);
  row.number(cusum.expected);
  row.number(cusum.dispersion);
}

function readCusum(row: RowReader): Cusum {
  return {
    sum: row.number(),
    sinceMinute: row.number(),
    active: row.number(),
    lines: row.number(),
    expected: row.number(),
    dispersion: row.number(),
  };
}

function writeDispersion(row: RowWriter, dispersion: Dispersion): void {
  row.numbers(dispersion.squares);
  row.numbers(dispersion.means);
  row.numbers(dispersion.blocks);
  row.numbers(dispersion.openLines);
  row.numbers(dispersion.openMeans);
  row.numbers(dispersion.openMinutes);
}

function readDispersion(row: RowReader): Dispersion {
  return {
    squares: row.numbers(),
    means: row.numbers(),
    blocks: row.numbers(),
    openLines: row.numbers(),
    openMeans: row.numbers(),
    openMinutes: row.numbers(),
  };
}
