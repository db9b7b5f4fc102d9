import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Consumer, EachBatchPayload, Batch as KafkajsBatch } from 'kafkajs';
import type { Batch, Intake, KafkaCounters, PartitionPosition, PartitionRef } from '../../contracts.ts';
import type { BatchDefect } from '../../kafka/corrupt-batch.ts';
import { type Chunk, takeChunk } from './chunks.ts';
import { Heartbeat } from './heartbeat.ts';
import type { TopicOffsets } from './offsets.ts';
import type { KafkaSettings } from './options.ts';
import { type Bounds, chooseStart, clampStart } from './start.ts';
import { Turn } from './turn.ts';

/** What outlives one consumer: kept by the source while clients come and go. */
export class ReadingMemory {
  /** Partitions the intake believes are being read. */
  held: readonly PartitionRef[] = [];
  /** Keys of the partitions that are to be held back. */
  paused: ReadonlySet<string> = new Set();
  /** Where each partition goes on in this process, for partitions of which the intake stores nothing yet. */
  readonly next = new Map<string, number>();
  /** How many partitions each topic had when the source began; what appears later is read from its beginning. */
  readonly partitionsAtStart = new Map<string, number>();
  /** One call of the intake at a time, over all consumers of this source. */
  readonly turn = new Turn();
}

/** Thrown through when the intake failed: nothing about Kafka is wrong, and retrying would hide it. */
export class IntakeFailure extends Error {}

/** The right to read one partition from one join of the group to the next. A lease that is not `current` accepts nothing more. */
interface Lease {
  readonly ref: PartitionRef;
  current: boolean;
  /** False until the intake has said where to start and the consumer was sent there. */
  placed: boolean;
  /** The offset that the next batch must have been fetched from. */
  next: number;
  /** Where kafkajs went on to after a fetch that held only control records or aborted messages. */
  skippedTo: number;
  /** `next` for which the consumer was already sent back once. */
  soughtFor: number;
}

/** A lease whose partition has a leader, with what it holds and where its start time is. */
interface Readable {
  readonly lease: Lease;
  readonly bounds: Bounds;
  readonly atTime: number;
}

export interface AssignmentDeps {
  readonly settings: KafkaSettings;
  readonly intake: Intake;
  readonly memory: ReadingMemory;
  readonly counters: KafkaCounters;
  readonly consumer: Pick<Consumer, 'seek' | 'pause' | 'resume'>;
  readonly offsets: (topic: string) => Promise<TopicOffsets>;
  /** Called when the intake has had every message of a fetched batch: nobody reads them any more. */
  readonly handedOver: (messages: KafkajsBatch['messages']) => void;
}

/**
 * The partitions of one consumer and how far each has been handed to the intake.
 * States: none → (`joined`) leased, held back at the consumer → (`place`) placed and flowing → (`leave`) none.
 * Invariant: a message reaches the intake only under a current, placed lease, and each batch continues exactly where
 * the lease's last one ended; anything else is dropped unresolved and fetched again.
 */
export class Assignment {
  readonly #deps: AssignmentDeps;
  #leases = new Map<string, Lease>();
  #closed = false;

  constructor(deps: AssignmentDeps) {
    this.#deps = deps;
  }

  /** Nothing is accepted after this, whatever kafkajs still delivers. */
  close(): void {
    this.#closed = true;
    this.#dropLeases();
  }

