import type { FetchRequest } from './fetch-ahead.ts';
import type { FetchedMessage } from './fetch-memory.ts';

/**
 * What a fetch may grow to, bytes of messages. kafkajs decompresses all of a fetch before it hands on any: that is how much
 * memory comes and goes with each. V8 collects garbage when 8 MiB more are in use than before.
 */
const GROWN_BYTES = 6 * 1024 * 1024;
/** Least that is asked of a partition: less is not worth a request. */
const PARTITION_BYTES_MIN = 128 * 1024;
/** Weight of the newest fetch. */
const NEWEST = 0.25;

/**
 * How much to ask of each partition of a consumer, from what fetches have grown to: compressed logs grow five to twenty
 * times. Each partition is asked for equally much, so that none waits for the others.
 */
export class FetchSize {
  /** Bytes of messages for each byte of a response. */
  #growth = 1;

  /** `messages` are those of each partition of the response. */
  learn(response: Uint8Array, messages: readonly (readonly FetchedMessage[])[]): void {
    let bytes = 0;
    for (const list of messages) for (const { value } of list) bytes += value?.length ?? 0;
    if (bytes === 0) return;
    this.#growth += NEWEST * (Math.max(1, bytes / response.length) - this.#growth);
  }

  /** Asks for no more than the request does, and for whole batches all the same: a broker sends the first one whatever its size. */
  limit(request: FetchRequest): FetchRequest {
    const partitions = request.topics.reduce((sum, topic) => sum + topic.partitions.length, 0);
    const most = Math.max(PARTITION_BYTES_MIN, Math.floor(GROWN_BYTES / this.#growth / partitions));
    const topics = request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((one) => ({ ...one, maxBytes: Math.min(one.maxBytes, most) })),
    }));
    return { ...request, topics };
  }
}
