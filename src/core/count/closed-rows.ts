import type { SignatureBucket } from '../../contracts.ts';
import { ClosedSignature } from './closed-signature.ts';
import type { OpenBucket } from './open-bucket.ts';
import type { PartitionClocks } from './partition-clock.ts';
import { GROUP, HEAD_WORDS, HIGH, LOW } from './row-head.ts';
import { RowReader } from './row-reader.ts';

/** Gives the rows of one bucket at a time as what stage 2 reads. Nothing is kept of what was given out. */
export class ClosedRows {
  readonly #reader: RowReader;

  constructor(clocks: PartitionClocks) {
    this.#reader = new RowReader(clocks);
  }

  /** What follows reads this bucket, whose rows in canonical order are `rows`. */
  open(bucket: OpenBucket, rows: Int32Array): void {
    this.#reader.open(bucket, rows);
  }

  /** What was given out can no longer be read. */
  close(): void {
    this.#reader.close();
  }

  /** One entry per (signature, version) of `rows[from, to)`: its rows of all severity classes. */
  signatures(from: number, to: number): SignatureBucket[] {
    const out: SignatureBucket[] = [];
    for (let start = from; start < to; ) {
      let end = start + 1;
      while (end < to && this.#isSame(start, end)) end++;
      out.push(new ClosedSignature(this.#reader, start, end));
      start = end;
    }
    return out;
  }

  #isSame(a: number, b: number): boolean {
    const { bucket, head, rows } = this.#reader;
    const atA = rows[a]! * HEAD_WORDS;
    const atB = rows[b]! * HEAD_WORDS;
    return (
      head[atA + HIGH] === head[atB + HIGH] &&
      head[atA + LOW] === head[atB + LOW] &&
      bucket.versionOf(head[atA + GROUP]!) === bucket.versionOf(head[atB + GROUP]!)
    );
  }
}
