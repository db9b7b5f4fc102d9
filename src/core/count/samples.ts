import type { LogRecord } from '../../contracts.ts';
import { encodeKept } from '../decode/kept.ts';
import { hashBytes, mix32 } from '../hash.ts';
import {
  AT,
  type BucketTable,
  FIRST_MS,
  HEAD_NUMBERS,
  HEAD_WORDS,
  INDEX,
  INSTANCE,
  KEPT_MS,
  KEPT_NUMBERS,
  KEPT_OFFSET,
  KEPT_SLOTS,
  KEPT_WORDS,
  KEY,
  LENGTH,
  orderKey,
  PARTITION,
  SAMPLES,
  SEVERITY,
  WORST,
  WORST_KEY,
} from './bucket-table.ts';
import { ByteCopy } from './byte-copy.ts';
import { KEPT_BYTES, SAMPLE_SIZE } from './limits.ts';
import type { PartitionClock, PartitionClocks } from './partition-clock.ts';

const TRACE_SEED = 0x7ace;

/** Where the record in hand comes from; one object, reused. */
export interface RecordOrigin {
  clock: PartitionClock;
  offset: number;
  timeMs: number;
}

/**
 * Chooses which records of a row are kept whole: the exemplar is the minimum by (time, position), the sample the bottom
 * k by (hash, time, position). The hash is that of the trace id where there is one, so findings in several services
 * sample the same traces. Both choices are independent of arrival order.
 */
export class Samples {
  readonly #table: BucketTable;
  readonly #clocks: PartitionClocks;
  readonly #origin: RecordOrigin;
  readonly #bytes = new ByteCopy();
  #length = 0;

  constructor(table: BucketTable, clocks: PartitionClocks, origin: RecordOrigin) {
    this.#table = table;
    this.#clocks = clocks;
    this.#origin = origin;
  }

  /** Offers the first record of a row. */
  begin(row: number, record: LogRecord, instanceId: number): void {
    const at = this.#encode(record);
    const key = this.#keyOf(record);
    const exemplar = row * KEPT_SLOTS;
    this.#fill(exemplar, at, key, record, instanceId);
    this.#table.copyKept(exemplar, exemplar + 1);
    this.#table.head[row * HEAD_WORDS + SAMPLES] = 1;
  }

