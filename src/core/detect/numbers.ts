/**
 * The numbers of one series, each statistic's at places of its own. All of a series stand in one array: as objects and
 * arrays of their own they took three times the memory, and a collection of garbage had ten times as many to visit.
 */
export type Numbers = number[];

/** All zero, and doubles from the beginning: V8 would keep small integers, and copy the array at the first fraction. */
export function newNumbers(length: number): Numbers {
  const numbers = Array.from({ length }, () => 0.5);
  for (let i = 0; i < length; i++) numbers[i] = 0;
  return numbers;
}
