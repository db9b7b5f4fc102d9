import type { Admin } from 'kafkajs';
import { hasErrorType } from './failures.ts';

/** Asks the brokers; a topic that may not be seen does not exist. Throws what else they say. */
export async function topicExists(admin: Admin, topic: string): Promise<boolean> {
  try {
    await admin.fetchTopicMetadata({ topics: [topic] });
    return true;
  } catch (error) {
    if (hasErrorType(error, 'UNKNOWN_TOPIC_OR_PARTITION')) return false;
    throw error;
  }
}
