import type { Delivery, Feed } from '../contracts.ts';
import { WinnowError } from '../errors.ts';
import { TOO_LARGE_FOR_TOPIC, TopicWriter, type TopicWriterOptions } from '../kafka/topic-writer.ts';
import { DELIVERY_REFUSED } from './feed-runner.ts';

export interface KafkaFeedOptions extends TopicWriterOptions {
  readonly name: string;
}

/**
 * Structured mode of the Kafka binding, so that the value alone is the whole event.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md#33-structured-content-mode
 */
const CONTENT_TYPE = 'application/cloudevents+json; charset=UTF-8';

/**
 * Writes each revision as one message whose key is that of its window's first revision: all revisions of a window are in
 * one partition, in order.
 */
export function createKafkaFeed(options: KafkaFeedOptions): Feed {
  const writer = new TopicWriter(options);
  return {
    name: options.name,
    deliver: (deliveries) => writer.write(deliveries.map(messageOf)).catch(asRefusal),
    stop: () => writer.stop(),
  };
}

function messageOf({ partitionKey, body }: Delivery) {
  return { key: partitionKey, value: body, headers: { 'content-type': CONTENT_TYPE } };
}

function asRefusal(error: unknown): never {
  if (!(error instanceof WinnowError) || error.code !== TOO_LARGE_FOR_TOPIC) throw error;
  const { message, hint, cause } = error;
  throw new WinnowError(DELIVERY_REFUSED, message, { cause, ...(hint === undefined ? {} : { hint }) });
}
