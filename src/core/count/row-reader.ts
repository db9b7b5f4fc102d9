import type { KeptRecord } from '../../contracts.ts';
import {
  BLOCK,
  EXEMPLAR,
  HEAD_WORDS,
  INSTANCES,
  INSTANCES_CENSORED,
  orderKey,
  SAMPLE,
} from './bucket-table.ts';
import {
  AT,
  INDEX,
  INSTANCE,
  KEPT_MS,
  KEPT_NUMBERS,
  KEPT_OFFSET,
  KEPT_WORDS,
  LENGTH,
  NEXT,
  NONE,
  PARTITION,
  SEVERITY,
} from './kept-slots.ts';
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
    const { words } = instances;
    const size = head[row * HEAD_WORDS + INSTANCES]!;
    let censored = size >= INSTANCES_CENSORED;
    const begin = head[row * HEAD_WORDS + BLOCK]!;
    const end = begin + (size % INSTANCES_CENSORED) * 2;
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
    const { head, kept } = this.bucket.table;
    let slot = head[row * HEAD_WORDS + SAMPLE]!;
    for (; slot !== NONE; slot = kept.words[slot * KEPT_WORDS + NEXT]!) into.push(this.#kept(slot, version));
  }

  #kept(slot: number, version: string): KeptRecord {
    const { kept, arena } = this.bucket.table;
    const { words, numbers } = kept;
    const word = slot * KEPT_WORDS;
    const number = slot * KEPT_NUMBERS;
    const { source, topic, partition } = this.#clocks.at(words[word + PARTITION]!).ref;
    const length = words[word + LENGTH]!;
    return {
      timeMs: numbers[number + KEPT_MS]!,
      severityNumber: words[word + SEVERITY]!,
      position: {
        source,
        topic,
        partition,
        offset: numbers[number + KEPT_OFFSET]!,
        index: words[word + INDEX]!,
      },
      instance: this.#nameOfId[words[word + INSTANCE]!] ?? '',
      version,
      wire: arena.view(words[word + AT]!, Math.abs(length)),
      truncated: length < 0,
    };
  }
}
