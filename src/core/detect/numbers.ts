/**
 * The numbers of one series, each statistic's at places of its own. All of a series stand in one array: as objects and
 * arrays of their own they took three times the memory, and a collection of garbage had ten times as many to visit.
 */
export type Numbers = number[];

/** Most numbers of a series. */
const LENGTH_MAX = 256;

/**
 * Zeros kept as doubles, as every copy is then: an array that begins with whole numbers is kept as such by V8, and copied
 * at the first fraction.
 */
const ZEROS: readonly number[] = zeros(LENGTH_MAX);

export function newNumbers(length: number): Numbers {
  return ZEROS.slice(0, length);
}

function zeros(length: number): number[] {
  const numbers = Array.from({ length }, () => 0.5);
  for (let i = 0; i < length; i++) numbers[i] = 0;
  return numbers;
}

/** Among numbers: none. */
export const NONE: number = Number.NaN;

export function nullable(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
