import type { SimulatedRecord } from './record.ts';

const SECOND_MS = 1000;

/**
 * Records that were made ahead of their time, by second. A request is walked when it arrives and writes into the
 * seconds to come; a second is complete once all its arrivals were walked. Holds at most the longest request's seconds.
 */
export class Timeline {
  private readonly seconds = new Map<number, SimulatedRecord[]>();

  add(record: SimulatedRecord): void {
    const second = Math.floor(record.timeMs / SECOND_MS);
    const records = this.seconds.get(second);
    if (records === undefined) this.seconds.set(second, [record]);
    else records.push(record);
  }

  /** Takes the records of one second out, in time order; equal times keep the order in which they were made. */
  take(secondStartMs: number): SimulatedRecord[] {
    const second = secondStartMs / SECOND_MS;
    const records = this.seconds.get(second) ?? [];
    this.seconds.delete(second);
    return records.sort((left, right) => left.timeMs - right.timeMs);
  }
}
