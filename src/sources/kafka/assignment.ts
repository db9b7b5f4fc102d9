import type { Consumer, EachBatchPayload, Batch as KafkajsBatch } from 'kafkajs';
import type { Batch, Intake, PartitionRef } from '../../contracts.ts';
import { type Chunk, takeChunk } from './chunks.ts';
import type { TopicOffsets } from './offsets.ts';
import type { KafkaSettings } from './options.ts';
import { chooseStart, clampStart } from './start.ts';
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

export interface AssignmentDeps {
  readonly settings: KafkaSettings;
  readonly intake: Intake;
  readonly memory: ReadingMemory;
  readonly consumer: Pick<Consumer, 'seek' | 'pause' | 'resume'>;
  readonly offsets: (topic: string) => Promise<TopicOffsets>;
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

  /** Asks the intake where the leased partitions resume, sends the consumer there and lets them flow. Null = overtaken by the next rebalance. */
  async place(): Promise<number | null> {
    const leases = [...this.#leases.values()];
    return await this.#deps.memory.turn.run(async () => {
      if (this.#isStale(leases)) return null;
      if (leases.length === 0) return 0;
      const refs = leases.map((lease) => lease.ref);
      this.#deps.memory.held = refs;
      const positions = await intakeCall(() => this.#deps.intake.assigned(refs));
      const offsets = new Map<string, TopicOffsets>();
      for (const { ref } of leases) {
        if (!offsets.has(ref.topic)) offsets.set(ref.topic, await this.#deps.offsets(ref.topic));
      }
      if (this.#isStale(leases)) return null;
      const atEnd: Lease[] = [];
      leases.forEach((lease, i) => {
        const high = this.#placeOne(lease, positions[i] ?? null, offsets.get(lease.ref.topic)!);
        if (lease.next >= high) atEnd.push(lease);
      });
      for (const lease of atEnd) await this.#accept(lease, [], 0, false);
      return leases.length;
    });
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
          this.#accept(lease, chunk.messages, waiting, chunk.corrupt),
        );
        if (!accepted) return;
        const lastOffset = batch.messages[chunk.end - 1]!.offset;
        this.#advance(lease, nextOffset);
        if (!lease.current) return;
        resolveOffset(lastOffset);
        at = chunk.end;
        await beat.check();
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
    await this.#deps.memory.turn.run(() => this.#accept(lease, [], 0, false));
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

  /** Returns the partition's end. */
  #placeOne(lease: Lease, known: Parameters<typeof chooseStart>[0], offsets: TopicOffsets): number {
    const { settings, memory, consumer } = this.#deps;
    const { topic, partition } = lease.ref;
    const key = partitionKey(lease.ref);
    const bounds = offsets.bounds.get(partition) ?? { low: 0, high: 0 };
    const remembered = memory.next.get(key);
    const fresh = partition >= (memory.partitionsAtStart.get(topic) ?? 0);
    const start =
      known === null && remembered !== undefined
        ? clampStart(remembered, bounds)
        : chooseStart(known, bounds, fresh, settings.start, offsets.atTime.get(partition) ?? bounds.high);
    if (start.warning !== null)
      settings.logger.warn({ source: settings.name, topic, partition }, start.warning);
    this.#advance(lease, start.offset);
    consumer.seek({ topic, partition, offset: String(start.offset) });
    lease.placed = true;
    if (!memory.paused.has(key)) consumer.resume([{ topic, partitions: [partition] }]);
    return bounds.high;
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
    corrupt: boolean,
  ): Promise<boolean> {
    if (!lease.current || this.#closed) return false;
    const { settings, intake } = this.#deps;
    const { topic, partition } = lease.ref;
    if (corrupt) {
      const fields = {
        source: settings.name,
        topic,
        partition,
        offset: messages[0]!.offset,
        messages: messages.length,
      };
      settings.logger.error(
        fields,
        'a record batch cannot be decompressed; its messages are counted as malformed',
      );
    }
    const base = {
      partition: lease.ref,
      messages,
      caughtUp: waiting === 0,
      waiting,
      ...(messages.length === 0 ? { nextOffset: lease.next } : {}),
      encoding: corrupt ? 'otlp_proto' : settings.encoding,
    } as const;
    const batch: Batch =
      settings.defaultService === '' ? base : { ...base, defaultService: settings.defaultService };
    await intakeCall(() => intake.accept(batch));
    return true;
  }
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

/** Keeps the group membership alive while the intake takes its time, and between chunks. */
class Heartbeat {
  readonly #beat: () => Promise<void>;
  readonly #timer: NodeJS.Timeout;
  #failure: unknown = null;

  constructor(beat: () => Promise<void>, everyMs: number) {
    this.#beat = beat;
    this.#timer = setInterval(() => {
      beat().catch((error: unknown) => {
        this.#failure ??= error;
      });
    }, everyMs);
  }

  /** Throws what a heartbeat has met since the last call, a rebalance above all. */
  async check(): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    await this.#beat();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
