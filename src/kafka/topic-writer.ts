import kafkajs, { type Kafka, type Message, type Producer } from 'kafkajs';
import { WinnowError } from '../errors.ts';
import { createClient } from './client.ts';
import type { KafkaConnection } from './connection.ts';
import { describeFailure, hasErrorType, type KafkaPurpose } from './failures.ts';
import { topicExists } from './topics.ts';

export interface TopicWriterOptions extends KafkaConnection {
  readonly topic: string;
  /** True: a missing topic is created with the brokers' own defaults. */
  readonly createTopic: boolean;
}

/** Code of an error that the same messages meet again: they are larger than the topic takes. */
export const TOO_LARGE_FOR_TOPIC = 'WINNOW_KAFKA_TOO_LARGE';

/** What letting go of a connection may take; brokers that are away do not answer. */
const DISCONNECT_MS_MAX = 2_000;

/**
 * Writes to one topic: acknowledged by all replicas, no message twice through a retry of one `write`, order kept within a
 * partition. A producer serves until its first failure and is then replaced: its sequence numbers no longer tell whether
 * the brokers have what it sent, and a new batch under an old number would be taken for a repetition and dropped.
 */
export class TopicWriter {
  readonly #options: TopicWriterOptions;
  readonly #purpose: KafkaPurpose;
  /** Rejects the write under way. */
  #abandon: () => void = () => undefined;
  #isStopped = false;
  #producer: Producer | null = null;

  constructor(options: TopicWriterOptions) {
    this.#options = options;
    this.#purpose = {
      action: `write to kafka topic ${options.topic}`,
      // KIP-679: since Kafka 2.8 the right to write to a topic includes idempotent writing.
      authorisationHint: `grant the user Write and Describe on topic ${options.topic} (before Kafka 2.8 also IdempotentWrite on the cluster)`,
    };
  }

  /** Called once at a time. Rejects with a WinnowError when not all was acknowledged; some may be written all the same. */
  async write(messages: Message[]): Promise<void> {
    if (this.#isStopped) throw this.#stoppedError();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#abandon = () => reject(this.#stoppedError());
    // After a stop the client gives up on its own, unheard: it may wait for a broker for half a minute.
    this.#send(messages).then(resolve, reject);
    await promise;
  }

  /** Ends a write under way by rejecting it. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#abandon();
    await this.#letGo();
  }

  async #send(messages: Message[]): Promise<void> {
    try {
      this.#producer ??= await this.#connect();
      await this.#producer.send({ topic: this.#options.topic, acks: -1, messages });
    } catch (error) {
      await this.#letGo();
      if (TOO_LARGE.some((type) => hasErrorType(error, type))) throw this.#tooLarge(error);
      throw describeFailure(error, this.#purpose);
    }
  }

  async #connect(): Promise<Producer> {
    const client = createClient(this.#options);
    await this.#requireTopic(client);
    const producer = client.producer({
      // The Java client's: a key goes to the same partition whoever writes it.
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
    });
    await producer.connect();
    if (!this.#isStopped) return producer;
    await endConnection(producer);
    throw this.#stoppedError();
  }

  async #requireTopic(client: Kafka): Promise<void> {
    const { topic, createTopic, logger } = this.#options;
    const admin = client.admin();
    try {
      await admin.connect();
      if (await topicExists(admin, topic)) return;
      if (!createTopic) throw missingTopic(topic, null);
      await admin.createTopics({ topics: [{ topic }], waitForLeaders: true }).catch((cause: unknown) => {
        throw missingTopic(topic, cause);
      });
      logger.info({ topic }, 'created a topic to write to');
    } finally {
      await endConnection(admin);
    }
  }

  async #letGo(): Promise<void> {
    const producer = this.#producer;
    this.#producer = null;
    if (producer !== null) await endConnection(producer);
  }

  #stoppedError(): WinnowError {
    return new WinnowError('WINNOW_KAFKA_STOPPED', `${this.#purpose.action}: it was stopped`, {
      retryable: true,
    });
  }

  #tooLarge(cause: unknown): WinnowError {
    const text = cause instanceof Error ? cause.message : String(cause);
    return new WinnowError(TOO_LARGE_FOR_TOPIC, `${this.#purpose.action}: ${text}`, {
      cause,
      hint: `raise max.message.bytes of topic ${this.#options.topic}`,
    });
  }
}

const TOO_LARGE = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];

function missingTopic(topic: string, cause: unknown): WinnowError {
  const why = cause === null ? 'createTopic is off' : `creating it failed: ${reasonOf(cause)}`;
  return new WinnowError(
    'WINNOW_KAFKA_TOPIC_MISSING',
    `write to kafka topic ${topic}: it does not exist, and ${why}`,
    {
      retryable: true,
      hint: `create it: kafka-topics.sh --bootstrap-server HOST:PORT --create --topic ${topic} --partitions 3`,
      ...(cause === null ? {} : { cause }),
    },
  );
}

/** kafkajs reports a list of errors for a list of topics; ours has one. */
function reasonOf(cause: unknown): string {
  const first = (cause as { errors?: readonly unknown[] }).errors?.[0] ?? cause;
  return first instanceof Error ? first.message : String(first);
}

async function endConnection(connection: { disconnect(): Promise<void> }): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, DISCONNECT_MS_MAX);
  await Promise.race([connection.disconnect().catch(() => undefined), promise]);
  clearTimeout(timer);
}
