import type { KafkaCounters } from '../../contracts.ts';
import { newCounters } from './options.ts';

const NAMES = Object.keys(newCounters()) as (keyof KafkaCounters)[];

/** Memory for the counters of a source that another thread reads at any time. */
export function countersMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(NAMES.length * Float64Array.BYTES_PER_ELEMENT);
}

/** The counters that lie in this memory, for each of the threads that share it; one of them writes. */
export function sharedCounters(memory: SharedArrayBuffer): KafkaCounters {
  const cells = new Float64Array(memory);
  const counters = newCounters();
  for (const [i, name] of NAMES.entries()) {
    const isFlag = typeof counters[name] === 'boolean';
    Object.defineProperty(counters, name, {
      enumerable: true,
      get: () => (isFlag ? cells[i] !== 0 : cells[i]),
      set: (value: number | boolean) => {
        cells[i] = Number(value);
      },
    });
  }
  return counters;
}
