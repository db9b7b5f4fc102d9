import type { FetchRequest } from './fetch-ahead.ts';
import { FetchGuard } from './fetch-guard.ts';
import { type FetchedMessage, FetchMemory } from './fetch-memory.ts';
import { FetchSize } from './fetch-size.ts';

/**
 * What a consumer does about each fetch, in the order in which it happens: how much is asked for, what is let through, what
 * becomes of its memory.
 */
export class Fetching {
  readonly #guard: FetchGuard;
  readonly #size = new FetchSize();
  readonly #memory = new FetchMemory();

  constructor(checksCrc: boolean) {
    this.#guard = new FetchGuard(checksCrc);
  }

  /** The request to send instead. */
  asked(request: FetchRequest): FetchRequest {
    return this.#size.limit(request);
  }

  /** Before kafkajs decodes the response; its bytes may be changed. */
  fetched(response: Buffer, apiVersion: number): void {
    this.#size.learnBatch(this.#guard.inspect(response, apiVersion));
  }

  /** `messages` are those of each partition of the response; nothing else of it is used from here on. */
  decoded(response: Buffer, messages: readonly (readonly FetchedMessage[])[]): void {
    this.#size.learnGrowth(response, messages);
    this.#memory.lend(response, messages);
  }

  /** The intake has had these messages of one partition. */
  handedOver(messages: readonly FetchedMessage[]): void {
    this.#memory.takeBack(messages);
  }
}
