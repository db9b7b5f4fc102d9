import type { PartitionPosition, PartitionRef } from '../../contracts.ts';
import { hashString } from '../hash.ts';

/** Joint name of a partition, unique among sources. */
export function partitionKey(ref: PartitionRef): string {
  return `${ref.source}\u001f${ref.topic}\u001f${ref.partition}`;
}

/**
 * Event time of one partition.
 * active ⇄ idle (caught up and quiet; excluded from the watermark) → finished (ended for good).
 */
export class PartitionClock {
  readonly ref: PartitionRef;
  readonly key: string;
  /** Number in the order of first sight; only ever an index, never in output. */
  readonly index: number;
  /** Tells the positions of partitions apart where records are sampled by position. */
  readonly sampleSeed: number;
  /** Largest event time so far, -Infinity before the first timed record. */
  maxMs = Number.NEGATIVE_INFINITY;
  /** The maximum before the message in hand: what lateness is judged by. */
  maxBeforeMs = Number.NEGATIVE_INFINITY;
  /** Offset after the last message read. */
  readTo = 0;
  /** Messages below this offset were read before a restart: what falls into closed buckets was counted then. */
  rereadBelow = 0;
  /** A message was read, or a stored position says where reading stands; without either the source decides where to begin. */
  hasRead = false;
  state: 'active' | 'idle' | 'finished' = 'active';

  constructor(ref: PartitionRef, index: number) {
    this.ref = { source: ref.source, topic: ref.topic, partition: ref.partition };
    this.key = partitionKey(ref);
    this.index = index;
    this.sampleSeed = hashString(this.key, 0x5eed);
  }

  restore(position: PartitionPosition): void {
    this.hasRead = true;
    this.readTo = position.resumeAt;
    this.rereadBelow = position.readTo;
    this.maxMs = position.maxTimeMs ?? Number.NEGATIVE_INFINITY;
  }
}

/** The partitions a pipeline reads, and the watermark over them. */
export class PartitionClocks {
  readonly #byKey = new Map<string, PartitionClock>();
  readonly #byIndex: PartitionClock[] = [];
  /** Placeholder where no partition is meant yet. */
  readonly none = new PartitionClock({ source: '', topic: '', partition: 0 }, -1);

  get(ref: PartitionRef): PartitionClock {
    const key = partitionKey(ref);
    let clock = this.#byKey.get(key);
    if (clock === undefined) {
      clock = new PartitionClock(ref, this.#byIndex.length);
      this.#byKey.set(key, clock);
      this.#byIndex.push(clock);
    }
    return clock;
  }

  at(index: number): PartitionClock {
    return this.#byIndex[index]!;
  }

  has(ref: PartitionRef): boolean {
    return this.#byKey.has(partitionKey(ref));
  }

  all(): PartitionClock[] {
    return [...this.#byKey.values()];
  }

  /**
   * Event time up to which everything has been seen: minimum over active partitions of (maximum − lateness).
   * Without active partitions: +Infinity when all are finished, else unchanged knowledge, -Infinity.
   */
  watermarkMs(latenessMs: number): number {
    let lowest = Number.POSITIVE_INFINITY;
    let idle = Number.NEGATIVE_INFINITY;
    let active = 0;
    let idles = 0;
    for (const clock of this.#byKey.values()) {
      if (clock.state === 'active') {
        active++;
        if (clock.maxMs < lowest) lowest = clock.maxMs;
      } else if (clock.state === 'idle') {
        idles++;
        if (clock.maxMs > idle) idle = clock.maxMs;
      }
    }
    if (active > 0) return lowest - latenessMs;
    // All quiet: what the idle ones have shown is complete up to their latest time.
    if (idles > 0) return idle - latenessMs;
    return this.#byKey.size > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }

  /** Active partitions whose maximum lies more than `aheadMs` after both the slowest active one and `fromMs`. */
  ahead(fromMs: number, aheadMs: number): PartitionRef[] {
    let lowest = Number.POSITIVE_INFINITY;
    for (const clock of this.#byKey.values()) {
      if (clock.state === 'active' && clock.maxMs < lowest) lowest = clock.maxMs;
    }
    const bound = Math.max(lowest, fromMs) + aheadMs;
    const refs: PartitionRef[] = [];
    for (const clock of this.#byKey.values()) {
      if (clock.state === 'active' && clock.maxMs > bound) refs.push(clock.ref);
    }
    return refs;
  }
}
