// What an object retains: the memory that comes back when the last reference to it is dropped.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Collections without a change after which nothing is expected to move: code unused for some collections is dropped too. */
const QUIET_PASSES = 4;
const PASSES_MAX = 40;
/** Bytes by which two readings of the same heap differ. */
const NOISE_BYTES = 512;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Heap and what lies outside of it (typed arrays), collected until it no longer gets smaller. */
export function memoryUsed(): number {
  let least = Number.POSITIVE_INFINITY;
  for (let pass = 0, quiet = 0; pass < PASSES_MAX && quiet < QUIET_PASSES; pass++) {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    quiet = heapUsed + external < least - NOISE_BYTES ? 0 : quiet + 1;
    least = Math.min(least, heapUsed + external);
  }
  return least;
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
