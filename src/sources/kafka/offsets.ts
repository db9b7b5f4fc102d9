import type { Admin } from 'kafkajs';
import { hasErrorType } from '../../kafka/failures.ts';
import type { KafkaStart } from './options.ts';
import type { Bounds } from './start.ts';

/** What one topic holds, by partition number. */
export interface TopicOffsets {
  readonly bounds: ReadonlyMap<number, Bounds>;
  /** First offset at or after the start time; empty unless `start` is a time. */
  readonly atTime: ReadonlyMap<number, number>;
}

export async function readTopicOffsets(
  admin: Admin,
  topic: string,
  start: KafkaStart,
): Promise<TopicOffsets> {
  const bounds = new Map<number, Bounds>();
  for (const row of await admin.fetchTopicOffsets(topic)) {
    bounds.set(row.partition, { low: Number(row.low), high: Number(row.high) });
  }
  const atTime = new Map<number, number>();
  if (typeof start === 'object') {
    for (const row of await admin.fetchTopicOffsetsByTimestamp(topic, start.timeMs)) {
      atTime.set(row.partition, Number(row.offset));
    }
  }
  return { bounds, atTime };
}

export interface TopicMatch {
  /** Sorted. */
  readonly present: readonly string[];
  /** Names asked for that the broker does not show. */
  readonly missing: readonly string[];
}

/**
 * Looks the wanted topics up. Names are asked for one by one: kafkajs gives no list of all topics while any topic of the
 * cluster, however foreign, has a partition without a leader. Regular expressions need that list all the same.
 */
export async function findTopics(admin: Admin, wanted: readonly (string | RegExp)[]): Promise<TopicMatch> {
  const existing = wanted.some((topic) => typeof topic !== 'string') ? await admin.listTopics() : [];
  for (const topic of wanted) {
    if (typeof topic !== 'string' || existing.includes(topic)) continue;
    if (await topicExists(admin, topic)) existing.push(topic);
  }
  return matchTopics(wanted, existing);
}

async function topicExists(admin: Admin, topic: string): Promise<boolean> {
  try {
    await admin.fetchTopicMetadata({ topics: [topic] });
    return true;
  } catch (error) {
    if (hasErrorType(error, 'UNKNOWN_TOPIC_OR_PARTITION')) return false;
    throw error;
  }
}

/** Which of the topics exist (and may be seen). A regular expression never matches Kafka's own topics. */
export function matchTopics(wanted: readonly (string | RegExp)[], existing: readonly string[]): TopicMatch {
  const present = new Set<string>();
  const missing = new Set<string>();
  for (const topic of wanted) {
    if (typeof topic === 'string') {
      if (existing.includes(topic)) present.add(topic);
      else missing.add(topic);
      continue;
    }
    for (const name of existing) if (!name.startsWith('__') && name.search(topic) >= 0) present.add(name);
  }
  return { present: [...present].sort(), missing: [...missing].sort() };
}
