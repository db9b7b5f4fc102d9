import { KeySorter, placeOf, sortKey } from '../sort-keys.ts';
import type { OpenBucket } from './open-bucket.ts';
import { compareSignatures } from './row-caps.ts';
import { GROUP, HEAD_WORDS, HIGH } from './row-head.ts';
import { CLASSES } from './series.ts';

/** Scratch memory has room for so many times the rows that it is needed for: buckets are about as large as each other. */
const ROOM = 1.25;

/**
 * Puts the rows of a bucket in canonical order: by service, signature, version, severity class. They are sorted
 * by the high half of their signature; `ROWS_PER_CLASS` leaves far fewer rows than a sort key has places.
 */
export class RowOrder {
  /** Rows by service; service `i` of the bucket has `rows[starts[i], starts[i + 1])`. Valid until the next `sort`. */
  rows = new Int32Array(256);
  starts = new Int32Array(64);
  #keys = new Float64Array(256);
  readonly #sorter = new KeySorter();

  /** `serviceOf` gives each series its service's number, of `services` in all. */
  sort(bucket: OpenBucket, serviceOf: Int32Array, services: number): void {
    const { table } = bucket;
    this.#reserve(table.rows, services);
    const { rows, starts } = this;
    const { head } = table;
    const keys = this.#keys;
    starts.fill(0, 0, services + 2);
    // Counting sort by service; `starts` is one ahead until all rows are placed.
    for (let row = 0; row < table.rows; row++) starts[serviceIn(head, row, serviceOf) + 2]!++;
    for (let i = 2; i <= services; i++) starts[i]! += starts[i - 1]!;
    for (let row = 0; row < table.rows; row++) {
      const place = starts[serviceIn(head, row, serviceOf) + 1]!++;
      keys[place] = sortKey(head[row * HEAD_WORDS + HIGH]! >>> 0, row);
    }
    for (let i = 0; i < services; i++) this.#sorter.sort(keys, starts[i]!, starts[i + 1]!);
    for (let i = 0; i < table.rows; i++) rows[i] = placeOf(keys[i]!);
    for (let i = 0; i < services; i++) this.#sortTies(bucket, starts[i]!, starts[i + 1]!);
  }

  /** Neighbours with one high half are in order of their rows so far. */
  #sortTies(bucket: OpenBucket, from: number, to: number): void {
    const { rows } = this;
    const { head } = bucket.table;
    for (let i = from + 1; i < to; i++) {
      const row = rows[i]!;
      let at = i;
      while (
        at > from &&
        head[rows[at - 1]! * HEAD_WORDS + HIGH] === head[row * HEAD_WORDS + HIGH] &&
        compareRows(bucket, rows[at - 1]!, row) > 0
      ) {
        rows[at] = rows[at - 1]!;
        at--;
      }
      rows[at] = row;
    }
  }

  #reserve(rows: number, services: number): void {
    if (rows > this.rows.length) {
      this.rows = new Int32Array(Math.ceil(rows * ROOM));
      this.#keys = new Float64Array(Math.ceil(rows * ROOM));
    }
    if (services + 2 > this.starts.length) this.starts = new Int32Array((services + 2) * 2);
  }
}

function serviceIn(head: Int32Array, row: number, serviceOf: Int32Array): number {
  return serviceOf[Math.floor(head[row * HEAD_WORDS + GROUP]! / CLASSES)]!;
}

function compareRows(bucket: OpenBucket, a: number, b: number): number {
  const { head } = bucket.table;
  const bySignature = compareSignatures(head, a, b);
  if (bySignature !== 0) return bySignature;
  const groupA = head[a * HEAD_WORDS + GROUP]!;
  const groupB = head[b * HEAD_WORDS + GROUP]!;
  const versionA = bucket.versionOf(groupA);
  const versionB = bucket.versionOf(groupB);
  if (versionA !== versionB) return versionA < versionB ? -1 : 1;
  return (groupA % CLASSES) - (groupB % CLASSES);
}