  /** Offers a further record, before the row's times include it. */
  offer(row: number, record: LogRecord, instanceId: number): void {
    const { head, numbers } = this.#table;
    const key = this.#keyOf(record);
    // The exemplar's time is the row's first.
    const firstMs = numbers[row * HEAD_NUMBERS + FIRST_MS]!;
    const timeMs = this.#origin.timeMs;
    const isExemplar = timeMs < firstMs || (timeMs === firstMs && this.#isEarlier(record, row * KEPT_SLOTS));
    const headAt = row * HEAD_WORDS;
    const worstKey = head[headAt + WORST_KEY]!;
    const isFull = head[headAt + SAMPLES] === SAMPLE_SIZE;
    const isSample =
      !isFull ||
      key < worstKey ||
      (key === worstKey && this.#isEarlier(record, row * KEPT_SLOTS + head[headAt + WORST]!));
    if (isExemplar || isSample) this.#keep(row, record, key, instanceId, isExemplar, isSample);
  }

  /** Leaves the single best sample of every row, for a bucket with too many rows to keep more. */
  keepOne(): void {
    const table = this.#table;
    for (let row = 0; row < table.rows; row++) {
      const first = row * KEPT_SLOTS + 1;
      let best = first;
      for (let slot = first + 1; slot < first + table.head[row * HEAD_WORDS + SAMPLES]!; slot++)
        if (this.#isAfter(best, slot)) best = slot;
      if (best !== first) table.copyKept(best, first);
      table.head[row * HEAD_WORDS + SAMPLES] = 1;
    }
  }

  #keep(
    row: number,
    record: LogRecord,
    key: number,
    instanceId: number,
    isExemplar: boolean,
    isSample: boolean,
  ): void {
    const table = this.#table;
    const { arena } = table;
    const exemplar = row * KEPT_SLOTS;
    const at = this.#encode(record);
    if (isExemplar) {
      arena.garbage += Math.abs(table.kept[exemplar * KEPT_WORDS + LENGTH]!);
      this.#fill(exemplar, at, key, record, instanceId);
    }
    if (isSample) {
      const headAt = row * HEAD_WORDS;
      const size = table.head[headAt + SAMPLES]!;
      let slot = exemplar + 1 + size;
      if (size < SAMPLE_SIZE) table.head[headAt + SAMPLES] = size + 1;
      else {
        slot = exemplar + table.head[headAt + WORST]!;
        arena.garbage += Math.abs(table.kept[slot * KEPT_WORDS + LENGTH]!);
      }
      this.#fill(slot, at, key, record, instanceId);
      if (size + 1 >= SAMPLE_SIZE) this.#findWorst(row);
    }
    if (arena.wasteful) table.compactArena();
  }

  #findWorst(row: number): void {
    const { head, kept } = this.#table;
    const first = row * KEPT_SLOTS + 1;
    let worst = first;
    for (let slot = first + 1; slot < first + SAMPLE_SIZE; slot++)
      if (this.#isAfter(slot, worst)) worst = slot;
    head[row * HEAD_WORDS + WORST] = worst - row * KEPT_SLOTS;
    head[row * HEAD_WORDS + WORST_KEY] = kept[worst * KEPT_WORDS + KEY]!;
  }

  #keyOf(record: LogRecord): number {
    const trace = record.traceIdStart;
    if (trace >= 0) return orderKey(hashBytes(record.wire, trace, trace + 16, TRACE_SEED));
    const { clock, offset } = this.#origin;
    return orderKey(mix32(mix32(clock.sampleSeed ^ (offset | 0)) + record.index));
  }

  #encode(record: LogRecord): number {
    const arena = this.#table.arena;
    const place = arena.reserve();
    const at = arena.used;
    const size = record.wireEnd - record.wireStart;
    if (size > 0 && size <= KEPT_BYTES) {
      this.#bytes.copy(record.wire, record.wireStart, record.wireEnd, arena.chunk, place);
      this.#length = size;
    } else this.#length = encodeKept(record, arena.chunk, place, KEPT_BYTES);
    arena.used += Math.abs(this.#length);
    return at;
  }

  #fill(slot: number, at: number, key: number, record: LogRecord, instanceId: number): void {
    const { kept, keptNumbers } = this.#table;
    const origin = this.#origin;
    const word = slot * KEPT_WORDS;
    kept[word + KEY] = key;
    kept[word + INDEX] = record.index;
    kept[word + PARTITION] = origin.clock.index;
    kept[word + INSTANCE] = instanceId;
    kept[word + SEVERITY] = record.severityNumber;
    kept[word + AT] = at;
    kept[word + LENGTH] = this.#length;
    keptNumbers[slot * KEPT_NUMBERS + KEPT_MS] = origin.timeMs;
    keptNumbers[slot * KEPT_NUMBERS + KEPT_OFFSET] = origin.offset;
  }

  /** Is (time, position) of the record in hand before that of the kept one? Partitions compare by name, never by index. */
  #isEarlier(record: LogRecord, slot: number): boolean {
    const { kept, keptNumbers } = this.#table;
    const { clock, offset, timeMs } = this.#origin;
    const keptMs = keptNumbers[slot * KEPT_NUMBERS + KEPT_MS]!;
    if (timeMs !== keptMs) return timeMs < keptMs;
    const partition = kept[slot * KEPT_WORDS + PARTITION]!;
    if (partition !== clock.index) return clock.key < this.#clocks.at(partition).key;
    const keptOffset = keptNumbers[slot * KEPT_NUMBERS + KEPT_OFFSET]!;
    return offset !== keptOffset ? offset < keptOffset : record.index < kept[slot * KEPT_WORDS + INDEX]!;
  }

  /** Does slot `a` stand behind slot `b` in the order (hash, time, position)? */
  #isAfter(a: number, b: number): boolean {
    const { kept, keptNumbers } = this.#table;
    const wordA = a * KEPT_WORDS;
    const wordB = b * KEPT_WORDS;
    if (kept[wordA + KEY] !== kept[wordB + KEY]) return kept[wordA + KEY]! > kept[wordB + KEY]!;
    const numberA = a * KEPT_NUMBERS;
    const numberB = b * KEPT_NUMBERS;
    const laterBy = keptNumbers[numberA + KEPT_MS]! - keptNumbers[numberB + KEPT_MS]!;
    if (laterBy !== 0) return laterBy > 0;
    if (kept[wordA + PARTITION] !== kept[wordB + PARTITION]) {
      return this.#clocks.at(kept[wordA + PARTITION]!).key > this.#clocks.at(kept[wordB + PARTITION]!).key;
    }
    const behindBy = keptNumbers[numberA + KEPT_OFFSET]! - keptNumbers[numberB + KEPT_OFFSET]!;
    if (behindBy !== 0) return behindBy > 0;
    return kept[wordA + INDEX]! > kept[wordB + INDEX]!;
  }
}
