import { grown } from '../grown.ts';
import type { BucketTable } from './bucket-table.ts';
import { CAP_SLACK, ROWS_PER_CLASS, SIGNATURES_PER_SERIES } from './limits.ts';
import { GROUP, HEAD_WORDS, HIGH, LOW, RECORDS } from './row-head.ts';
import { CLASSES, type Series, seriesOf } from './series.ts';

const GROUPS_FIRST = 4 * CLASSES;

/**
 * Keeps the rows of a bucket within their caps, per group and per severity class. Cut are the largest hashes, so what
 * survives was never out, whatever the order of arrival; what is cut is counted as censored.
 */
export class RowCaps {
  readonly #table: BucketTable;
  readonly #series: readonly Series[];
  readonly #classRows: [number, number, number, number, number] = [0, 0, 0, 0, 0];
  /** Per group: rows now. */
  #groupRows = new Int32Array(GROUPS_FIRST);
  /** Per group that was cut: the hash from which on signatures are censored. */
  readonly #limits = new Map<number, { readonly high: number; readonly low: number }>();

  constructor(table: BucketTable, series: readonly Series[]) {
    this.#table = table;
    this.#series = series;
  }

  /** Call while the series of the bucket that ends are still there. */
  clear(): void {
    this.#classRows.fill(0);
    this.#groupRows.fill(0, 0, this.#series.length * CLASSES);
    this.#limits.clear();
  }

  /** The signature would be cut at once. */
  isCensored(group: number, high: number, low: number): boolean {
    if (this.#limits.size === 0) return false;
    const limit = this.#limits.get(group);
    return limit !== undefined && compareHashes(high, low, limit.high, limit.low) > 0;
  }

  /** A row was added. More than the cap may stand while the bucket is open (CAP_SLACK); `settle` makes it exact. */
  added(group: number): void {
    if (group >= this.#groupRows.length) this.#grow(group);
    const severityClass = group % CLASSES;
    const inGroup = ++this.#groupRows[group]!;
    const inClass = ++this.#classRows[severityClass as 0];
    if (inGroup >= CAP_SLACK * SIGNATURES_PER_SERIES || inClass >= CAP_SLACK * ROWS_PER_CLASS[severityClass]!)
      this.#cutClass(severityClass);
  }

  settle(): void {
    for (let severityClass = 0; severityClass < CLASSES; severityClass++) this.#cutClass(severityClass);
  }

  /** Cuts every group of the class to its smallest hashes when the class, or a group, holds more than its cap. */
  #cutClass(severityClass: number): void {
    const classCap = ROWS_PER_CLASS[severityClass]!;
    const rows = this.#classRows[severityClass]!;
    // No group holds more than all of them together.
    if (rows <= SIGNATURES_PER_SERIES && rows <= classCap) return;
    const sizes: number[] = [];
    let isOver = rows > classCap;
    for (let group = severityClass; group < this.#series.length * CLASSES; group += CLASSES) {
      const size = this.#groupRows[group] ?? 0;
      if (size > 0) sizes.push(Math.min(size, SIGNATURES_PER_SERIES));
      if (size > SIGNATURES_PER_SERIES) isOver = true;
    }
    if (isOver) this.#cutGroups(severityClass, fairShare(sizes, classCap));
  }

  #cutGroups(severityClass: number, cap: number): void {
    const { head, rows: total } = this.#table;
    const keep = new Uint8Array(total).fill(1);
    const rowsOf = new Map<number, number[]>();
    for (let row = 0; row < total; row++) {
      const group = head[row * HEAD_WORDS + GROUP]!;
      if (group % CLASSES !== severityClass || this.#groupRows[group]! <= cap) continue;
      const rows = rowsOf.get(group);
      if (rows === undefined) rowsOf.set(group, [row]);
      else rows.push(row);
    }
    for (const [group, rows] of rowsOf) {
      rows.sort((a, b) => compareSignatures(head, a, b));
      const last = rows[cap - 1]! * HEAD_WORDS;
      this.#limits.set(group, { high: head[last + HIGH]!, low: head[last + LOW]! });
      const series = seriesOf(group, this.#series);
      for (const row of rows.slice(cap)) {
        keep[row] = 0;
        series.censored[severityClass as 0]! += head[row * HEAD_WORDS + RECORDS]!;
      }
      this.#classRows[severityClass as 0] -= rows.length - cap;
      this.#groupRows[group] = cap;
    }
    this.#table.retain(keep);
  }

  #grow(group: number): void {
    const groups = Math.max(group + 1, this.#groupRows.length * 2);
    this.#groupRows = grown(this.#groupRows, new Int32Array(groups));
  }
}

/** Order of rows by the halves of their signature as unsigned numbers. */
export function compareSignatures(head: Int32Array, rowA: number, rowB: number): number {
  const a = rowA * HEAD_WORDS;
  const b = rowB * HEAD_WORDS;
  return compareHashes(head[a + HIGH]!, head[a + LOW]!, head[b + HIGH]!, head[b + LOW]!);
}

function compareHashes(highA: number, lowA: number, highB: number, lowB: number): number {
  return (highA >>> 0) - (highB >>> 0) || (lowA >>> 0) - (lowB >>> 0);
}

/** Largest c such that the sum of min(size, c) stays within `total`, at most SIGNATURES_PER_SERIES, at least 1. */
export function fairShare(sizes: readonly number[], total: number): number {
  const ascending = [...sizes].sort((a, b) => a - b);
  let left = total;
  for (let i = 0; i < ascending.length; i++) {
    const share = Math.floor(left / (ascending.length - i));
    if (ascending[i]! > share) return Math.max(1, Math.min(share, SIGNATURES_PER_SERIES));
    left -= ascending[i]!;
  }
  return SIGNATURES_PER_SERIES;
}
