import { Random } from './random.ts';
import type { SimulatedRecord } from './record.ts';

/** Most records reach the collector within this time of being written. */
const DELAY_MEAN_MS = 180;
/** No record is later than this: well under the 5 s of disorder that a partition may show. */
export const MAX_DELAY_MS = 1_900;

/** Records that are held back by an agent for much longer than others, so that they come too late. */
export interface Lateness {
  /** Share of all records. */
  readonly share: number;
  readonly minMs: number;
  readonly maxMs: number;
}

/** Sets `arrivalMs` of every record and yields the records in order of arrival. */
export function* deliver(
  seconds: Iterable<SimulatedRecord[]>,
  seed: number,
  late?: Lateness,
): Generator<readonly SimulatedRecord[], void, undefined> {
  const random = Random.named(seed, 'delivery');
  const lateRandom = Random.named(seed, 'late delivery');
  let waiting: SimulatedRecord[] = [];
  for (const records of seconds) {
    const fromMs = records[0]?.timeMs;
    if (fromMs === undefined) continue;
    const secondMs = Math.floor(fromMs / 1000) * 1000;
    for (const record of records) {
      let delayMs = Math.min(MAX_DELAY_MS, random.exponential(DELAY_MEAN_MS));
      // A stream of its own: the other records arrive as they would without late ones.
      if (late !== undefined && lateRandom.chance(late.share))
        delayMs = lateRandom.between(late.minMs, late.maxMs);
      record.arrivalMs = Math.round((record.timeMs + delayMs) * 1000) / 1000;
    }
    waiting = waiting.length === 0 ? records : waiting.concat(records);
    waiting.sort((left, right) => left.arrivalMs - right.arrivalMs);
    // Whatever arrives after this second may still be overtaken by the next second's records.
    let ready = waiting.length;
    while (ready > 0 && waiting[ready - 1]!.arrivalMs >= secondMs + 1000) ready -= 1;
    if (ready === 0) continue;
    yield waiting.slice(0, ready);
    waiting = waiting.slice(ready);
  }
  if (waiting.length > 0) yield waiting;
}
