import type {
  ClosedBucket,
  KeptRecord,
  ServiceBucket,
  SeverityCounts,
  SignatureBucket,
} from '../../contracts.ts';
import { hex32 } from '../hash.ts';
import { KEPT_SLOTS } from './bucket-table.ts';
import { instanceHash } from './instances.ts';
import { BUCKET_STEP_MS, INSTANCE_SLOTS, LATENESS_MS } from './limits.ts';
import type { OpenBucket, Series } from './open-bucket.ts';
import type { PartitionClocks } from './partition-clock.ts';

const CLASSES = 5;

/** Turns an open bucket into the plain, canonically sorted form that stage 2 reads. The result owns its bytes. */
export function closeBucket(bucket: OpenBucket, clocks: PartitionClocks): ClosedBucket {
  bucket.settle();
  const rows = rowsByService(bucket);
  const reader = new RowReader(bucket, clocks);
  const services: ServiceBucket[] = [];
  for (const [, series] of seriesByService(bucket)) {
    services.push(closeService(series, rows.get(series[0]!.resource.service.key) ?? [], reader));
  }
  services.sort((a, b) => compare(a.service.key, b.service.key));
  return {
    startMs: bucket.startMs,
    stepMs: BUCKET_STEP_MS,
    watermarkMs: bucket.startMs + BUCKET_STEP_MS + LATENESS_MS,
    accounting: bucket.accounting(),
    services,
  };
}

function closeService(series: Series[], rows: number[], reader: RowReader): ServiceBucket {
  const severity: SeverityCounts = [0, 0, 0, 0, 0];
  const censored: SeverityCounts = [0, 0, 0, 0, 0];
  const versions: [string, number][] = [];
  const instances = new Map<string, number>();
  let instancesCensored = false;
  const sum = { records: 0, bytes: 0, frames: 0, severityInferred: 0, timeInferred: 0 };
  for (const one of series) {
    sum.records += one.records;
    sum.bytes += one.bytes;
    sum.frames += one.frames;
    sum.severityInferred += one.severityInferred;
    sum.timeInferred += one.timeInferred;
    for (let i = 0; i < CLASSES; i++) {
      severity[i as 0] += one.severity[i]!;
      censored[i as 0] += one.censored[i]!;
    }
    versions.push([one.resource.version, one.records]);
    const { members, censored: isCensored } = one.instances.settled();
    instancesCensored ||= isCensored;
    for (const [name, records] of members) instances.set(name, (instances.get(name) ?? 0) + records);
  }
  versions.sort((a, b) => compare(a[0], b[0]));
  return {
    service: series[0]!.resource.service,
    ...sum,
    severity,
    versions,
    instances: { members: sortedMembers(instances), censored: instancesCensored },
    censored,
    signatures: reader.signatures(rows),
  };
}

/** Reads rows of the table; `rows` given to it belong to one service. */
class RowReader {
  readonly #bucket: OpenBucket;
  readonly #clocks: PartitionClocks;
  readonly #bytes: Uint8Array;
  readonly #nameOfId: ReadonlyMap<number, string>;
  readonly #nameOfHash = new Map<number, string>();

  constructor(bucket: OpenBucket, clocks: PartitionClocks) {
    this.#bucket = bucket;
    this.#clocks = clocks;
    this.#bytes = bucket.table.arena.bytes.slice(0, bucket.table.arena.used);
    this.#nameOfId = bucket.instanceNames.settled();
    for (const name of this.#nameOfId.values()) {
      const hash = instanceHash(name);
      const known = this.#nameOfHash.get(hash);
      if (known === undefined || name < known) this.#nameOfHash.set(hash, name);
    }
  }

