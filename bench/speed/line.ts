// A line of the bench's table and how it is reckoned from rounds.
import type { Timed } from './rounds.ts';
import type { Round } from './subject.ts';

/** What a figure should be. `least` is demanded, `goal` aimed at. */
export interface Aim {
  readonly is: 'at least' | 'at most';
  readonly demanded: number;
  readonly goal?: number;
}

/** One measured figure: median of its rounds, least and greatest round. */
export interface Line {
  /** Never changes: baselines are compared by it. */
  readonly id: string;
  readonly text: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly rounds: number;
  readonly aim?: Aim;
  /** A greater figure is better; absent = neither, it is not compared. */
  readonly better?: 'more' | 'less';
  readonly note?: string;
}

/** A row that could not be measured here, and why. */
export interface Absent {
  readonly id: string;
  readonly absent: string;
}

/** Rate of `a` over rate of `b`, round by round: what both met in the same seconds. */
export function ratioLine(
  id: string,
  text: string,
  a: Timed,
  b: Timed,
  rate: (round: Round) => number,
  more: Pick<Line, 'aim' | 'note'> = {},
): Line {
  const ratios = a.rounds.map((round, i) => rate(round) / rate(b.rounds[i]!));
  return { ...figureLine(id, text, 'x', ratios, more), better: 'more' };
}

/** A figure of each round. */
export function figureLine(
  id: string,
  text: string,
  unit: string,
  values: readonly number[],
  more: Pick<Line, 'aim' | 'note' | 'better'> = {},
): Line {
  if (values.length === 0 || values.some((value) => !Number.isFinite(value))) {
    throw new Error(`${id} has no figures: ${values.join(', ')}`);
  }
  const ascending = [...values].sort((x, y) => x - y);
  return {
    id,
    text,
    unit,
    median: median(ascending),
    min: ascending[0]!,
    max: ascending.at(-1)!,
    rounds: values.length,
    ...more,
  };
}

export function median(values: readonly number[]): number {
  const ascending = [...values].sort((x, y) => x - y);
  const middle = ascending.length >> 1;
  return ascending.length % 2 === 1 ? ascending[middle]! : (ascending[middle - 1]! + ascending[middle]!) / 2;
}

/** Records per second of CPU time. */
export function recordRate(round: Round): number {
  return (round.records * 1_000) / round.cpuMs;
}

export function byteRate(round: Round): number {
  return (round.bytes * 1_000) / round.cpuMs;
}

/** CPU time of a record, ns. */
export function nanosPerRecord(round: Round): number {
  return (round.cpuMs * 1e6) / round.records;
}

/** True, false, or undefined where nothing is demanded. */
export function isMet(line: Line): boolean | undefined {
  if (line.aim === undefined) return undefined;
  return line.aim.is === 'at least' ? line.median >= line.aim.demanded : line.median <= line.aim.demanded;
}
