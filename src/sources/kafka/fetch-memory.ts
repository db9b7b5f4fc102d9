/** The part of a message of kafkajs that says where it lies. */
export interface FetchedMessage {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}

/**
 * The memory of fetches: of each response, and of each batch in it that was decompressed. V8 would find it only after a
 * collection, and begins one for every few megabytes of it: more than half of what reading costs a small heap. So it is
 * given back when the intake has had the last message in it. Where that never happens, because a batch is dropped and
 * fetched again, it is left to the collector.
 * Invariant: memory is given back only after every message in it was handed over.
 */
export class FetchMemory {
  /** How many runs of messages lie in it that are not handed over yet. */
  readonly #lent = new WeakMap<ArrayBufferLike, number>();

  /** `messages` are those of each partition of the response, which is decoded: only they are looked at from here on. */
  lend(response: Uint8Array, messages: readonly (readonly FetchedMessage[])[]): void {
    const { buffer } = response;
    // Something else lies beside the response.
    if (!isAlone(response)) this.#lent.set(buffer, Number.POSITIVE_INFINITY);
    for (const list of messages)
      forEachRun(list, (memory) => this.#lent.set(memory, (this.#lent.get(memory) ?? 0) + 1));
    if (!this.#lent.has(buffer)) release(buffer);
  }

  /** Of messages that were lent, or of some of them; not twice. */
  takeBack(messages: readonly FetchedMessage[]): void {
    forEachRun(messages, (memory) => {
      const left = (this.#lent.get(memory) ?? Number.POSITIVE_INFINITY) - 1;
      this.#lent.set(memory, left);
      if (left === 0) release(memory);
    });
  }
}

/** Smaller memory may be shared: Node.js cuts small buffers from common ones. */
const OWN_BYTES_MIN = 128 * 1024;

/** Calls `visit` whenever a message lies in another memory than the one before it. Some of the messages have no more runs than all. */
function forEachRun(messages: readonly FetchedMessage[], visit: (memory: ArrayBufferLike) => void): void {
  let last: ArrayBufferLike | null = null;
  for (const { key, value } of messages) {
    const memory = (value ?? key)?.buffer;
    if (memory === undefined || memory === last) continue;
    last = memory;
    if (memory.byteLength >= OWN_BYTES_MIN) visit(memory);
  }
}

/** True when its memory holds nothing else but the length and number in front of it. https://kafka.apache.org/protocol#protocol_common */
function isAlone(response: Uint8Array): boolean {
  return (
    response.buffer.byteLength >= OWN_BYTES_MIN && response.buffer.byteLength === response.byteLength + 8
  );
}

/** Every view of it is empty from then on. Node.js 20 cannot; there the collector does it. */
function release(memory: ArrayBufferLike): void {
  if (memory instanceof ArrayBuffer && 'transfer' in memory) memory.transfer(0);
}
