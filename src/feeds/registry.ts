import type { Config, FeedConfig } from '../config-schema.ts';
import type { Feed } from '../contracts.ts';
import { type KafkaLogger, readConnection } from '../kafka/connection.ts';
import type { DeadLetterTopic } from './dead-letter-topic.ts';

/**
 * The registry: one line a feed type. The Kafka client is loaded by those who write to Kafka. Throws
 * WINNOW_CONFIG_UNREADABLE when a file of its settings cannot be read.
 */
export async function createFeed(config: FeedConfig, logger: KafkaLogger): Promise<Feed> {
  switch (config.type) {
    case 'kafka': {
      const { name, topic, createTopic } = config;
      const { createKafkaFeed } = await import('./kafka.ts');
      return createKafkaFeed({ ...readConnection(config, logger), name, topic, createTopic });
    }
  }
}

/** Null: the settings ask for none. */
export async function createDeadLetterTopic(
  { deadLetter, sources }: Pick<Config, 'deadLetter' | 'sources'>,
  logger: KafkaLogger,
): Promise<DeadLetterTopic | null> {
  const cluster = deadLetter?.cluster ?? sources.find((source) => source.type === 'kafka');
  if (deadLetter === undefined || cluster === undefined) return null;
  const { topic, createTopic, perMinute } = deadLetter;
  const { DeadLetterTopic } = await import('./dead-letter-topic.ts');
  const nowMs = (): number => performance.now();
  return new DeadLetterTopic({ ...readConnection(cluster, logger), topic, createTopic, perMinute, nowMs });
}