  /** Before the group is joined again: waits for the batch in hand and makes what was read durable. */
  async leave(): Promise<void> {
    const { memory, intake } = this.#deps;
    this.#dropLeases();
    await memory.turn.run(async () => {
      const held = memory.held;
      if (held.length === 0 || this.#closed) return;
      memory.held = [];
      await intakeCall(() => intake.revoked(held));
    });
  }

  /** Called within kafkajs' join event, before it can fetch: takes the new leases and holds all of them back. */
  joined(byTopic: Readonly<Record<string, readonly number[]>>): void {
    this.#dropLeases();
    if (this.#closed) return;
    for (const [topic, partitions] of Object.entries(byTopic)) {
      for (const partition of partitions) {
        const ref = { source: this.#deps.settings.name, topic, partition };
        const lease = { ref, current: true, placed: false, next: Number.NaN, skippedTo: -1, soughtFor: -1 };
        this.#leases.set(partitionKey(ref), lease);
      }
      this.#deps.consumer.pause([{ topic, partitions: [...partitions] }]);
    }
  }

  /**
   * Asks the intake where the leased partitions resume that are not placed yet, sends the consumer there and lets them
   * flow. A partition without a leader stays held back, and the intake does not hear of it: it would wait for it.
   * Returns how many flow. Null = overtaken by the next rebalance.
   */
  async place(): Promise<number | null> {
    const all = [...this.#leases.values()];
    return await this.#deps.memory.turn.run(async () => {
      if (this.#isStale(all)) return null;
      const found = await this.#findReadable(all.filter((lease) => !lease.placed));
      if (this.#isStale(all)) return null;
      if (found.length > 0) {
        const refs = found.map(({ lease }) => lease.ref);
        const { memory } = this.#deps;
        memory.held = [...memory.held.filter((ref) => !refs.some((one) => isSame(one, ref))), ...refs];
        const positions = await intakeCall(() => this.#deps.intake.assigned(refs));
        if (this.#isStale(all)) return null;
        found.forEach(({ lease, bounds, atTime }, i) => {
          this.#placeOne(lease, positions[i] ?? null, bounds, atTime);
        });
        for (const { lease, bounds } of found)
          if (lease.next >= bounds.high) await this.#accept(lease, [], 0, null);
      }
      return all.length - this.unplaced.length;
    });
  }

  async #findReadable(leases: readonly Lease[]): Promise<Readable[]> {
    const offsets = new Map<string, TopicOffsets>();
    for (const { ref } of leases) {
      if (!offsets.has(ref.topic)) offsets.set(ref.topic, await this.#deps.offsets(ref.topic));
    }
    return leases.flatMap((lease) => {
      const { topic, partition } = lease.ref;
      const bounds = offsets.get(topic)?.bounds.get(partition);
      if (bounds === undefined) return [];
      return [{ lease, bounds, atTime: offsets.get(topic)?.atTime.get(partition) ?? bounds.high }];
    });
  }

  /** Partitions that are leased and wait for `place`. */
  get unplaced(): readonly PartitionRef[] {
    return [...this.#leases.values()].filter((lease) => !lease.placed).map((lease) => lease.ref);
  }

  /** Holds a partition back that cannot be fetched, until `place` finds it readable again; it then goes on where it was. */
  holdBack(topic: string, partition: number): void {
    const lease = this.#leases.get(keyOf(topic, partition));
    if (lease === undefined || !lease.placed) return;
    lease.placed = false;
    this.#deps.consumer.pause([{ topic, partitions: [partition] }]);
  }

  /** Hands a fetched batch to the intake in chunks. What is not resolved when it returns is fetched again. */
  async deliver({ batch, resolveOffset, heartbeat }: EachBatchPayload): Promise<void> {
    const lease = this.#leases.get(keyOf(batch.topic, batch.partition));
    if (lease === undefined || !lease.placed || !this.#continues(lease, batch)) return;
    const after = Number(batch.lastOffset()) + 1;
    const highWatermark = Number(batch.highWatermark);
    const end = batch.messages.length;
    const beat = new Heartbeat(heartbeat, this.#deps.settings.sessionTimeoutMs / 10);
    try {
      for (let at = 0; at < end; ) {
        const chunk: Chunk = takeChunk(batch.messages, at, highWatermark);
        const isLast = chunk.end === end;
        const nextOffset = isLast ? after : Number(batch.messages[chunk.end - 1]!.offset) + 1;
        const waiting = Math.max(0, highWatermark - nextOffset);
        const accepted = await this.#deps.memory.turn.run(() =>
          this.#accept(lease, chunk.messages, waiting, chunk.defect),
        );
        if (!accepted) return;
        const lastOffset = batch.messages[chunk.end - 1]!.offset;
        this.#advance(lease, nextOffset);
        if (!lease.current || !lease.placed) return;
        resolveOffset(lastOffset);
        at = chunk.end;
        if (isLast) this.#deps.handedOver(batch.messages);
        await beat.check();
        // Lets sockets be read meanwhile: the next fetch is on its way.
        await nextTurn();
        if (this.#deps.memory.paused.has(partitionKey(lease.ref))) return;
      }
    } finally {
      beat.stop();
    }
  }

  /** kafkajs stepped over a fetch in which there was nothing to deliver: transaction markers or aborted messages. */
  async stepOver(topic: string, partition: number, lastOffset: number, highWatermark: number): Promise<void> {
    const lease = this.#leases.get(keyOf(topic, partition));
    if (lease === undefined || !lease.placed) return;
    lease.skippedTo = lastOffset + 1;
    if (lease.skippedTo < highWatermark) return;
    await this.#deps.memory.turn.run(() => this.#accept(lease, [], 0, null));
  }

  /** Brings the consumer's pauses in line with `memory.paused`, of which `before` was the last state. */
  applyPauses(before: ReadonlySet<string>): void {
    const { consumer, memory } = this.#deps;
    for (const [key, lease] of this.#leases) {
      if (!lease.placed || before.has(key) === memory.paused.has(key)) continue;
      const change = [{ topic: lease.ref.topic, partitions: [lease.ref.partition] }];
      if (memory.paused.has(key)) consumer.pause(change);
      else consumer.resume(change);
    }
  }

  isPlaced(ref: PartitionRef): boolean {
    return this.#leases.get(partitionKey(ref))?.placed === true;
  }

  #dropLeases(): void {
    for (const lease of this.#leases.values()) lease.current = false;
    this.#leases = new Map();
  }

  #isStale(leases: readonly Lease[]): boolean {
    return this.#closed || leases.some((lease) => !lease.current);
  }

  #placeOne(lease: Lease, known: PartitionPosition | null, bounds: Bounds, atTime: number): void {
    const { settings, memory, consumer, counters } = this.#deps;
    const { topic, partition } = lease.ref;
    const key = partitionKey(lease.ref);
    const remembered = memory.next.get(key);
    const fresh = partition >= (memory.partitionsAtStart.get(topic) ?? 0);
    const start =
      known === null && remembered !== undefined
        ? clampStart(remembered, bounds)
        : chooseStart(known, bounds, fresh, settings.start, atTime);
    if (start.warning !== null) {
      counters.lostMessages += start.lost;
      settings.logger.warn({ source: settings.name, topic, partition, hint: LOST_HINT }, start.warning);
    }
    this.#advance(lease, start.offset);
    consumer.seek({ topic, partition, offset: String(start.offset) });
    lease.placed = true;
    if (!memory.paused.has(key)) consumer.resume([{ topic, partitions: [partition] }]);
  }

  /** True when the batch starts where the lease's last one ended. If not, the consumer is sent back there, once. */
  #continues(lease: Lease, batch: KafkajsBatch): boolean {
    const fetched = fetchedFrom(batch);
    if (fetched === lease.next) return true;
    const { settings, consumer } = this.#deps;
    const { topic, partition } = lease.ref;
    if (fetched === lease.skippedTo && fetched > lease.next) return true;
    if (lease.soughtFor === lease.next) {
      const fields = { source: settings.name, topic, partition, expected: lease.next, got: fetched };
      settings.logger.warn(
        fields,
        'the broker no longer has the expected offset; going on at the one it gives',
      );
      return true;
    }
    lease.soughtFor = lease.next;
    consumer.seek({ topic, partition, offset: String(lease.next) });
    return false;
  }

  #advance(lease: Lease, next: number): void {
    lease.next = next;
    this.#deps.memory.next.set(partitionKey(lease.ref), next);
  }

  /** False when the lease ended while the call waited for its turn. */
  async #accept(
    lease: Lease,
    messages: Batch['messages'],
    waiting: number,
    defect: BatchDefect | null,
  ): Promise<boolean> {
    if (!lease.current || this.#closed) return false;
    const { settings, intake } = this.#deps;
    if (defect !== null) this.#tellUnreadable(lease.ref, messages, defect);
    const base = {
      partition: lease.ref,
      messages,
      caughtUp: waiting === 0,
      waiting,
      ...(messages.length === 0 ? { nextOffset: lease.next } : {}),
      encoding: defect === null ? settings.encoding : 'otlp_proto',
    } as const;
    const batch: Batch =
      settings.defaultService === '' ? base : { ...base, defaultService: settings.defaultService };
    await intakeCall(() => intake.accept(batch));
    return true;
  }

  #tellUnreadable(ref: PartitionRef, messages: Batch['messages'], defect: BatchDefect): void {
    const { settings } = this.#deps;
    const { topic, partition } = ref;
    const { offset } = messages[0]!;
    const fields = { source: settings.name, topic, partition, offset, messages: messages.length, defect };
    settings.logger.error(fields, UNREADABLE[defect]);
  }
}

const LOST_HINT =
  'retention deleted what had not been read yet: let winnow run without long breaks, or raise retention.ms of the topic';

const UNREADABLE: Readonly<Record<BatchDefect, string>> = {
  checksum: 'a record batch has a wrong checksum, twice; its messages are counted as malformed',
  compression: 'a record batch cannot be decompressed; its messages are counted as malformed',
  limit: 'a record batch grows beyond what one may; its messages are counted as malformed',
};

function isSame(a: PartitionRef, b: PartitionRef): boolean {
  return a.topic === b.topic && a.partition === b.partition;
}

export function partitionKey(ref: PartitionRef): string {
  return keyOf(ref.topic, ref.partition);
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/** kafkajs knows where the fetch began but leaves it out of its types. */
function fetchedFrom(batch: KafkajsBatch): number {
  const { fetchedOffset } = batch as KafkajsBatch & { fetchedOffset?: string };
  return Number(fetchedOffset ?? batch.firstOffset());
}

async function intakeCall<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw new IntakeFailure('intake failed', { cause: error });
  }
}
