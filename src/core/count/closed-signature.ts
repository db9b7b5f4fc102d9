import type { CountedSet, KeptRecord, SeverityClass, SignatureBucket } from '../../contracts.ts';
import { byName } from './by-name.ts';
import { compareKept } from './compare-kept.ts';
import { FIRST_MS, GROUP, HEAD_NUMBERS, HEAD_WORDS, HIGH, LAST_MS, LOW, RECORDS } from './row-head.ts';
import type { RowReader } from './row-reader.ts';
import { CLASSES } from './series.ts';

/**
 * One signature of one service version, read from its rows in the bucket's table: nearly always one, else one for each of
 * its severity classes. Whatever is more than a number is made anew each time it is read, as of most rows nobody does.
 */
export class ClosedSignature implements SignatureBucket {
  readonly #reader: RowReader;
  readonly #from: number;
  readonly #to: number;

  /** Its rows are `reader.rows[from, to)`. */
  constructor(reader: RowReader, from: number, to: number) {
    this.#reader = reader;
    this.#from = from;
    this.#to = to;
  }

  get hashHigh(): number {
    const { head, rows } = this.#reader;
    return head[rows[this.#from]! * HEAD_WORDS + HIGH]!;
  }

  get hashLow(): number {
    const { head, rows } = this.#reader;
    return head[rows[this.#from]! * HEAD_WORDS + LOW]!;
  }

  get version(): string {
    const { bucket, head, rows } = this.#reader;
    return bucket.versionOf(head[rows[this.#from]! * HEAD_WORDS + GROUP]!);
  }

  get records(): number {
    const { head, rows } = this.#reader;
    let records = 0;
    for (let i = this.#from; i < this.#to; i++) records += head[rows[i]! * HEAD_WORDS + RECORDS]!;
    return records;
  }

  get severity(): SeverityClass {
    // Its rows are in order of their classes.
    const { head, rows } = this.#reader;
    return (head[rows[this.#to - 1]! * HEAD_WORDS + GROUP]! % CLASSES) as SeverityClass;
  }

  get firstMs(): number {
    const { numbers, rows } = this.#reader;
    let firstMs = numbers[rows[this.#from]! * HEAD_NUMBERS + FIRST_MS]!;
    for (let i = this.#from + 1; i < this.#to; i++)
      firstMs = Math.min(firstMs, numbers[rows[i]! * HEAD_NUMBERS + FIRST_MS]!);
    return firstMs;
  }

  get lastMs(): number {
    const { numbers, rows } = this.#reader;
    let lastMs = numbers[rows[this.#from]! * HEAD_NUMBERS + LAST_MS]!;
    for (let i = this.#from + 1; i < this.#to; i++)
      lastMs = Math.max(lastMs, numbers[rows[i]! * HEAD_NUMBERS + LAST_MS]!);
    return lastMs;
  }

  get instances(): CountedSet {
    const instances = new Map<string, number>();
    let censored = false;
    for (let i = this.#from; i < this.#to; i++)
      if (this.#reader.addInstances(this.#reader.rows[i]!, instances)) censored = true;
    return { members: [...instances].sort(byName), censored };
  }

  get exemplar(): KeptRecord {
    const { version } = this;
    let exemplar = this.#reader.exemplar(this.#reader.rows[this.#from]!, version);
    for (let i = this.#from + 1; i < this.#to; i++) {
      const other = this.#reader.exemplar(this.#reader.rows[i]!, version);
      if (compareKept(other, exemplar) < 0) exemplar = other;
    }
    return exemplar;
  }

  get sample(): readonly KeptRecord[] {
    const { version } = this;
    const sample: KeptRecord[] = [];
    for (let i = this.#from; i < this.#to; i++)
      this.#reader.addSample(this.#reader.rows[i]!, version, sample);
    return sorted(sample);
  }
}

/** By insertion: samples are few, and a sort of the language's own leaves a kilobyte behind. */
function sorted(kept: KeptRecord[]): KeptRecord[] {
  for (let i = 1; i < kept.length; i++) {
    const one = kept[i]!;
    let at = i;
    for (; at > 0 && compareKept(kept[at - 1]!, one) > 0; at--) kept[at] = kept[at - 1]!;
    kept[at] = one;
  }
  return kept;
}