  /** One entry per (signature, version): its rows of all severity classes added up. */
  signatures(rows: number[]): SignatureBucket[] {
    const { table } = this.#bucket;
    rows.sort(
      (a, b) =>
        table.high[a]! - table.high[b]! ||
        table.low[a]! - table.low[b]! ||
        compare(this.#version(a), this.#version(b)) ||
        (table.group[a]! % CLASSES) - (table.group[b]! % CLASSES),
    );
    const out: SignatureBucket[] = [];
    for (let from = 0; from < rows.length; ) {
      let to = from + 1;
      while (to < rows.length && this.#isSame(rows[from]!, rows[to]!)) to++;
      out.push(this.#signature(rows.slice(from, to)));
      from = to;
    }
    return out;
  }

  #isSame(a: number, b: number): boolean {
    const { table } = this.#bucket;
    return (
      table.high[a] === table.high[b] &&
      table.low[a] === table.low[b] &&
      this.#version(a) === this.#version(b)
    );
  }

  #version(row: number): string {
    const { table, series } = this.#bucket;
    return series[Math.floor(table.group[row]! / CLASSES)]!.resource.version;
  }

  #signature(rows: number[]): SignatureBucket {
    const { table } = this.#bucket;
    const severity: SeverityCounts = [0, 0, 0, 0, 0];
    const instances = new Map<string, number>();
    const sample: KeptRecord[] = [];
    let records = 0;
    let firstMs = Number.POSITIVE_INFINITY;
    let lastMs = Number.NEGATIVE_INFINITY;
    let censored = false;
    let exemplar: KeptRecord | null = null;
    for (const row of rows) {
      severity[(table.group[row]! % CLASSES) as 0] += table.records[row]!;
      records += table.records[row]!;
      firstMs = Math.min(firstMs, table.firstMs[row]!);
      lastMs = Math.max(lastMs, table.lastMs[row]!);
      censored ||= table.instancesCensored[row] === 1;
      if (!this.#addInstances(row, instances)) censored = true;
      const kept = this.#kept(row * KEPT_SLOTS, row);
      if (exemplar === null || compareKept(kept, exemplar) < 0) exemplar = kept;
      for (let i = 1; i <= table.samples[row]!; i++) sample.push(this.#kept(row * KEPT_SLOTS + i, row));
    }
    const first = rows[0]!;
    return {
      signature: hex32(table.high[first]!) + hex32(table.low[first]!),
      version: this.#version(first),
      records,
      severity,
      firstMs,
      lastMs,
      instances: { members: sortedMembers(instances), censored },
      exemplar: exemplar!,
      sample: sample.sort(compareKept),
    };
  }

  /** False: some instance is beyond the bucket's names. */
  #addInstances(row: number, into: Map<string, number>): boolean {
    const { table } = this.#bucket;
    let isComplete = true;
    for (let i = row * INSTANCE_SLOTS; i < row * INSTANCE_SLOTS + table.instances[row]!; i++) {
      const name = this.#nameOfHash.get(table.instanceHash[i]!);
      if (name === undefined) isComplete = false;
      else into.set(name, (into.get(name) ?? 0) + table.instanceRecords[i]!);
    }
    return isComplete;
  }

  #kept(slot: number, row: number): KeptRecord {
    const { table } = this.#bucket;
    const { ref } = this.#clocks.at(table.keptPartition[slot]!);
    const length = Math.abs(table.keptLength[slot]!);
    const at = table.keptAt[slot]!;
    return {
      timeMs: table.keptMs[slot]!,
      severityNumber: table.keptSeverity[slot]!,
      position: { ...ref, offset: table.keptOffset[slot]!, index: table.keptIndex[slot]! },
      instance: this.#nameOfId.get(table.keptInstance[slot]!) ?? '',
      version: this.#version(row),
      wire: this.#bytes.subarray(at, at + length),
      truncated: table.keptLength[slot]! < 0,
    };
  }
}

function rowsByService(bucket: OpenBucket): Map<string, number[]> {
  const rows = new Map<string, number[]>();
  const { table } = bucket;
  for (let row = 0; row < table.rows; row++) {
    const key = bucket.series[Math.floor(table.group[row]! / CLASSES)]!.resource.service.key;
    const list = rows.get(key);
    if (list === undefined) rows.set(key, [row]);
    else list.push(row);
  }
  return rows;
}

function seriesByService(bucket: OpenBucket): Map<string, Series[]> {
  const services = new Map<string, Series[]>();
  for (const series of bucket.series) {
    const list = services.get(series.resource.service.key);
    if (list === undefined) services.set(series.resource.service.key, [series]);
    else list.push(series);
  }
  return services;
}

function sortedMembers(counts: Map<string, number>): (readonly [string, number])[] {
  return [...counts].sort((a, b) => compare(a[0], b[0]));
}

/** Order by (time, position). */
export function compareKept(a: KeptRecord, b: KeptRecord): number {
  return (
    a.timeMs - b.timeMs ||
    compare(a.position.source, b.position.source) ||
    compare(a.position.topic, b.position.topic) ||
    a.position.partition - b.position.partition ||
    a.position.offset - b.position.offset ||
    a.position.index - b.position.index
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
