import { expect, test } from 'vitest';
import { newCounters } from '../../../src/sources/kafka/options.ts';
import { countersMemory, sharedCounters } from '../../../src/sources/kafka/shared-counters.ts';

test('what one thread counts the other reads, under the same names and of the same kinds', () => {
  const memory = countersMemory();
  const [written, read] = [sharedCounters(memory), sharedCounters(memory)];
  expect({ ...read }).toEqual(newCounters());
  written.fetches += 3;
  written.fetchMs += 0.5;
  written.groupShared = true;
  expect({ ...read }).toEqual({ ...newCounters(), fetches: 3, fetchMs: 0.5, groupShared: true });
});
