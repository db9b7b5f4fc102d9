import type {
  Accounting,
  DropReason,
  LogRecord,
  Resource,
  Scanner,
  SeverityCounts,
} from '../../contracts.ts';
import { severityClassOf } from '../severity.ts';
import { BucketTable } from './bucket-table.ts';
import { InstanceCounts, InstanceNames, instanceHash } from './instances.ts';
import {
  CAP_SLACK,
  ROWS_PER_CLASS,
  SAMPLE_ROWS_FULL,
  SERIES_PER_BUCKET,
  SIGNATURES_PER_SERIES,
} from './limits.ts';
import type { PartitionClock, PartitionClocks } from './partition-clock.ts';
import { type RecordOrigin, Samples } from './samples.ts';

const CLASSES = 5;
/** Resources remembered by identity per bucket before the memory is started anew. */
const RESOURCES_MAX = 8_192;

/** What one bucket counts for one version of one service. */
export interface Series {
  readonly id: number;
  readonly resource: Resource;
  records: number;
  bytes: number;
  readonly severity: SeverityCounts;
  frames: number;
  severityInferred: number;
  timeInferred: number;
  readonly censored: SeverityCounts;
  readonly instances: InstanceCounts;
}

interface ResourceEntry {
  readonly series: Series;
  readonly instance: string;
  readonly instanceHash: number;
  readonly instanceId: number;
  records: number;
}

/**
 * One bucket while it is open. Everything in it is a sum, a minimum or a bottom-k by hash, so the order in which
 * records arrive leaves no trace. Caps cut to the k smallest hashes, which is order-free too: what survives was never out.
 */
export class OpenBucket {
  startMs = 0;
  readonly table = new BucketTable();
  readonly series: Series[] = [];
  readonly instanceNames = new InstanceNames();
  readonly #seriesByKey = new Map<string, Series>();
  readonly #entries = new Map<Resource, ResourceEntry>();
  #lastResource: Resource | null = null;
  #lastEntry: ResourceEntry | null = null;
  readonly #classRows: [number, number, number, number, number] = [0, 0, 0, 0, 0];
  /** Per group: rows now, and the hash from which on signatures are censored. */
  readonly #groupRows: number[] = [];
  readonly #groupLimitHigh: number[] = [];
  readonly #groupLimitLow: number[] = [];
  consumed = 0;
  bytes = 0;
  counted = 0;
  readonly dropped: Record<DropReason, number> = noDrops();
  /** Per partition index: lowest offset booked here, and the partition's maximum before that message. */
  readonly firstBooking = new Map<number, { offset: number; maxBeforeMs: number }>();

  readonly #samples: Samples;
  readonly #origin: RecordOrigin;

  constructor(clocks: PartitionClocks) {
    this.#samples = new Samples(this.table, clocks);
    this.#origin = { clock: clocks.none, offset: 0, timeMs: 0, instanceId: 0 };
  }

  reset(startMs: number): void {
    this.startMs = startMs;
    this.table.clear();
    this.series.length = 0;
    this.instanceNames.clear();
    this.#seriesByKey.clear();
    this.#entries.clear();
    this.#lastResource = null;
    this.#lastEntry = null;
    this.#classRows.fill(0);
    this.#groupRows.length = 0;
    this.#groupLimitHigh.length = 0;
    this.#groupLimitLow.length = 0;
    this.consumed = 0;
    this.bytes = 0;
    this.counted = 0;
    Object.assign(this.dropped, noDrops());
    this.firstBooking.clear();
  }

  /** Notes that something of this message is booked here, so that a restart re-reads it while the bucket is open. */
  booked(clock: PartitionClock, offset: number): void {
    const first = this.firstBooking.get(clock.index);
    if (first !== undefined && first.offset <= offset) return;
    this.firstBooking.set(clock.index, { offset, maxBeforeMs: clock.maxBeforeMs });
  }

  drop(reason: DropReason, units: number, bytes: number): void {
    this.consumed += units;
    this.bytes += bytes;
    this.dropped[reason] += units;
  }

  /** Counts one record under the signature that the scanner holds. */
  add(record: LogRecord, scanner: Scanner, timeMs: number, clock: PartitionClock, offset: number): void {
    const bytes = sizeOf(record);
    const origin = this.#origin;
    origin.clock = clock;
    origin.offset = offset;
    origin.timeMs = timeMs;
    const entry = record.resource === this.#lastResource ? this.#lastEntry : this.#entryOf(record.resource);
    if (entry === null) {
      this.drop('overflow', 1, bytes);
      return;
    }
    this.consumed++;
    this.counted++;
    this.bytes += bytes;
    entry.records++;
    const series = entry.series;
    const severityClass = severityClassOf(record.severityNumber);
    series.records++;
    series.bytes += bytes;
    series.severity[severityClass]++;
    if (record.severityInferred) series.severityInferred++;
    if (record.timeFrom !== 'record') series.timeInferred++;
    if (scanner.kind !== 'line') {
      series.frames++;
      return;
    }
    const group = series.id * CLASSES + severityClass;
    const high = scanner.hashHigh;
    const low = scanner.hashLow;
    const table = this.table;
    let row = table.find(group, high, low);
    if (row < 0) {
      if (this.#isCensored(group, high, low)) {
        series.censored[severityClass]++;
        return;
      }
      row = table.insert(group, high, low);
      this.#groupRows[group] = (this.#groupRows[group] ?? 0) + 1;
      this.#classRows[severityClass]++;
      this.#count(row, entry, record, timeMs);
      this.#enforceCaps(group, severityClass);
      return;
    }
    this.#count(row, entry, record, timeMs);
  }

  accounting(): Accounting {
    return {
      consumed: this.consumed,
      bytes: this.bytes,
      counted: this.counted,
      dropped: { ...this.dropped },
    };
  }

