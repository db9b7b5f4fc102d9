import type { ClosedBucket, DropReason, LogRecord, PartitionPosition, Scanner } from '../../contracts.ts';
import { EventLine } from '../decode/event-line.ts';
import { BucketCloser } from './close-bucket.ts';
import * as limits from './limits.ts';
import { newShared, noDrops, OpenBucket, sizeOf } from './open-bucket.ts';
import type { PartitionClock, PartitionClocks } from './partition-clock.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { BUCKET_STEP_MS, FUTURE_MAX_MS, LATENESS_MS, OPEN_BUCKETS_MAX, PAST_MAX_MS } = limits;

/** Untimed lines at the start of a file are laid on a clock of their own, this many to a bucket. */
const UNTIMED_PER_BUCKET = 100;

/** Closed buckets whose tables wait for the next; in step two or three are open at once. */
const SPARE_BUCKETS_MAX = 4;

/**
 * Stage 1's counts. Every consumed unit is booked in exactly one bucket: a counted record in that of its own time,
 * anything else in that of its partition's maximum, which cannot be closed yet (or in `unbooked`, before there is one). So the books of a closed bucket are
 * final, independent of interleaving, and exact after a restart: what is re-read into a closed bucket is in its books.
 */
export class OpenBuckets {
  readonly #clocks: PartitionClocks;
  readonly #closer: BucketCloser;
  readonly #shared = newShared();
  readonly #line = new EventLine();
  readonly #open = new Map<number, OpenBucket>();
  readonly #spare: OpenBucket[] = [];
  /**
   * Units of partitions that have not shown a plausible time yet: no bucket is theirs. Totals of this process; a restart
   * does not read them again.
   */
  readonly unbooked = { consumed: 0, bytes: 0, dropped: noDrops() };
  /** Buckets that start before this are closed. */
  closedToMs = Number.NEGATIVE_INFINITY;
  #lastBucket: OpenBucket | null = null;
  /** The message in hand: a running number, its partition and offset, and the times that its records may have. */
  #message = 0;
  #clock: PartitionClock;
  #offset = 0;
  #hasReference = false;
  #earliestMs = 0;
  #latestMs = 0;
  #lateBeforeMs = Number.NEGATIVE_INFINITY;
  #runningMaxMs = Number.NEGATIVE_INFINITY;

  constructor(clocks: PartitionClocks) {
    this.#clocks = clocks;
    this.#closer = new BucketCloser(clocks);
    this.#clock = clocks.none;
  }

  /** Call before the records of each message; NaN = its reference time is not known. */
  beginMessage(clock: PartitionClock, offset: number, referenceTimeMs: number): void {
    clock.maxBeforeMs = clock.maxMs;
    this.#message++;
    this.#clock = clock;
    this.#offset = offset;
    this.#runningMaxMs = clock.maxMs;
    this.#lateBeforeMs = clock.maxMs - LATENESS_MS;
    this.#hasReference = !Number.isNaN(referenceTimeMs);
    this.#earliestMs = referenceTimeMs - PAST_MAX_MS;
    this.#latestMs = referenceTimeMs + FUTURE_MAX_MS;
  }

  /** Call after the records of each message. */
  endMessage(): void {
    const clock = this.#clock;
    clock.maxMs = this.#runningMaxMs;
    clock.readTo = this.#offset + 1;
    clock.hasRead = true;
  }

