import type { Config, FeedConfig } from '../config-schema.ts';
import type { Feed } from '../contracts.ts';
import { type KafkaLogger, readConnection } from '../kafka/connection.ts';
import { DeadLetterTopic } from './dead-letter-topic.ts';
import { createKafkaFeed } from './kafka.ts';

/** The registry: one line a feed type. Throws WINNOW_CONFIG_UNREADABLE when a file of its settings cannot be read. */
export function createFeed(config: FeedConfig, logger: KafkaLogger): Feed {
  switch (config.type) {
    case 'kafka': {
      const { name, topic, createTopic } = config;
      return createKafkaFeed({ ...readConnection(config, logger), name, topic, createTopic });
    }
  }
}

/** Null: the settings ask for none. */
export function createDeadLetterTopic(
  { deadLetter, sources }: Pick<Config, 'deadLetter' | 'sources'>,
  logger: KafkaLogger,
): DeadLetterTopic | null {
  const cluster = deadLetter?.cluster ?? sources.find((source) => source.type === 'kafka');
  if (deadLetter === undefined || cluster === undefined) return null;
  const { topic, createTopic, perMinute } = deadLetter;
  const nowMs = (): number => performance.now();
  return new DeadLetterTopic({ ...readConnection(cluster, logger), topic, createTopic, perMinute, nowMs });
}
