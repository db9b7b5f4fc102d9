import type { CountedSet, KeptRecord, SeverityCounts, SignatureBucket } from '../../contracts.ts';
import {
  AT,
  FIRST_MS,
  GROUP,
  HEAD_NUMBERS,
  HEAD_WORDS,
  HIGH,
  INDEX,
  INSTANCE,
  INSTANCES,
  INSTANCES_CENSORED,
  KEPT_MS,
  KEPT_NUMBERS,
  KEPT_OFFSET,
  KEPT_SLOTS,
  KEPT_WORDS,
  LAST_MS,
  LENGTH,
  LOW,
  orderKey,
  PARTITION,
  RECORDS,
  SAMPLES,
  SEVERITY,
} from './bucket-table.ts';
import { compareKept } from './compare-kept.ts';
import { INSTANCE_SLOTS } from './limits.ts';
import type { OpenBucket } from './open-bucket.ts';
import type { PartitionClocks } from './partition-clock.ts';
import { CLASSES } from './series.ts';
import { SignatureNames } from './signature-names.ts';

/** Reads the rows of a bucket's table as plain objects. Most rows are small: one instance, few records. */
export class ClosedRows {
  readonly #clocks: PartitionClocks;
  readonly #names = new SignatureNames();
  #bucket: OpenBucket | null = null;
  readonly #nameOfId: (string | undefined)[] = [];
  /** By order key of the hash. */
  readonly #nameOfKey = new Map<number, string>();

  constructor(clocks: PartitionClocks) {
    this.#clocks = clocks;
  }

  /** What follows reads this bucket, and views the bytes of its kept records. */
  open(bucket: OpenBucket): void {
    this.#bucket = bucket;
    this.#names.fit(bucket.table.rows);
    this.#nameOfId.length = 0;
    this.#nameOfKey.clear();
    bucket.instanceNames.settled((id, name, hash) => {
      this.#nameOfId[id] = name;
      const key = orderKey(hash);
      const known = this.#nameOfKey.get(key);
      if (known === undefined || name < known) this.#nameOfKey.set(key, name);
    });
  }

  /** One entry per (signature, version) of `rows[from, to)`: its rows of all severity classes added up. */
  signatures(rows: Int32Array, from: number, to: number): SignatureBucket[] {
    const out: SignatureBucket[] = [];
    for (let start = from; start < to; ) {
      let end = start + 1;
      while (end < to && this.#isSame(rows[start]!, rows[end]!)) end++;
      out.push(end === start + 1 ? this.#single(rows[start]!) : this.#joined(rows, start, end));
      start = end;
    }
    return out;
  }

  #isSame(a: number, b: number): boolean {
    const bucket = this.#bucket!;
    const { head } = bucket.table;
    const atA = a * HEAD_WORDS;
    const atB = b * HEAD_WORDS;
    return (
      head[atA + HIGH] === head[atB + HIGH] &&
      head[atA + LOW] === head[atB + LOW] &&
      bucket.versionOf(head[atA + GROUP]!) === bucket.versionOf(head[atB + GROUP]!)
    );
  }

  #single(row: number): SignatureBucket {
    const bucket = this.#bucket!;
    const { head, numbers } = bucket.table;
    const at = row * HEAD_WORDS;
    const group = head[at + GROUP]!;
    const version = bucket.versionOf(group);
    const records = numbers[row * HEAD_NUMBERS + RECORDS]!;
    const severity: SeverityCounts = [0, 0, 0, 0, 0];
    severity[(group % CLASSES) as 0] = records;
    const exemplar = this.#kept(row * KEPT_SLOTS, version);
    const sample: KeptRecord[] = [];
    this.#addSample(row, version, exemplar, sample);
    return {
      signature: this.#names.of(head[at + HIGH]!, head[at + LOW]!),
      version,
      records,
      severity,
      firstMs: numbers[row * HEAD_NUMBERS + FIRST_MS]!,
      lastMs: numbers[row * HEAD_NUMBERS + LAST_MS]!,
      instances: this.#instances(row),
      exemplar,
      sample,
    };
  }

  #joined(rows: Int32Array, from: number, to: number): SignatureBucket {
    const first = this.#single(rows[from]!);
    const severity: SeverityCounts = [0, 0, 0, 0, 0];
    const instances = new Map<string, number>();
    const sample: KeptRecord[] = [];
    let { exemplar } = first;
    let records = 0;
    let firstMs = Number.POSITIVE_INFINITY;
    let lastMs = Number.NEGATIVE_INFINITY;
    let censored = false;
    for (let i = from; i < to; i++) {
      const one = i === from ? first : this.#single(rows[i]!);
      for (let c = 0; c < CLASSES; c++) severity[c as 0] += one.severity[c]!;
      records += one.records;
      firstMs = Math.min(firstMs, one.firstMs);
      lastMs = Math.max(lastMs, one.lastMs);
      censored ||= one.instances.censored;
      for (const [name, count] of one.instances.members)
        instances.set(name, (instances.get(name) ?? 0) + count);
      if (compareKept(one.exemplar, exemplar) < 0) exemplar = one.exemplar;
      for (const kept of one.sample) sample.push(kept);
    }
    const { signature, version } = first;
    sample.sort(compareKept);
    const set = { members: [...instances].sort(byName), censored };
    return { signature, version, records, severity, firstMs, lastMs, instances: set, exemplar, sample };
  }

  /** Censored: there were more, or some instance is beyond the bucket's names. */
  #instances(row: number): CountedSet {
    const { head, instances } = this.#bucket!.table;
    const size = head[row * HEAD_WORDS + INSTANCES]!;
    const members: [string, number][] = [];
    let censored = head[row * HEAD_WORDS + INSTANCES_CENSORED] === 1;
    for (let i = 0; i < size; i++) {
      const at = (row * INSTANCE_SLOTS + i) * 2;
      const name = this.#nameOfKey.get(instances[at]!);
      if (name === undefined) censored = true;
      else insert(members, [name, instances[at + 1]!], byName);
    }
    return { members, censored };
  }

  #addSample(row: number, version: string, exemplar: KeptRecord, into: KeptRecord[]): void {
    const { head, kept } = this.#bucket!.table;
    const first = row * KEPT_SLOTS;
    const exemplarAt = kept[first * KEPT_WORDS + AT];
    const end = first + head[row * HEAD_WORDS + SAMPLES]!;
    for (let slot = first + 1; slot <= end; slot++) {
      // Bytes that are the exemplar's are the exemplar: no two records share bytes.
      const one = kept[slot * KEPT_WORDS + AT] === exemplarAt ? exemplar : this.#kept(slot, version);
      insert(into, one, compareKept);
    }
  }

  #kept(slot: number, version: string): KeptRecord {
    const { kept, keptNumbers, arena } = this.#bucket!.table;
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

/** Puts an item into a short sorted list; a native sort would cost more than the few that there are. */
function insert<Item>(sorted: Item[], item: Item, compare: (a: Item, b: Item) => number): void {
  let at = sorted.length;
  sorted.push(item);
  while (at > 0 && compare(sorted[at - 1]!, item) > 0) {
    sorted[at] = sorted[at - 1]!;
    at--;
  }
  sorted[at] = item;
}

function byName(a: readonly [string, number], b: readonly [string, number]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}