  /** Counts one record of the message in hand, or books why not. */
  add(record: LogRecord, scanner: Scanner): void {
    const timeMs = record.timeFrom === 'none' ? this.#untimed() : record.timeMs;
    if (!this.#isInRange(timeMs, record)) {
      this.drop('time_out_of_range', 1, sizeOf(record));
      return;
    }
    if (timeMs < this.#lateBeforeMs) {
      this.drop('late', 1, sizeOf(record));
      return;
    }
    if (timeMs > this.#runningMaxMs) this.#runningMaxMs = timeMs;
    let bucket = this.#lastBucket;
    if (bucket === null || timeMs < bucket.startMs || timeMs >= bucket.startMs + BUCKET_STEP_MS) {
      const startMs = Math.floor(timeMs / BUCKET_STEP_MS) * BUCKET_STEP_MS;
      if (startMs < this.closedToMs) {
        // Re-read after a restart: already in the books of that bucket. Otherwise an excluded partition spoke again.
        if (this.#offset >= this.#clock.rereadBelow) this.drop('late', 1, sizeOf(record));
        return;
      }
      bucket = this.#bucketAt(startMs);
      if (bucket === null) {
        this.drop('overflow', 1, sizeOf(record));
        return;
      }
    }
    if (bucket.message !== this.#message) bucket.beginMessage(this.#message, this.#clock, this.#offset);
    // Only now: a late record, or one read again into a closed bucket, is not worth its scan.
    if (this.#line.write(record)) scanner.scan(this.#line.bytes, 0, this.#line.length);
    else if (record.known !== 0) scanner.recall(record.known);
    else scanner.scan(record.body, record.bodyStart, record.bodyEnd);
    bucket.timeMs = timeMs;
    bucket.add(record, scanner);
  }

  /** Books units of the message in hand that are not counted, and why. */
  drop(reason: DropReason, units: number, bytes: number): void {
    if (this.#clock.maxBeforeMs !== Number.NEGATIVE_INFINITY) {
      this.#book(reason, units, bytes, this.#clock.maxBeforeMs);
      return;
    }
    if (this.#offset < this.#clock.rereadBelow) return;
    this.unbooked.consumed += units;
    this.unbooked.bytes += bytes;
    this.unbooked.dropped[reason] += units;
  }

  /**
   * Closes, in order of time, what lies wholly before the watermark. The signatures of a closed bucket, and all that they
   * give, are valid until `onClosed` returns: the next bucket is counted in the same memory.
   */
  close(watermarkMs: number, onClosed: (bucket: ClosedBucket) => void): void {
    const due: number[] = [];
    for (const startMs of this.#open.keys()) if (startMs + BUCKET_STEP_MS <= watermarkMs) due.push(startMs);
    due.sort((a, b) => a - b);
    this.#lastBucket = null;
    for (const startMs of due) {
      const bucket = this.#open.get(startMs)!;
      this.#open.delete(startMs);
      this.closedToMs = startMs + BUCKET_STEP_MS;
      onClosed(this.#closer.close(bucket));
      this.#closer.release();
      bucket.clear();
      if (this.#spare.length < SPARE_BUCKETS_MAX) this.#spare.push(bucket);
    }
    if (Number.isFinite(watermarkMs)) {
      const to = Math.floor(watermarkMs / BUCKET_STEP_MS) * BUCKET_STEP_MS;
      if (to > this.closedToMs) this.closedToMs = to;
    }
  }

  get openCount(): number {
    return this.#open.size;
  }

  /** Start of the oldest open bucket; Infinity when none is open. */
  get oldestOpenMs(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const startMs of this.#open.keys()) if (startMs < oldest) oldest = startMs;
    return oldest;
  }

  position(clock: PartitionClock): PartitionPosition {
    let resumeAt = clock.readTo;
    let maxMs = clock.maxMs;
    for (const bucket of this.#open.values()) {
      const first = bucket.firstBooking.get(clock.index);
      if (first !== undefined && first.offset < resumeAt) {
        resumeAt = first.offset;
        maxMs = first.maxBeforeMs;
      }
    }
    const readTo = Math.max(clock.readTo, clock.rereadBelow);
    return { ...clock.ref, resumeAt, readTo, maxTimeMs: maxMs === Number.NEGATIVE_INFINITY ? null : maxMs };
  }

  #book(reason: DropReason, units: number, bytes: number, atMs: number): void {
    let startMs = Math.floor(atMs / BUCKET_STEP_MS) * BUCKET_STEP_MS;
    if (startMs < this.closedToMs) {
      if (this.#offset < this.#clock.rereadBelow) return;
      startMs = this.closedToMs;
    }
    const bucket = this.#bucketAt(startMs) ?? this.#open.values().next().value!;
    if (bucket.message !== this.#message) bucket.beginMessage(this.#message, this.#clock, this.#offset);
    bucket.drop(reason, units, bytes);
  }

  /** Far before or after the message's reference time, else the observed one; or nobody's clock. */
  #isInRange(timeMs: number, record: LogRecord): boolean {
    if (!(timeMs >= 0 && timeMs < PLAUSIBLE_END_MS)) return false;
    if (this.#hasReference) return !(timeMs < this.#earliestMs || timeMs > this.#latestMs);
    return !(timeMs < record.observedMs - PAST_MAX_MS || timeMs > record.observedMs + FUTURE_MAX_MS);
  }

  /** A line without any time takes that of the line before it; before the first time, a clock of its own. */
  #untimed(): number {
    if (this.#runningMaxMs === Number.NEGATIVE_INFINITY) return 0;
    const isOwnClock = this.#runningMaxMs < UNTIMED_END_MS;
    return isOwnClock ? this.#runningMaxMs + BUCKET_STEP_MS / UNTIMED_PER_BUCKET : this.#runningMaxMs;
  }

  #bucketAt(startMs: number): OpenBucket | null {
    if (this.#lastBucket !== null && this.#lastBucket.startMs === startMs) return this.#lastBucket;
    let bucket = this.#open.get(startMs);
    if (bucket === undefined) {
      if (this.#open.size >= OPEN_BUCKETS_MAX) return null;
      bucket = this.#spare.pop() ?? new OpenBucket(this.#clocks, this.#shared);
      bucket.startMs = startMs;
      this.#open.set(startMs, bucket);
    }
    this.#lastBucket = bucket;
    return bucket;
  }
}

/** The clock of untimed lines starts at 1970; 500 M lines fit before it could be taken for real time. */
const UNTIMED_END_MS = 5e10;

/** Times outside 1970–2200 are nobody's clock. */
const PLAUSIBLE_END_MS = 7_258_118_400_000;
