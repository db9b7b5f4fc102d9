import type { FetchRequest } from './fetch-ahead.ts';
import type { FetchedMessage } from './fetch-memory.ts';

/**
 * What a fetch may grow to, bytes of messages. kafkajs decompresses all of a fetch before it hands on any: that is how much
 * memory comes and goes with each. V8 collects garbage when 8 MiB more are in use than before
 * (`kRegularAllocationLimitGrowingStep`), memory of buffers included.
 */
const GROWN_BYTES = 6 * 1024 * 1024;
/** Least that is asked of a partition: less is not worth a request. */
const PARTITION_BYTES_MIN = 128 * 1024;
/** Weight of the newest fetch. */
const NEWEST = 0.25;

/** So many of the largest batch that was seen fit into what is asked for. */
const BATCHES_MIN = 2;

/**
 * How much to ask of each partition of a consumer, from what fetches have grown to: compressed logs grow five to twenty
 * times. Each partition is asked for equally much, and for whole batches: a broker gives nothing of a partition whose next
 * batch is larger than what is asked for, as long as it has anything of another.
 */
export class FetchSize {
  /** Bytes of messages for each byte of a response. */
  #growth = 1;
  #largestBatch = 0;

  /** Bytes of the largest batch of a response, as sent. */
  learnBatch(bytes: number): void {
    this.#largestBatch = Math.max(this.#largestBatch, bytes);
  }

  /** `messages` are those of each partition of the response. */
  learnGrowth(response: Uint8Array, messages: readonly (readonly FetchedMessage[])[]): void {
    let bytes = 0;
    for (const list of messages) for (const { value } of list) bytes += value?.length ?? 0;
    if (bytes === 0) return;
    this.#growth += NEWEST * (Math.max(1, bytes / response.length) - this.#growth);
  }

  /** Never asks for more than the request does. */
  limit(request: FetchRequest): FetchRequest {
    const partitions = request.topics.reduce((sum, topic) => sum + topic.partitions.length, 0);
    const share = Math.floor(GROWN_BYTES / this.#growth / partitions);
    const most = Math.max(PARTITION_BYTES_MIN, BATCHES_MIN * this.#largestBatch, share);
    const topics = request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((one) => ({ ...one, maxBytes: Math.min(one.maxBytes, most) })),
    }));
    return { ...request, topics };
  }
}
