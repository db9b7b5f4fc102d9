import type { Batch, Intake, PartitionPosition, PartitionRef } from '../../src/contracts.ts';

/** One message as it reached the intake. */
export interface Caught {
  readonly offset: number;
  readonly value: Buffer;
  readonly referenceTimeMs: number;
  readonly encoding: string;
}

/**
 * A small real intake: keeps every message by partition, answers `assigned` from what it has, as a worker with a durable
 * store would. Two of them that share a `positions` map act as workers on one store.
 */
export class CatchIntake implements Intake {
  readonly caught = new Map<string, Caught[]>();
  /** `topic/partition` → next offset. */
  readonly positions: Map<string, PartitionPosition>;
  readonly assignments: string[][] = [];
  readonly revocations: string[][] = [];
  readonly caughtUp = new Map<string, boolean>();
  readonly defaultServices = new Set<string | undefined>();
  batches = 0;
  batchMessagesMax = 0;
  /** Awaited in every `accept`; a test's way to be slow or to fail. */
  onAccept: (batch: Batch) => Promise<void> = async () => undefined;
  /** True: what was accepted becomes durable only in `revoked`, and slowly, as with a worker's checkpoint. */
  durableLate = false;
  readonly #read = new Map<string, PartitionPosition>();
  /** Awaited in every `revoked`, before it takes effect. */
  onRevoked: () => Promise<void> = async () => undefined;
  #waiting: { ready: () => boolean; resolve: () => void }[] = [];
  #inCall = false;

  constructor(positions: Map<string, PartitionPosition> = new Map()) {
    this.positions = positions;
  }

  async accept(batch: Batch): Promise<void> {
    await this.#alone(async () => {
      await this.onAccept(batch);
      const key = keyOf(batch.partition);
      const list = this.caught.get(key) ?? [];
      this.caught.set(key, list);
      for (const { offset, value, referenceTimeMs } of batch.messages) {
        list.push({ offset, value: Buffer.from(value), referenceTimeMs, encoding: batch.encoding });
      }
      const last = batch.messages.at(-1);
      if (last !== undefined) {
        this.#read.set(key, positionAt(batch.partition, last.offset + 1));
        if (!this.durableLate) this.setPosition(batch.partition, last.offset + 1);
      }
      this.caughtUp.set(key, batch.caughtUp);
      this.defaultServices.add(batch.defaultService);
      this.batches++;
      this.batchMessagesMax = Math.max(this.batchMessagesMax, batch.messages.length);
    });
    this.#wake();
  }

  async assigned(partitions: readonly PartitionRef[]): Promise<readonly (PartitionPosition | null)[]> {
    return await this.#alone(async () => {
      this.assignments.push(partitions.map(keyOf));
      this.#wake();
      return partitions.map((ref) => this.positions.get(keyOf(ref)) ?? null);
    });
  }

  async revoked(partitions: readonly PartitionRef[]): Promise<void> {
    await this.#alone(async () => {
      this.revocations.push(partitions.map(keyOf));
      await this.onRevoked();
      if (!this.durableLate) return;
      await new Promise((resolve) => setTimeout(resolve, 300));
      for (const key of partitions.map(keyOf)) {
        const read = this.#read.get(key);
        if (read !== undefined) this.positions.set(key, read);
      }
    });
    this.#wake();
  }

  async finished(): Promise<void> {
    throw new Error('a kafka partition never finishes');
  }

  setPosition(ref: PartitionRef, next: number): void {
    this.positions.set(keyOf(ref), positionAt(ref, next));
  }

  get total(): number {
    let sum = 0;
    for (const list of this.caught.values()) sum += list.length;
    return sum;
  }

  offsets(topic: string, partition: number): number[] {
    return (this.caught.get(`${topic}/${partition}`) ?? []).map((message) => message.offset);
  }

  /** Resolves when the condition holds; it is looked at after every call. The test's own time limit ends a wait in vain. */
  async until(ready: () => boolean): Promise<void> {
    if (ready()) return;
    await new Promise<void>((resolve) => this.#waiting.push({ ready, resolve }));
  }

  #wake(): void {
    this.#waiting = this.#waiting.filter(({ ready, resolve }) => {
      if (!ready()) return true;
      resolve();
      return false;
    });
  }

  /** A source must never have two calls under way. */
  async #alone<T>(call: () => Promise<T>): Promise<T> {
    if (this.#inCall) throw new Error('two calls of the intake at once');
    this.#inCall = true;
    try {
      return await call();
    } finally {
      this.#inCall = false;
    }
  }
}

function keyOf(ref: PartitionRef): string {
  return `${ref.topic}/${ref.partition}`;
}

function positionAt(ref: PartitionRef, next: number): PartitionPosition {
  return { ...ref, resumeAt: next, readTo: next, maxTimeMs: null };
}
