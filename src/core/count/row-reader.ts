import type { KeptRecord } from '../../contracts.ts';
import { orderKey } from './bucket-table.ts';
import { INDEX, INSTANCE, KEPT_MS, LENGTH, MESSAGE, SEVERITY } from './kept-header.ts';
import { placeOf } from './kept-records.ts';
import type { OpenBucket } from './open-bucket.ts';
import type { PartitionClocks } from './partition-clock.ts';
import {
  BLOCK,
  EXEMPLAR,
  HEAD_BYTES,
  HEAD_WORDS,
  INSTANCES,
  IS_CENSORED,
  SAMPLE,
  SAMPLES,
} from './row-head.ts';

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
    const { head, bytes, instances } = this.bucket.table;
    const { words } = instances;
    let censored = bytes[row * HEAD_BYTES + IS_CENSORED] === 1;
    const begin = head[row * HEAD_WORDS + BLOCK]!;
    const end = begin + bytes[row * HEAD_BYTES + INSTANCES]! * 2;
    for (let at = begin; at < end; at += 2) {
      const name = this.#nameOfKey.get(words[at]!);
      if (name === undefined) censored = true;
      else into.set(name, (into.get(name) ?? 0) + words[at + 1]!);
    }
    return censored;
  }

  exemplar(row: number, version: string): KeptRecord {
    return this.#kept(this.bucket.table.head[row * HEAD_WORDS + EXEMPLAR]!, version);
  }

  addSample(row: number, version: string, into: KeptRecord[]): void {
    const { head, bytes } = this.bucket.table;
    const first = row * HEAD_WORDS + SAMPLE;
    const end = first + bytes[row * HEAD_BYTES + SAMPLES]!;
    for (let i = first; i < end; i++) into.push(this.#kept(head[i]!, version));
  }

  #kept(at: number, version: string): KeptRecord {
    const { kept, messages } = this.bucket.table;
    const { bytes, halves, words, numbers } = kept.chunkOf(at);
    const number = placeOf(at);
    const word = number * 2;
    const message = words[word + MESSAGE]!;
    const { source, topic, partition } = this.#clocks.at(messages.partitions[message]!).ref;
    return {
      timeMs: numbers[number + KEPT_MS]!,
      severityNumber: bytes[number * 8 + SEVERITY]!,
      position: {
        source,
        topic,
        partition,
        offset: messages.offsets[message]!,
        index: words[word + INDEX]!,
      },
      instance: this.#nameOfId[words[word + INSTANCE]!] ?? '',
      version,
      wire: kept.view(at),
      truncated: halves[number * 4 + LENGTH]! < 0,
    };
  }
}
