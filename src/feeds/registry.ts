import type { FeedConfig } from '../config-schema.ts';
import type { Feed } from '../contracts.ts';
import { type KafkaLogger, readConnection } from '../kafka/connection.ts';
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
