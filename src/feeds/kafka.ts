import kafkajs, { type Admin, type Kafka, type Producer } from 'kafkajs';
import type { Delivery, Feed } from '../contracts.ts';
import { WinnowError } from '../errors.ts';
import { createClient } from '../kafka/client.ts';
import type { KafkaConnection } from '../kafka/connection.ts';
import { describeFailure, hasErrorType, type KafkaPurpose } from '../kafka/failures.ts';
import { DELIVERY_REFUSED } from './feed-runner.ts';

export interface KafkaFeedOptions extends KafkaConnection {
  readonly name: string;
  readonly topic: string;
  /** True: a missing topic is created with the brokers' own defaults. */
  readonly createTopic: boolean;
}

/**
 * Structured mode of the Kafka binding, so that the value alone is the whole event.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md#33-structured-content-mode
 */
const CONTENT_TYPE = 'application/cloudevents+json; charset=UTF-8';

/** What letting go of a connection may take; brokers that are away do not answer. */
const DISCONNECT_MS_MAX = 2_000;

export function createKafkaFeed(options: KafkaFeedOptions): Feed {
  return new KafkaFeed(options);
}

/**
 * Writes each revision as one message whose key is that of its window's first revision: all revisions of a window are in
 * one partition, in order. A producer serves until its first failure and is then replaced: its sequence numbers no
 * longer tell whether the brokers have what it sent, and a new batch under an old number would be taken for a repetition.
 */
class KafkaFeed implements Feed {
  readonly name: string;
  readonly #options: KafkaFeedOptions;
  readonly #purpose: KafkaPurpose;
  readonly #stopping = Promise.withResolvers<never>();
  #isStopped = false;
  #producer: Producer | null = null;

  constructor(options: KafkaFeedOptions) {
    this.name = options.name;
    this.#options = options;
    this.#purpose = {
      action: `write to kafka topic ${options.topic}`,
      authorisationHint: `grant the user Write and Describe on topic ${options.topic}`,
    };
    this.#stopping.promise.catch(() => undefined);
  }

  async deliver(deliveries: readonly Delivery[]): Promise<void> {
    const work = this.#send(deliveries);
    // After a stop it fails on its own, unheard.
    work.catch(() => undefined);
    await Promise.race([work, this.#stopping.promise]);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopping.reject(this.#stoppedError());
    await this.#letGo();
  }

  async #send(deliveries: readonly Delivery[]): Promise<void> {
    try {
      this.#producer ??= await this.#connect();
      await this.#producer.send({
        topic: this.#options.topic,
        acks: -1,
        messages: deliveries.map(({ partitionKey, body }) => ({
          key: partitionKey,
          value: body,
          headers: { 'content-type': CONTENT_TYPE },
        })),
      });
    } catch (error) {
      await this.#letGo();
      if (REFUSALS.some((type) => hasErrorType(error, type))) throw this.#refusal(error);
      throw describeFailure(error, this.#purpose);
    }
  }

  async #connect(): Promise<Producer> {
    const client = createClient(this.#options);
    await this.#requireTopic(client);
    const producer = client.producer({
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
    const { topic, createTopic } = this.#options;
    const admin = client.admin();
    try {
      await admin.connect();
      if (await topicExists(admin, topic)) return;
      if (!createTopic) throw missingTopic(topic, null);
      await admin.createTopics({ topics: [{ topic }], waitForLeaders: true }).catch((cause: unknown) => {
        throw missingTopic(topic, cause);
      });
      this.#options.logger.info({ feed: this.name, topic }, 'created the topic of the feed');
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
    return new WinnowError('WINNOW_FEED_STOPPED', `deliver to feed ${this.name}: it was stopped`, {
      retryable: true,
    });
  }

  #refusal(cause: unknown): WinnowError {
    const text = cause instanceof Error ? cause.message : String(cause);
    return new WinnowError(DELIVERY_REFUSED, `${this.#purpose.action}: ${text}`, {
      cause,
      hint: `raise max.message.bytes of topic ${this.#options.topic}`,
    });
  }
}

/** Errors of the Kafka protocol that the same message meets again: it is larger than the topic takes. */
const REFUSALS = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];

async function topicExists(admin: Admin, topic: string): Promise<boolean> {
  try {
    await admin.fetchTopicMetadata({ topics: [topic] });
    return true;
  } catch (error) {
    if (hasErrorType(error, 'UNKNOWN_TOPIC_OR_PARTITION')) return false;
    throw error;
  }
}

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
