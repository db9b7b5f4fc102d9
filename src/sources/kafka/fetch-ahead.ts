/** A request of kafkajs for the next messages of some partitions of one broker. */
export interface FetchRequest {
  readonly topics: readonly { readonly topic: string; readonly partitions: readonly FetchPartition[] }[];
}

export interface FetchPartition {
  readonly partition: number;
  readonly fetchOffset: string;
  readonly maxBytes: number;
}

/** What kafkajs makes of the answer. */
export interface FetchAnswer {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly AnsweredPartition[];
  }[];
}

interface AnsweredPartition {
  readonly partition: number;
  readonly highWatermark: string;
  readonly messages: readonly { readonly offset: string }[];
}

/** Sends a request. The answer is decoded once `wanted` resolves to true; until then it is held as it was sent. */
export type SendFetch = (request: FetchRequest, wanted: Promise<boolean>) => Promise<FetchAnswer>;

/** A request that was sent before it was asked for. */
interface Ahead {
  readonly request: FetchRequest;
  readonly sentMs: number;
  readonly answer: Promise<FetchAnswer | null>;
  readonly decide: (wanted: boolean) => void;
}

/**
 * Asks one broker for what comes next while what it gave is worked on: kafkajs itself asks only afterwards, and broker and
 * worker wait for each other. An answer serves the partitions that are then asked for at just those offsets; of others it is
 * as if they had not been in it. It serves no one if it is old: a log may have been cut off by then.
 * Invariant: kafkajs sees nothing that the broker would not have answered to its own request.
 */
export class FetchAhead {
  readonly #send: SendFetch;
  #ahead: Ahead | null = null;

  constructor(send: SendFetch) {
    this.#send = send;
  }

  async fetch(request: FetchRequest): Promise<FetchAnswer> {
    const answer = (await this.#takeAhead(request)) ?? (await this.#send(request, Promise.resolve(true)));
    const next = following(request, answer);
    if (next !== null) this.#ahead = this.#sendAhead(next);
    return answer;
  }

  #sendAhead(request: FetchRequest): Ahead {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    // If it fails, kafkajs' own request meets the same, and kafkajs deals with it.
    const answer = this.#send(request, promise).catch(() => null);
    return { request, sentMs: performance.now(), answer, decide: resolve };
  }

  async #takeAhead(request: FetchRequest): Promise<FetchAnswer | null> {
    const ahead = this.#ahead;
    this.#ahead = null;
    if (ahead === null) return null;
    const served = offsetsOf(ahead.request);
    for (const [key, offset] of offsetsOf(request)) if (served.get(key) === offset) served.set(key, SERVED);
    const isServed = (topic: string, partition: number): boolean =>
      served.get(keyOf(topic, partition)) === SERVED;
    const isUsable = [...served.values()].includes(SERVED) && performance.now() - ahead.sentMs < AGE_MS_MAX;
    ahead.decide(isUsable);
    const answer = isUsable ? await ahead.answer : null;
    if (answer === null) return null;
    const responses = answer.responses.map(({ topicName, partitions }) => ({
      topicName,
      partitions: partitions.filter(({ partition }) => isServed(topicName, partition)),
    }));
    return { ...answer, responses };
  }
}

/** Nobody knows what became of a partition's log since; work on one fetch takes a second or two at most. */
const AGE_MS_MAX = 10_000;

/** In the place of an offset. */
const SERVED = 'served';

/** What kafkajs will ask for when it has handed on all of this answer; null = there is nothing more yet. */
function following(request: FetchRequest, answer: FetchAnswer): FetchRequest | null {
  const read = new Map<string, AnsweredPartition>();
  for (const { topicName, partitions } of answer.responses)
    for (const one of partitions) read.set(keyOf(topicName, one.partition), one);
  let hasMore = false;
  const topics = request.topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((asked) => {
      const one = read.get(keyOf(topic, asked.partition));
      const last = one?.messages.at(-1);
      if (one === undefined || last === undefined) return asked;
      const next = BigInt(last.offset) + 1n;
      hasMore ||= next < BigInt(one.highWatermark);
      return { ...asked, fetchOffset: next.toString() };
    }),
  }));
  return hasMore ? { ...request, topics } : null;
}

function offsetsOf(request: FetchRequest): Map<string, string> {
  const offsets = new Map<string, string>();
  for (const { topic, partitions } of request.topics)
    for (const { partition, fetchOffset } of partitions) offsets.set(keyOf(topic, partition), fetchOffset);
  return offsets;
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
