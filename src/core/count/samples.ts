import type { LogRecord } from '../../contracts.ts';
import { encodeKept } from '../decode/kept.ts';
import { hashBytes, mix32 } from '../hash.ts';
import { type BucketTable, KEPT_SLOTS } from './bucket-table.ts';
import { KEPT_BYTES, SAMPLE_SIZE } from './limits.ts';
import type { PartitionClock, PartitionClocks } from './partition-clock.ts';

const TRACE_SEED = 0x7ace;

/** Where the record in hand comes from; one object, reused. */
export interface RecordOrigin {
  clock: PartitionClock;
  offset: number;
  timeMs: number;
  instanceId: number;
}

/**
 * Chooses which records of a row are kept whole: the exemplar is the minimum by (time, position), the sample the bottom
 * k by (hash, time, position). The hash is that of the trace id where there is one, so findings in several services
 * sample the same traces. Both choices are independent of arrival order.
 */
export class Samples {
  readonly #table: BucketTable;
  readonly #clocks: PartitionClocks;
  #length = 0;

  constructor(table: BucketTable, clocks: PartitionClocks) {
    this.#table = table;
    this.#clocks = clocks;
  }

  /** Offers a record to a row whose count already includes it. */
  offer(row: number, record: LogRecord, origin: RecordOrigin): void {
    const table = this.#table;
    const trace = record.traceIdStart;
    const hash =
      trace >= 0
        ? hashBytes(record.wire, trace, trace + 16, TRACE_SEED)
        : mix32(mix32(origin.clock.sampleSeed ^ (origin.offset | 0)) + record.index);
    const exemplar = row * KEPT_SLOTS;
    const isFirst = table.records[row] === 1;
    let at = -1;
    if (isFirst || this.#isEarlier(record, origin, exemplar)) {
      if (!isFirst) table.arena.garbage += Math.abs(table.keptLength[exemplar]!);
      at = this.#encode(record);
      this.#fill(exemplar, at, hash, record, origin);
    }
    const slot = this.#slotFor(row, hash, record, origin);
    if (slot < 0) return;
    if (at < 0) at = this.#encode(record);
    this.#fill(slot, at, hash, record, origin);
    table.compactIfWasteful();
  }

  /** Leaves the single best sample of every row, for a bucket with too many rows to keep more. */
  keepOne(): void {
    const table = this.#table;
    for (let row = 0; row < table.rows; row++) {
      const first = row * KEPT_SLOTS + 1;
      let best = first;
      for (let slot = first + 1; slot < first + table.samples[row]!; slot++)
        if (this.#isAfter(best, slot)) best = slot;
      if (best !== first) table.copyKept(best, first);
      table.samples[row] = 1;
    }
  }

  /** Sample slot that the record takes, or -1: not among the k smallest. */
  #slotFor(row: number, hash: number, record: LogRecord, origin: RecordOrigin): number {
    const table = this.#table;
    const first = row * KEPT_SLOTS + 1;
    const size = table.samples[row]!;
    if (size < SAMPLE_SIZE) {
      table.samples[row] = size + 1;
      return first + size;
    }
    let worst = first;
    for (let slot = first + 1; slot < first + size; slot++) if (this.#isAfter(slot, worst)) worst = slot;
    const worstHash = table.keptHash[worst]!;
    if (hash > worstHash || (hash === worstHash && !this.#isEarlier(record, origin, worst))) return -1;
    table.arena.garbage += Math.abs(table.keptLength[worst]!);
    return worst;
  }

  #encode(record: LogRecord): number {
    const arena = this.#table.arena;
    arena.reserve();
    const at = arena.used;
    this.#length = encodeKept(record, arena.bytes, at, KEPT_BYTES);
    arena.used += Math.abs(this.#length);
    return at;
  }

  #fill(slot: number, at: number, hash: number, record: LogRecord, origin: RecordOrigin): void {
    const table = this.#table;
    table.keptHash[slot] = hash;
    table.keptMs[slot] = origin.timeMs;
    table.keptOffset[slot] = origin.offset;
    table.keptIndex[slot] = record.index;
    table.keptPartition[slot] = origin.clock.index;
    table.keptInstance[slot] = origin.instanceId;
    table.keptSeverity[slot] = record.severityNumber;
    table.keptAt[slot] = at;
    table.keptLength[slot] = this.#length;
  }

  /** Is (time, position) of the record in hand before that of the kept one? Partitions compare by name, never by index. */
  #isEarlier(record: LogRecord, origin: RecordOrigin, slot: number): boolean {
    const table = this.#table;
    const keptMs = table.keptMs[slot]!;
    if (origin.timeMs !== keptMs) return origin.timeMs < keptMs;
    const partition = table.keptPartition[slot]!;
    if (partition !== origin.clock.index) return origin.clock.key < this.#clocks.at(partition).key;
    const keptOffset = table.keptOffset[slot]!;
    return origin.offset !== keptOffset ? origin.offset < keptOffset : record.index < table.keptIndex[slot]!;
  }

  /** Does slot `a` stand behind slot `b` in the order (hash, time, position)? */
  #isAfter(a: number, b: number): boolean {
    const table = this.#table;
    if (table.keptHash[a] !== table.keptHash[b]) return table.keptHash[a]! > table.keptHash[b]!;
    if (table.keptMs[a] !== table.keptMs[b]) return table.keptMs[a]! > table.keptMs[b]!;
    const partitionA = table.keptPartition[a]!;
    const partitionB = table.keptPartition[b]!;
    if (partitionA !== partitionB) return this.#clocks.at(partitionA).key > this.#clocks.at(partitionB).key;
    if (table.keptOffset[a] !== table.keptOffset[b]) return table.keptOffset[a]! > table.keptOffset[b]!;
    return table.keptIndex[a]! > table.keptIndex[b]!;
  }
}
