import { isAlone, isLarge, release } from '../../kafka/kafkajs-memory.ts';

/** The parts of a decoded fetch response that say where its messages lie. */
interface Decoded {
  readonly responses: readonly {
    readonly partitions: readonly {
      readonly messages: readonly { readonly value: Uint8Array | null }[];
    }[];
  }[];
}

/** The memory of what one broker answered last: the response, and each batch of it that was decompressed. */
export class AnswerMemory {
  readonly #held = new Set<ArrayBufferLike>();

  hold(response: Uint8Array, { responses }: Decoded): void {
    if (isAlone(response)) this.#held.add(response.buffer);
    let last: ArrayBufferLike = response.buffer;
    for (const { partitions } of responses)
      for (const { messages } of partitions)
        for (const { value } of messages) {
          // Messages of one batch follow each other; one that was not compressed lies in the response.
          if (value === null || value.buffer === last || value.buffer === response.buffer) continue;
          last = value.buffer;
          if (isLarge(value)) this.#held.add(last);
        }
  }

  /** Nobody may look at the messages any more: they are empty from here on. */
  free(): void {
    for (const memory of this.#held) release(memory);
    this.#held.clear();
  }
}