  /** Makes the caps exact and adds up instances; call once, before reading a closed bucket. */
  settle(): void {
    this.#flushInstances();
    for (let severityClass = 0; severityClass < CLASSES; severityClass++) this.#cutClass(severityClass);
    if (this.table.rows > SAMPLE_ROWS_FULL) this.#samples.keepOne();
  }

  #count(row: number, entry: ResourceEntry, record: LogRecord, timeMs: number): void {
    const table = this.table;
    table.records[row]!++;
    if (!(timeMs >= table.firstMs[row]!)) table.firstMs[row] = timeMs;
    if (!(timeMs <= table.lastMs[row]!)) table.lastMs[row] = timeMs;
    table.countInstance(row, entry.instanceHash);
    this.#origin.instanceId = entry.instanceId;
    this.#samples.offer(row, record, this.#origin);
  }

  /** Null: no room for one more service version in this bucket. */
  #entryOf(resource: Resource): ResourceEntry | null {
    let entry = this.#entries.get(resource);
    if (entry === undefined) {
      const series = this.#seriesOf(resource);
      if (series === null) return null;
      if (this.#entries.size >= RESOURCES_MAX) {
        this.#flushInstances();
      }
      entry = {
        series,
        instance: resource.instance,
        instanceHash: instanceHash(resource.instance),
        instanceId: this.instanceNames.idOf(resource.instance),
        records: 0,
      };
      this.#entries.set(resource, entry);
    }
    this.#lastResource = resource;
    this.#lastEntry = entry;
    return entry;
  }

  /** Adds what was counted per resource to the instances of each series. */
  #flushInstances(): void {
    for (const { series, instance, records } of this.#entries.values())
      series.instances.add(instance, records);
    this.#entries.clear();
    this.#lastResource = null;
    this.#lastEntry = null;
  }

  #seriesOf(resource: Resource): Series | null {
    const key = `${resource.service.key}\u001e${resource.version}`;
    let series = this.#seriesByKey.get(key);
    if (series === undefined) {
      if (this.series.length >= SERIES_PER_BUCKET) return null;
      series = {
        id: this.series.length,
        resource,
        records: 0,
        bytes: 0,
        severity: [0, 0, 0, 0, 0],
        frames: 0,
        severityInferred: 0,
        timeInferred: 0,
        censored: [0, 0, 0, 0, 0],
        instances: new InstanceCounts(),
      };
      this.series.push(series);
      this.#seriesByKey.set(key, series);
    }
    return series;
  }

  #isCensored(group: number, high: number, low: number): boolean {
    const limit = this.#groupLimitHigh[group];
    if (limit === undefined) return false;
    return high !== limit ? high > limit : low > this.#groupLimitLow[group]!;
  }

  /** More than the cap may stand while the bucket is open (CAP_SLACK); `settle` makes it exact. */
  #enforceCaps(group: number, severityClass: number): void {
    const tooMany = this.#groupRows[group]! >= CAP_SLACK * SIGNATURES_PER_SERIES;
    if (tooMany || this.#classRows[severityClass]! >= CAP_SLACK * ROWS_PER_CLASS[severityClass]!)
      this.#cutClass(severityClass);
  }

  /** Cuts every group of the class to its smallest hashes when the class, or a group, holds more than its cap. */
  #cutClass(severityClass: number): void {
    const classCap = ROWS_PER_CLASS[severityClass]!;
    const sizes: number[] = [];
    for (let group = severityClass; group < this.#groupRows.length; group += CLASSES) {
      const size = this.#groupRows[group];
      if (size !== undefined && size > 0) sizes.push(Math.min(size, SIGNATURES_PER_SERIES));
    }
    const cap = fairShare(sizes, classCap);
    const over = sizes.some((size) => size > cap) || this.#classRows[severityClass]! > classCap;
    let cut = over;
    for (let group = severityClass; group < this.#groupRows.length && !cut; group += CLASSES) {
      cut = (this.#groupRows[group] ?? 0) > SIGNATURES_PER_SERIES;
    }
    if (cut) this.#cutGroups(severityClass, cap);
  }

  #cutGroups(severityClass: number, cap: number): void {
    const table = this.table;
    const keep = new Uint8Array(table.rows).fill(1);
    const rowsOf = new Map<number, number[]>();
    for (let row = 0; row < table.rows; row++) {
      const group = table.group[row]!;
      if (group % CLASSES !== severityClass || this.#groupRows[group]! <= cap) continue;
      const rows = rowsOf.get(group);
      if (rows === undefined) rowsOf.set(group, [row]);
      else rows.push(row);
    }
    for (const [group, rows] of rowsOf) {
      rows.sort((a, b) => table.high[a]! - table.high[b]! || table.low[a]! - table.low[b]!);
      const last = rows[cap - 1]!;
      this.#groupLimitHigh[group] = table.high[last]!;
      this.#groupLimitLow[group] = table.low[last]!;
      const series = this.series[Math.floor(group / CLASSES)]!;
      for (const row of rows.slice(cap)) {
        keep[row] = 0;
        series.censored[severityClass as 0]! += table.records[row]!;
      }
      this.#classRows[severityClass as 0] -= rows.length - cap;
      this.#groupRows[group] = cap;
    }
    table.retain(keep);
  }
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

/** Zero for every reason. */
export function noDrops(): Record<DropReason, number> {
  return { late: 0, malformed: 0, time_out_of_range: 0, no_time: 0, too_large: 0, overflow: 0 };
}

/** Bytes of a record as it came: its wire form, or its line. */
export function sizeOf(record: LogRecord): number {
  return record.wireEnd > record.wireStart
    ? record.wireEnd - record.wireStart
    : record.bodyEnd - record.bodyStart;
}
