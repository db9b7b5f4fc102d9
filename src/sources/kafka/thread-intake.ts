import type { Batch, Intake, PartitionPosition, PartitionRef } from '../../contracts.ts';
import { BufferPool } from './buffer-pool.ts';
import { packBatch, packedBytes } from './packed-batch.ts';
import {
  type FromThread,
  type Question,
  receiveError,
  type SentError,
  type ToThread,
} from './thread-protocol.ts';

/**
 * Batches that are sent and not yet counted: what is counted while a fetch is decompressed, which takes as long as counting
 * some of them. Together with the next one, which is made meanwhile, as many buffers go back and forth.
 */
export const UNDERWAY_MAX = 5;
/** Bytes of them; a batch that is larger goes alone. */
const UNDERWAY_BYTES_MAX = 6 * 1024 * 1024;

/** Sends one message; what is listed is handed over and gone from here. */
export type Send = (message: FromThread, handedOver: readonly ArrayBuffer[]) => void;

/**
 * The intake as the reading thread sees it. `accept` resolves as soon as the batch is on its way, so that the next one is
 * fetched, checked and decompressed while it is counted; what is asked for is answered behind all batches sent before.
 * Invariant: the worker's thread gets batches and questions in the order in which they were put here.
 */
export class ThreadIntake implements Intake {
  readonly #send: Send;
  readonly #pool = new BufferPool(UNDERWAY_MAX + 1);
  readonly #answers = new Map<number, PromiseWithResolvers<unknown>>();
  /** Sizes of the batches under way, in their order. */
  readonly #underway: number[] = [];
  #counted = Promise.withResolvers<void>();
  #isRefused = false;
  #lastId = 0;

  constructor(send: Send) {
    this.#send = send;
  }

  async accept(batch: Batch): Promise<void> {
    const bytes = batch.messages.length === 0 ? 0 : packedBytes(batch.messages);
    while (!this.#isRefused && !this.#hasRoom(bytes)) await this.#counted.promise;
    if (this.#isRefused) throw new Error('the intake has failed');
    const packed = packBatch(batch, bytes === 0 ? null : this.#pool.take(bytes));
    this.#underway.push(bytes);
    this.#send({ kind: 'batch', packed }, packed.buffer === null ? [] : [packed.buffer]);
  }

  async assigned(partitions: readonly PartitionRef[]): Promise<readonly (PartitionPosition | null)[]> {
    return (await this.ask({ ask: 'assigned', partitions })) as readonly (PartitionPosition | null)[];
  }

  async revoked(partitions: readonly PartitionRef[]): Promise<void> {
    await this.ask({ ask: 'revoked', partitions });
  }

  async finished(): Promise<void> {
    throw new Error('BUG: a partition of Kafka never ends');
  }

  async ask(question: Question): Promise<unknown> {
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    this.#answers.set(id, answer);
    this.#send({ kind: 'question', id, question }, []);
    return await answer.promise;
  }

  /** Takes what the worker's thread says to any of this. */
  receive(message: ToThread): void {
    switch (message.kind) {
      case 'counted':
        this.#underway.shift();
        if (message.buffer !== null) this.#pool.give(message.buffer);
        this.#wake();
        break;
      case 'refused':
        this.#isRefused = true;
        this.#wake();
        break;
      case 'answer':
        this.#take(message.id)?.resolve(message.value);
        break;
      case 'failure':
        this.#fail(message.id, message.error);
        break;
    }
  }

  #fail(id: number, error: SentError): void {
    this.#take(id)?.reject(receiveError(error));
  }

  #take(id: number): PromiseWithResolvers<unknown> | undefined {
    const answer = this.#answers.get(id);
    this.#answers.delete(id);
    return answer;
  }

  #wake(): void {
    this.#counted.resolve();
    this.#counted = Promise.withResolvers<void>();
  }

  #hasRoom(bytes: number): boolean {
    if (this.#underway.length === 0) return true;
    if (this.#underway.length >= UNDERWAY_MAX) return false;
    return this.#underway.reduce((sum, one) => sum + one, bytes) <= UNDERWAY_BYTES_MAX;
  }
}
