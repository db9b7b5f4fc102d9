import type { LogRecord } from '../../contracts.ts';
import { encodeKept } from '../decode/kept.ts';
import { hashBytes, mix32 } from '../hash.ts';
import {
  type BucketTable,
  EXEMPLAR,
  FIRST_MS,
  HEAD_NUMBERS,
  HEAD_WORDS,
  orderKey,
  SAMPLE,
  SAMPLES,
  WORST_KEY,
} from './bucket-table.ts';
import { ByteCopy } from './byte-copy.ts';
import {
  AT,
  INDEX,
  INSTANCE,
  KEPT_MS,
  KEPT_NUMBERS,
  KEPT_OFFSET,
  KEPT_WORDS,
  KEY,
  LENGTH,
  NEXT,
  NONE,
  PARTITION,
  SEVERITY,
} from './kept-slots.ts';
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
    const { head, kept } = this.#table;
    const slot = kept.take();
    this.#fill(slot, this.#encode(record), this.#keyOf(record), record, instanceId);
    kept.words[slot * KEPT_WORDS + NEXT] = NONE;
    const headAt = row * HEAD_WORDS;
    head[headAt + EXEMPLAR] = slot;
    head[headAt + SAMPLE] = slot;
    head[headAt + SAMPLES] = 1;
  }

  /** Offers a further record, before the row's times include it. */
  offer(row: number, record: LogRecord, instanceId: number): void {
    const { head, numbers } = this.#table;
    const key = this.#keyOf(record);
    const headAt = row * HEAD_WORDS;
    // The exemplar's time is the row's first.
    const firstMs = numbers[row * HEAD_NUMBERS + FIRST_MS]!;
    const timeMs = this.#origin.timeMs;
    const isExemplar =
      timeMs < firstMs || (timeMs === firstMs && this.#isEarlier(record, head[headAt + EXEMPLAR]!));
    const worstKey = head[headAt + WORST_KEY]!;
    const isFull = head[headAt + SAMPLES] === SAMPLE_SIZE;
    const isSample =
      !isFull || key < worstKey || (key === worstKey && this.#isEarlier(record, head[headAt + SAMPLE]!));
    if (isExemplar || isSample) this.#keep(row, record, key, instanceId, isExemplar, isSample);
  }

  /** Leaves the single best sample of every row, for a bucket with too many rows to keep more. */
  keepOne(): void {
    const { head, kept, rows } = this.#table;
    for (let row = 0; row < rows; row++) {
      const first = head[row * HEAD_WORDS + SAMPLE]!;
      let best = first;
      for (let slot = next(kept.words, first); slot !== NONE; slot = next(kept.words, slot))
        if (this.#isAfter(best, slot)) best = slot;
      kept.words[best * KEPT_WORDS + NEXT] = NONE;
      head[row * HEAD_WORDS + SAMPLE] = best;
      head[row * HEAD_WORDS + SAMPLES] = 1;
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
    const { head } = table;
    const at = this.#encode(record);
    const exemplar = head[row * HEAD_WORDS + EXEMPLAR]!;
    const slot = isSample ? this.#slotInSample(row, isExemplar) : table.kept.take();
    this.#fill(slot, at, key, record, instanceId);
    if (isExemplar) {
      head[row * HEAD_WORDS + EXEMPLAR] = slot;
      if (slot !== exemplar && !table.isSample(row, exemplar)) {
        this.#waste(exemplar);
        table.kept.give(exemplar);
      }
    }
    if (isSample && head[row * HEAD_WORDS + SAMPLES] === SAMPLE_SIZE) this.#findWorst(row);
    if (table.arena.wasteful) table.compactArena();
  }

  /** The slot that the record in hand takes in the row's sample: the first. It may be that of the worst, which goes. */
  #slotInSample(row: number, isExemplar: boolean): number {
    const { head, kept } = this.#table;
    const headAt = row * HEAD_WORDS;
    const first = head[headAt + SAMPLE]!;
    const isFull = head[headAt + SAMPLES] === SAMPLE_SIZE;
    // The exemplar stays, out of the sample, unless it is the record in hand from now on.
    if (isFull && (isExemplar || first !== head[headAt + EXEMPLAR])) {
      this.#waste(first);
      return first;
    }
    const slot = kept.take();
    kept.words[slot * KEPT_WORDS + NEXT] = isFull ? next(kept.words, first) : first;
    head[headAt + SAMPLE] = slot;
    if (!isFull) head[headAt + SAMPLES]!++;
    return slot;
  }

  #waste(slot: number): void {
    this.#table.arena.garbage += Math.abs(this.#table.kept.words[slot * KEPT_WORDS + LENGTH]!);
  }

  /** Puts the worst of a full sample first. */
  #findWorst(row: number): void {
    const { head, kept } = this.#table;
    const { words } = kept;
    const headAt = row * HEAD_WORDS;
    const first = head[headAt + SAMPLE]!;
    let worst = first;
    let before = NONE;
    for (let last = first, slot = next(words, first); slot !== NONE; last = slot, slot = next(words, slot)) {
      if (!this.#isAfter(slot, worst)) continue;
      worst = slot;
      before = last;
    }
    if (before !== NONE) {
      words[before * KEPT_WORDS + NEXT] = next(words, worst);
      words[worst * KEPT_WORDS + NEXT] = first;
      head[headAt + SAMPLE] = worst;
    }
    head[headAt + WORST_KEY] = words[worst * KEPT_WORDS + KEY]!;
  }

  #keyOf(record: LogRecord): number {
    const trace = record.traceIdStart;
    if (trace >= 0) return orderKey(hashBytes(record.wire, trace, trace + 16, TRACE_SEED));
    const { clock, offset } = this.#origin;
    return orderKey(mix32(mix32(clock.sampleSeed ^ (offset | 0)) + record.index));
  }

  #encode(record: LogRecord): number {
    const arena = this.#table.arena;
    const place = arena.reserve(ByteCopy.alignment(record.wire, record.wireStart));
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
    const { words, numbers } = this.#table.kept;
    const origin = this.#origin;
    const word = slot * KEPT_WORDS;
    words[word + KEY] = key;
    words[word + INDEX] = record.index;
    words[word + PARTITION] = origin.clock.index;
    words[word + INSTANCE] = instanceId;
    words[word + SEVERITY] = record.severityNumber;
    words[word + AT] = at;
    words[word + LENGTH] = this.#length;
    numbers[slot * KEPT_NUMBERS + KEPT_MS] = origin.timeMs;
    numbers[slot * KEPT_NUMBERS + KEPT_OFFSET] = origin.offset;
  }

  /** Is (time, position) of the record in hand before that of the kept one? Partitions compare by name, never by index. */
  #isEarlier(record: LogRecord, slot: number): boolean {
    const { words, numbers } = this.#table.kept;
    const { clock, offset, timeMs } = this.#origin;
    const keptMs = numbers[slot * KEPT_NUMBERS + KEPT_MS]!;
    if (timeMs !== keptMs) return timeMs < keptMs;
    const partition = words[slot * KEPT_WORDS + PARTITION]!;
    if (partition !== clock.index) return clock.key < this.#clocks.at(partition).key;
    const keptOffset = numbers[slot * KEPT_NUMBERS + KEPT_OFFSET]!;
    return offset !== keptOffset ? offset < keptOffset : record.index < words[slot * KEPT_WORDS + INDEX]!;
  }

  /** Does slot `a` stand behind slot `b` in the order (hash, time, position)? */
  #isAfter(a: number, b: number): boolean {
    const { words, numbers } = this.#table.kept;
    const wordA = a * KEPT_WORDS;
    const wordB = b * KEPT_WORDS;
    if (words[wordA + KEY] !== words[wordB + KEY]) return words[wordA + KEY]! > words[wordB + KEY]!;
    const numberA = a * KEPT_NUMBERS;
    const numberB = b * KEPT_NUMBERS;
    const laterBy = numbers[numberA + KEPT_MS]! - numbers[numberB + KEPT_MS]!;
    if (laterBy !== 0) return laterBy > 0;
    if (words[wordA + PARTITION] !== words[wordB + PARTITION]) {
      return this.#clocks.at(words[wordA + PARTITION]!).key > this.#clocks.at(words[wordB + PARTITION]!).key;
    }
    const behindBy = numbers[numberA + KEPT_OFFSET]! - numbers[numberB + KEPT_OFFSET]!;
    if (behindBy !== 0) return behindBy > 0;
    return words[wordA + INDEX]! > words[wordB + INDEX]!;
  }
}

function next(words: Int32Array, slot: number): number {
  return words[slot * KEPT_WORDS + NEXT]!;
}
