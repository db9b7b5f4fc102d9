import type { LogRecord } from '../../contracts.ts';
import { encodeKept } from '../decode/kept.ts';
import { mix32 } from '../hash.ts';
import { type BucketTable, orderKey } from './bucket-table.ts';
import * as header from './kept-header.ts';
import { placeOf, unitsFor } from './kept-records.ts';
import * as limits from './limits.ts';
import type { PartitionClock, PartitionClocks } from './partition-clock.ts';
import * as layout from './row-head.ts';
import { WordCopy } from './word-copy.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { KEPT_BYTES, SAMPLE_SIZE } = limits;
const { EXEMPLAR, FIRST_MS, HEAD_BYTES, HEAD_NUMBERS, HEAD_WORDS } = layout;
const { SAMPLE, SAMPLES, SAMPLE_UNITS_MAX, WORST_KEY } = layout;
const { HEADER_BYTES, HEADER_UNITS, INDEX, INSTANCE, KEPT_MS, LENGTH, MESSAGE, NONE, SEVERITY } = header;

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
  readonly #copy = new WordCopy();

  constructor(table: BucketTable, clocks: PartitionClocks, origin: RecordOrigin) {
    this.#table = table;
    this.#clocks = clocks;
    this.#origin = origin;
  }

  /** Offers the first record of a row. */
  begin(row: number, record: LogRecord, instanceId: number): void {
    const { head, bytes } = this.#table;
    const kept = this.#write(record, instanceId, NONE, 0);
    head[row * HEAD_WORDS + EXEMPLAR] = kept;
    this.#setSample(row, 0, kept, this.#keyOf(record));
    bytes[row * HEAD_BYTES + SAMPLES] = 1;
  }

  /** Offers a further record, before the row's times include it. Small, so that the compiler puts it into its caller. */
  offer(row: number, record: LogRecord, instanceId: number): void {
    const { head, numbers } = this.#table;
    const key = this.#keyOf(record);
    // The exemplar's time is the row's first.
    const isBehindFirst = this.#origin.timeMs > numbers[row * HEAD_NUMBERS + FIRST_MS]!;
    if (isBehindFirst && key > head[row * HEAD_WORDS + WORST_KEY]!) return;
    this.#choose(row, record, key, instanceId);
  }

  /** Leaves the single best sample of every row, for a bucket with too many rows to keep more. */
  keepOne(): void {
    const { bytes, rows } = this.#table;
    for (let row = 0; row < rows; row++) {
      let best = 0;
      for (let i = 1; i < bytes[row * HEAD_BYTES + SAMPLES]!; i++) if (this.#isAfter(row, best, i)) best = i;
      this.#swapSamples(row, 0, best);
      bytes[row * HEAD_BYTES + SAMPLES] = 1;
    }
  }

  /** Keeps a record whose time or key is at least as good as what the row has, unless it loses a tie. */
  #choose(row: number, record: LogRecord, key: number, instanceId: number): void {
    const table = this.#table;
    const { head, numbers, bytes } = table;
    const headAt = row * HEAD_WORDS;
    const firstMs = numbers[row * HEAD_NUMBERS + FIRST_MS]!;
    const worstKey = head[headAt + WORST_KEY]!;
    const { timeMs } = this.#origin;
    const isExemplar =
      timeMs < firstMs || (timeMs === firstMs && this.#isEarlier(record, head[headAt + EXEMPLAR]!));
    const isSample =
      key < worstKey ||
      (key === worstKey &&
        (bytes[row * HEAD_BYTES + SAMPLES] !== SAMPLE_SIZE ||
          this.#isEarlier(record, head[headAt + SAMPLE]!)));
    if (!isExemplar && !isSample) return;
    const exemplar = head[headAt + EXEMPLAR]!;
    const samples = bytes[row * HEAD_BYTES + SAMPLES]!;
    const isFull = samples === SAMPLE_SIZE;
    /** Leaves the sample. It stays as the exemplar, if it is that, unless the record in hand is from now on. */
    const worst = isSample && isFull ? head[headAt + SAMPLE]! : NONE;
    let free = worst !== exemplar || isExemplar ? worst : NONE;
    let freeUnits = free === NONE ? 0 : table.sampleUnits[row * SAMPLE_SIZE]!;
    if (isExemplar && exemplar !== worst && !table.isSample(row, exemplar)) {
      table.kept.garbage += freeUnits;
      free = exemplar;
      freeUnits = table.kept.unitsAt(free);
    }
    const kept = this.#write(record, instanceId, free, freeUnits);
    if (isExemplar) head[headAt + EXEMPLAR] = kept;
    if (isSample) {
      const place = isFull ? 0 : samples;
      this.#setSample(row, place, kept, key);
      if (!isFull) bytes[row * HEAD_BYTES + SAMPLES] = samples + 1;
      if (samples >= SAMPLE_SIZE - 1) this.#findWorst(row);
    }
    table.spareMemory();
  }

  /** `kept` has just been written, so that its size is at hand. */
  #setSample(row: number, place: number, kept: number, key: number): void {
    const { head, sampleKeys, sampleUnits, kept: records } = this.#table;
    head[row * HEAD_WORDS + SAMPLE + place] = kept;
    sampleKeys[row * SAMPLE_SIZE + place] = key;
    sampleUnits[row * SAMPLE_SIZE + place] = Math.min(records.unitsAt(kept), SAMPLE_UNITS_MAX);
  }

  /** Puts the worst of a full sample first. */
  #findWorst(row: number): void {
    const { head, sampleKeys } = this.#table;
    let worst = 0;
    for (let i = 1; i < SAMPLE_SIZE; i++) if (this.#isAfter(row, i, worst)) worst = i;
    this.#swapSamples(row, 0, worst);
    head[row * HEAD_WORDS + WORST_KEY] = sampleKeys[row * SAMPLE_SIZE]!;
  }

  #swapSamples(row: number, a: number, b: number): void {
    const { head, sampleKeys, sampleUnits } = this.#table;
    const first = row * HEAD_WORDS + SAMPLE;
    const kept = head[first + a]!;
    head[first + a] = head[first + b]!;
    head[first + b] = kept;
    const key = sampleKeys[row * SAMPLE_SIZE + a]!;
    sampleKeys[row * SAMPLE_SIZE + a] = sampleKeys[row * SAMPLE_SIZE + b]!;
    sampleKeys[row * SAMPLE_SIZE + b] = key;
    const units = sampleUnits[row * SAMPLE_SIZE + a]!;
    sampleUnits[row * SAMPLE_SIZE + a] = sampleUnits[row * SAMPLE_SIZE + b]!;
    sampleUnits[row * SAMPLE_SIZE + b] = units;
  }

  #keyOf(record: LogRecord): number {
    if (record.traceIdStart >= 0) return orderKey(record.traceHash);
    const { clock, offset } = this.#origin;
    return orderKey(mix32(mix32(clock.sampleSeed ^ (offset | 0)) + record.index));
  }

  /**
   * Writes the record in hand, where it fits in the place of `free` with its `freeUnits`, which is kept no longer; returns
   * where it is.
   */
  #write(record: LogRecord, instanceId: number, free: number, freeUnits: number): number {
    const { kept, messages } = this.#table;
    const size = record.wireEnd - record.wireStart;
    const isWhole = size > 0 && size <= KEPT_BYTES;
    const isInPlace = isWhole && unitsFor(size) <= freeUnits;
    const at = isInPlace ? free : isWhole ? kept.reserve(unitsFor(size)) : kept.reserve();
    const { bytes, halves, words, numbers, longs } = kept.chunkOf(at);
    const number = placeOf(at);
    let length = size;
    if (isWhole) this.#copy.copy(record.wire, record.wireStart, record.wireEnd, longs, number + HEADER_UNITS);
    else length = encodeKept(record, bytes, number * 8 + HEADER_BYTES, KEPT_BYTES);
    const { clock, offset, timeMs } = this.#origin;
    numbers[number + KEPT_MS] = timeMs;
    const word = number * 2;
    words[word + MESSAGE] = messages.numberOf(clock.index, offset);
    words[word + INDEX] = record.index;
    words[word + INSTANCE] = instanceId;
    halves[number * 4 + LENGTH] = length;
    bytes[number * 8 + SEVERITY] = record.severityNumber;
    const units = unitsFor(Math.abs(length));
    kept.garbage += freeUnits;
    if (isInPlace) kept.garbage -= units;
    else kept.take(units);
    return at;
  }

  /** Is (time, position) of the record in hand before that of the kept one? Partitions compare by name, never by index. */
  #isEarlier(record: LogRecord, kept: number): boolean {
    const { kept: records, messages } = this.#table;
    const { words, numbers } = records.chunkOf(kept);
    const { clock, offset, timeMs } = this.#origin;
    const number = placeOf(kept);
    const keptMs = numbers[number + KEPT_MS]!;
    if (timeMs !== keptMs) return timeMs < keptMs;
    const message = words[number * 2 + MESSAGE]!;
    const partition = messages.partitions[message]!;
    if (partition !== clock.index) return clock.key < this.#clocks.at(partition).key;
    const keptOffset = messages.offsets[message]!;
    return offset !== keptOffset ? offset < keptOffset : record.index < words[number * 2 + INDEX]!;
  }

  /** Does number `a` of a row's sample stand behind number `b` in the order (hash, time, position)? */
  #isAfter(row: number, a: number, b: number): boolean {
    const { head, sampleKeys } = this.#table;
    const keyA = sampleKeys[row * SAMPLE_SIZE + a]!;
    const keyB = sampleKeys[row * SAMPLE_SIZE + b]!;
    if (keyA !== keyB) return keyA > keyB;
    return this.#isLater(head[row * HEAD_WORDS + SAMPLE + a]!, head[row * HEAD_WORDS + SAMPLE + b]!);
  }

  /** Does kept record `a` stand behind `b` in the order (time, position)? */
  #isLater(a: number, b: number): boolean {
    const { kept, messages } = this.#table;
    const chunkA = kept.chunkOf(a);
    const chunkB = kept.chunkOf(b);
    const numberA = placeOf(a);
    const numberB = placeOf(b);
    const laterBy = chunkA.numbers[numberA + KEPT_MS]! - chunkB.numbers[numberB + KEPT_MS]!;
    if (laterBy !== 0) return laterBy > 0;
    const messageA = chunkA.words[numberA * 2 + MESSAGE]!;
    const messageB = chunkB.words[numberB * 2 + MESSAGE]!;
    const partitionA = messages.partitions[messageA]!;
    const partitionB = messages.partitions[messageB]!;
    if (partitionA !== partitionB) return this.#clocks.at(partitionA).key > this.#clocks.at(partitionB).key;
    const behindBy = messages.offsets[messageA]! - messages.offsets[messageB]!;
    if (behindBy !== 0) return behindBy > 0;
    return chunkA.words[numberA * 2 + INDEX]! > chunkB.words[numberB * 2 + INDEX]!;
  }
}
