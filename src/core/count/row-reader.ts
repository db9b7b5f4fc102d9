import type { KeptRecord } from '../../contracts.ts';
import {
  AT,
  HEAD_WORDS,
  INDEX,
  INSTANCE,
  INSTANCES,
  INSTANCES_CENSORED,
  KEPT_MS,
  KEPT_NUMBERS,
  KEPT_OFFSET,
  KEPT_SLOTS,
  KEPT_WORDS,
  LENGTH,
  orderKey,
  PARTITION,
  SAMPLES,
  SEVERITY,
} from './bucket-table.ts';
import { INSTANCE_SLOTS } from './limits.ts';
import type { OpenBucket } from './open-bucket.ts';
import type { PartitionClocks } from './partition-clock.ts';

const NO_ROWS = new Int32Array(0);
const NO_NUMBERS = new Float64Array(0);

/** The bucket that is being handed over, and what is read of its rows. Between two buckets there is nothing to read. */
export class RowReader {
  /** Rows in canonical order. */
  rows: Int32Array = NO_ROWS;
  head: Int32Array = NO_ROWS;
  numbers: Float64Array = NO_NUMBERS;
  readonly #clocks: PartitionClocks;
  #bucket: OpenBucket | null = null;
  readonly #nameOfId: (string | undefined)[] = [];
  /** By order key of the hash. */
  readonly #nameOfKey = new Map<number, string>();

  constructor(clocks: PartitionClocks) {
    this.#clocks = clocks;
  }

  /** What follows reads this bucket, and views the bytes of its kept records. */
  open(bucket: OpenBucket, rows: Int32Array): void {
    this.#bucket = bucket;
    this.rows = rows;
    this.head = bucket.table.head;
    this.numbers = bucket.table.numbers;
    bucket.instanceNames.settled((id, name, hash) => {
      this.#nameOfId[id] = name;
      const key = orderKey(hash);
      const known = this.#nameOfKey.get(key);
      if (known === undefined || name < known) this.#nameOfKey.set(key, name);
    });
  }

  /** Nothing can be read any more: the bucket's memory is counted in again. */
  close(): void {
    this.#bucket = null;
    this.rows = this.head = NO_ROWS;
    this.numbers = NO_NUMBERS;
    this.#nameOfId.length = 0;
    this.#nameOfKey.clear();
  }

  get bucket(): OpenBucket {
    if (this.#bucket === null) throw new Error('a closed bucket was read after it had been handed over');
    return this.#bucket;
  }

  /** Adds a row's instances; true = censored: there were more, or some instance is beyond the bucket's names. */
  addInstances(row: number, into: Map<string, number>): boolean {
    const { head, instances } = this.bucket.table;
    const size = head[row * HEAD_WORDS + INSTANCES]!;
    let censored = head[row * HEAD_WORDS + INSTANCES_CENSORED] === 1;
    for (let i = 0; i < size; i++) {
      const at = (row * INSTANCE_SLOTS + i) * 2;
      const name = this.#nameOfKey.get(instances[at]!);
      if (name === undefined) censored = true;
      else into.set(name, (into.get(name) ?? 0) + instances[at + 1]!);
    }
    return censored;
  }

  exemplar(row: number, version: string): KeptRecord {
    return this.#kept(row * KEPT_SLOTS, version);
  }

  addSample(row: number, version: string, into: KeptRecord[]): void {
    const first = row * KEPT_SLOTS + 1;
    const samples = this.bucket.table.head[row * HEAD_WORDS + SAMPLES]!;
    for (let slot = first; slot < first + samples; slot++) into.push(this.#kept(slot, version));
  }

  #kept(slot: number, version: string): KeptRecord {
    const { kept, keptNumbers, arena } = this.bucket.table;
    const word = slot * KEPT_WORDS;
    const number = slot * KEPT_NUMBERS;
    const { source, topic, partition } = this.#clocks.at(kept[word + PARTITION]!).ref;
    const length = kept[word + LENGTH]!;
    return {
      timeMs: keptNumbers[number + KEPT_MS]!,
      severityNumber: kept[word + SEVERITY]!,
      position: {
        source,
        topic,
        partition,
        offset: keptNumbers[number + KEPT_OFFSET]!,
        index: kept[word + INDEX]!,
      },
      instance: this.#nameOfId[kept[word + INSTANCE]!] ?? '',
      version,
      wire: arena.view(kept[word + AT]!, Math.abs(length)),
      truncated: length < 0,
    };
  }
}
