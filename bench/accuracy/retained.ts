// What an object retains: the memory that comes back when the last reference to it is dropped.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The first collections leave what is still being compiled or finalised; after a few nothing moves any more. */
const PASSES = 4;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Heap and what lies outside of it (typed arrays) after several full collections. */
export function memoryUsed(): number {
  for (let i = 0; i < PASSES; i++) collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/**
 * Holds one object and lets go of it. Compiled code and caches stay, so they are in neither of the two readings. The
 * object is lent to functions only: a variable of the caller would keep it alive.
 */
export class Held<T> {
  private held: T | null;

  constructor(create: () => T) {
    this.held = create();
  }

  read<R>(use: (value: T) => R): R {
    return use(this.held!);
  }

  /** Bytes that only this object kept alive; afterwards it is gone. */
  release(): number {
    const before = memoryUsed();
    this.held = null;
    return before - memoryUsed();
  }
}
