import type { Accounting, DropReason, Stateful, StateRow } from '../contracts.ts';

const TABLE = 'totals';
const KEY = 'closed';

/** Where every unit of all closed buckets went: consumed = counted + all that was dropped. */
export interface AllTime {
  consumed: number;
  bytes: number;
  counted: number;
  readonly dropped: Record<DropReason, number>;
}

/**
 * The books of all closed buckets since the store began, durable with them: a bucket is added when it is judged, so that a
 * restart neither loses nor doubles any. What no bucket holds (drops before a partition's first plausible time) is not here.
 */
export class Totals implements Stateful {
  readonly tables: readonly string[] = [TABLE];
  readonly #all: AllTime = {
    consumed: 0,
    bytes: 0,
    counted: 0,
    dropped: { late: 0, malformed: 0, time_out_of_range: 0, no_time: 0, too_large: 0, overflow: 0 },
  };
  #isChanged = false;

  get all(): Readonly<AllTime> {
    return this.#all;
  }

  add(accounting: Accounting): void {
    this.#all.consumed += accounting.consumed;
    this.#all.bytes += accounting.bytes;
    this.#all.counted += accounting.counted;
    for (const reason of Object.keys(this.#all.dropped) as DropReason[])
      this.#all.dropped[reason] += accounting.dropped[reason];
    this.#isChanged = true;
  }

  takeChanges(): StateRow[] {
    if (!this.#isChanged) return [];
    this.#isChanged = false;
    return [{ table: TABLE, key: KEY, value: JSON.stringify(this.#all) }];
  }

  load(rows: readonly StateRow[]): void {
    for (const { value } of rows) if (value !== null) Object.assign(this.#all, JSON.parse(value));
  }
}
