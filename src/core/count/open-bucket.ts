import type { Accounting, DropReason, LogRecord, Resource, Scanner, SeverityClass } from '../../contracts.ts';
import { severityClassOf } from '../severity.ts';
import { BucketTable, orderKey } from './bucket-table.ts';
import { InstanceCounts, InstanceNames } from './instances.ts';
import { ChunkPool } from './kept-records.ts';
import * as limits from './limits.ts';
import type { PartitionClock, PartitionClocks } from './partition-clock.ts';
import { ResourceIdentities } from './resource-identities.ts';
import { RowCaps } from './row-caps.ts';
import * as layout from './row-head.ts';
import { type RecordOrigin, Samples } from './samples.ts';
import * as bySeverity from './series.ts';
import { type Series, seriesOf } from './series.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { ROW_RECORDS_MAX, SAMPLE_ROWS_FULL, SERIES_PER_BUCKET } = limits;
const { FIRST_MS, HEAD_NUMBERS, HEAD_WORDS, LAST_MS, RECORDS } = layout;
const { CLASSES } = bySeverity;

/** Resources remembered by identity per bucket before the memory is started anew. */
const RESOURCES_MAX = 8_192;

interface ResourceEntry {
  readonly series: Series;
  readonly instance: string;
  readonly instanceHash: number;
  /** `instanceHash` as the table sorts it. */
  readonly instanceKey: number;
  readonly instanceId: number;
  records: number;
}

/** What buckets that are open side by side have in common. */
export interface SharedByBuckets {
  readonly identities: ResourceIdentities;
  readonly chunks: ChunkPool;
}

export function newShared(): SharedByBuckets {
  return { identities: new ResourceIdentities(), chunks: new ChunkPool() };
}

/**
 * One bucket while it is open. Everything in it is a sum, a minimum or a bottom-k by hash, so the order in which
 * records arrive leaves no trace. Caps cut to the k smallest hashes, which is order-free too: what survives was never out.
 */
export class OpenBucket {
  startMs = 0;
  /** Time of the record in hand. A field, because a double as an argument would be allocated. */
  timeMs = Number.NaN;
  /** Number of the message in hand, as far as this bucket knows. */
  message = -1;
  readonly table: BucketTable;
  readonly series: Series[] = [];
  readonly instanceNames = new InstanceNames();
  readonly #identities: ResourceIdentities;
  readonly #seriesByKey = new Map<string, Series>();
  readonly #entries = new Map<Resource, ResourceEntry>();
  #lastResource: Resource | null = null;
  #lastEntry: ResourceEntry | null = null;
  readonly #caps: RowCaps;
  #droppedUnits = 0;
  #droppedBytes = 0;
  readonly #dropped: Record<DropReason, number> = noDrops();
  /** Per partition index: lowest offset booked here, and the partition's maximum before that message. */
  readonly firstBooking = new Map<number, { offset: number; maxBeforeMs: number }>();

  readonly #samples: Samples;
  readonly #origin: RecordOrigin;

  constructor(clocks: PartitionClocks, shared: SharedByBuckets = newShared()) {
    this.#identities = shared.identities;
    this.table = new BucketTable(shared.chunks);
    this.#origin = { clock: clocks.none, offset: 0, timeMs: Number.NaN };
    this.#samples = new Samples(this.table, clocks, this.#origin);
    this.#caps = new RowCaps(this.table, this.series);
  }

