import { setFlagsFromString } from 'node:v8';

/**
 * MiB of each half in threads that start later, which is the one of a Kafka source: a fetch outlives several collections of
 * a smaller one, and what becomes old makes V8 collect the whole heap twice as often (`npm run bench -- --only kafka`).
 */
const YOUNG_OF_THREADS = '--min-semi-space-size=4';

/**
 * V8's young generation begins with two halves of 1 MiB and may grow to two of 64 MiB. It stays as it is: what a batch
 * leaves behind is dead soon whatever its size. Helper threads have little to do in so small a space; waiting for them
 * takes longer than they save. V8 takes a factor of 1 at run time only; on the command line it makes 2 of it.
 */
const YOUNG = ['--semi-space-growth-factor=1', '--no-parallel-scavenge', YOUNG_OF_THREADS];

/**
 * Percent by which the old generation may grow between two collections. V8's own choice is some hundred; a worker keeps
 * its state for good, so that little becomes old and dies: collections are rare all the same.
 */
const OLD = ['--heap-growing-percent=20'];

// Measured with `npm run bench -- --only steady`: 590 MiB resident without, 250 MiB with both, and no more time.

/** A worker runs beside what it watches, where memory counts. Call before anything large is loaded. */
export function keepYoungHeapSmall(): void {
  for (const flag of YOUNG) setFlagsFromString(flag);
}

/** Call when the state is restored: a heap that grows on purpose would be collected all the time. */
export function keepOldHeapSmall(): void {
  for (const flag of OLD) setFlagsFromString(flag);
}
