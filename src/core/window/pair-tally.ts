import type { CountedPair, PairTable } from './lift.ts';
import { PAIRS_MAX } from './limits.ts';

/**
 * Adds many records to one table: as `addPairs` does for each, with the same sums, but a pair is looked up by its text only
 * once. Between `open` and `close` nobody else may look at the table.
 */
export class PairTally {
  #table: PairTable | null = null;
  /** By place: id and sum of weights. */
  readonly #ids: string[] = [];
  readonly #sums = new Float64Array(PAIRS_MAX);
  /** Of equal pairs there may be several objects. */
  readonly #places = new Map<string, number>();
  /** A new one for each opening, so that notes of an earlier one are not mistaken for its own. */
  #opening: object = {};

  open(table: PairTable): void {
    this.#table = table;
    this.#opening = {};
  }

  add(pairs: readonly CountedPair[], weight: number): void {
    const table = this.#table!;
    const sums = this.#sums;
    table.weight += weight;
    table.squares += weight * weight;
    table.records++;
    for (let i = 0; i < pairs.length; i++) {
      const pair = pairs[i]!;
      if (pair.countedFor !== this.#opening) this.#find(pair, table);
      const { place } = pair;
      if (place >= 0) sums[place] = sums[place]! + weight;
    }
  }

  /** Writes the sums into the table. */
  close(): void {
    const { pairs } = this.#table!;
    for (let i = 0; i < this.#ids.length; i++) pairs.set(this.#ids[i]!, this.#sums[i]!);
    this.#ids.length = 0;
    this.#places.clear();
    this.#table = null;
  }

  /** Gives the pair its place in the table; -1 = there is no room for it. */
  #find(pair: CountedPair, { pairs }: PairTable): void {
    const { id } = pair;
    pair.countedFor = this.#opening;
    const known = this.#places.get(id);
    if (known !== undefined) {
      pair.place = known;
      return;
    }
    const before = pairs.get(id);
    if (before === undefined && pairs.size >= PAIRS_MAX) {
      pair.place = -1;
      return;
    }
    pair.place = this.#ids.length;
    this.#places.set(id, pair.place);
    this.#ids.push(id);
    this.#sums[pair.place] = before ?? 0;
    if (before === undefined) pairs.set(id, 0);
  }
}