  /** Begins anew, with the same start; what was read of the closed bucket's bytes is no longer valid. */
  clear(): void {
    this.message = -1;
    this.table.clear();
    this.#caps.clear();
    this.series.length = 0;
    this.instanceNames.clear();
    this.#seriesByKey.clear();
    this.#entries.clear();
    this.#lastResource = null;
    this.#lastEntry = null;
    this.#droppedUnits = 0;
    this.#droppedBytes = 0;
    Object.assign(this.#dropped, noDrops());
    this.firstBooking.clear();
  }

  /** What follows is of this message; that something of it is booked here makes a restart re-read it while the bucket is open. */
  beginMessage(message: number, clock: PartitionClock, offset: number): void {
    this.message = message;
    this.#origin.clock = clock;
    this.#origin.offset = offset;
    this.table.messages.begin();
    const first = this.firstBooking.get(clock.index);
    if (first !== undefined && first.offset <= offset) return;
    this.firstBooking.set(clock.index, { offset, maxBeforeMs: clock.maxBeforeMs });
  }

  drop(reason: DropReason, units: number, bytes: number): void {
    this.#droppedUnits += units;
    this.#droppedBytes += bytes;
    this.#dropped[reason] += units;
  }

  /** Counts one record, whose time is the field `timeMs`, under the signature that the scanner holds. */
  add(record: LogRecord, scanner: Scanner): void {
    const { timeMs } = this;
    const entry = record.resource === this.#lastResource ? this.#lastEntry : this.#entryOf(record.resource);
    if (entry === null) {
      this.drop('overflow', 1, sizeOf(record));
      return;
    }
    this.#origin.timeMs = timeMs;
    entry.records++;
    const series = entry.series;
    const severityClass = severityClassOf(record.severityNumber);
    series.records++;
    series.bytes += sizeOf(record);
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
    const row = table.find(group, high, low);
    if (row < 0) {
      this.#addFirst(record, entry, severityClass, high, low);
      return;
    }
    if (table.head[row * HEAD_WORDS + RECORDS] === ROW_RECORDS_MAX) {
      series.censored[severityClass]++;
      return;
    }
    this.#samples.offer(row, record, entry.instanceId);
    const at = row * HEAD_NUMBERS;
    const { head, numbers } = table;
    head[row * HEAD_WORDS + RECORDS]!++;
    if (timeMs < numbers[at + FIRST_MS]!) numbers[at + FIRST_MS] = timeMs;
    if (timeMs > numbers[at + LAST_MS]!) numbers[at + LAST_MS] = timeMs;
    table.countInstance(row, entry.instanceKey);
  }

  /** Version of the series that a row's group belongs to. */
  versionOf(group: number): string {
    return seriesOf(group, this.series).resource.version;
  }

  accounting(): Accounting {
    let counted = 0;
    let bytes = this.#droppedBytes;
    for (const series of this.series) {
      counted += series.records;
      bytes += series.bytes;
    }
    return { consumed: counted + this.#droppedUnits, bytes, counted, dropped: { ...this.#dropped } };
  }

  /** Makes the caps exact and adds up instances; call once, before reading a closed bucket. */
  settle(): void {
    this.#flushInstances();
    this.#caps.settle();
    if (this.table.rows > SAMPLE_ROWS_FULL) this.#samples.keepOne();
  }

  /** The first record of a signature in its group. */
  #addFirst(
    record: LogRecord,
    entry: ResourceEntry,
    severityClass: SeverityClass,
    high: number,
    low: number,
  ): void {
    const { series } = entry;
    const group = series.id * CLASSES + severityClass;
    if (this.#caps.isCensored(group, high, low)) {
      series.censored[severityClass]++;
      return;
    }
    const table = this.table;
    const row = table.insert(group, high, low, entry.instanceKey);
    const at = row * HEAD_NUMBERS;
    const { timeMs } = this.#origin;
    table.head[row * HEAD_WORDS + RECORDS] = 1;
    table.numbers[at + FIRST_MS] = timeMs;
    table.numbers[at + LAST_MS] = timeMs;
    this.#samples.begin(row, record, entry.instanceId);
    // Last, because it may drop this very row.
    this.#caps.added(group);
  }

  /** Null: no room for one more service version in this bucket. */
  #entryOf(resource: Resource): ResourceEntry | null {
    let entry = this.#entries.get(resource);
    if (entry === undefined) {
      const identity = this.#identities.of(resource);
      const series = this.#seriesOf(resource, identity.seriesKey);
      if (series === null) return null;
      if (this.#entries.size >= RESOURCES_MAX) this.#flushInstances();
      entry = {
        series,
        instance: resource.instance,
        instanceHash: identity.instanceHash,
        instanceKey: orderKey(identity.instanceHash),
        instanceId: this.instanceNames.idOf(resource.instance, identity.instanceHash),
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
    for (const entry of this.#entries.values())
      entry.series.instances.add(entry.instance, entry.instanceHash, entry.records);
    this.#entries.clear();
    this.#lastResource = null;
    this.#lastEntry = null;
  }

  #seriesOf(resource: Resource, key: string): Series | null {
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
