import type { Admin, Cluster } from 'kafkajs';
import { topicExists } from '../../kafka/topics.ts';
import type { KafkaStart } from './options.ts';
import type { Bounds } from './start.ts';

/** What one topic holds, by partition number; a partition that is missing has no leader. */
export interface TopicOffsets {
  readonly bounds: ReadonlyMap<number, Bounds>;
  /** First offset at or after the start time, where there is one; empty unless `start` is a time. */
  readonly atTime: ReadonlyMap<number, number>;
}

/** Partitions without a leader are left out: nobody can say what they hold. */
export async function readTopicOffsets(
  cluster: Cluster,
  topic: string,
  start: KafkaStart,
): Promise<TopicOffsets> {
  await cluster.addMultipleTargetTopics([topic]);
  await cluster.refreshMetadata();
  const led = cluster.findTopicPartitionMetadata(topic).filter(({ leader }) => leader >= 0);
  const partitions = led.map(({ partitionId }) => ({ partition: partitionId }));
  const ask = async (where: { fromBeginning: boolean } | { fromTimestamp: number }) => {
    const [answer] = await cluster.fetchTopicsOffset([{ topic, partitions, ...where }]);
    return new Map((answer?.partitions ?? []).map(({ partition, offset }) => [partition, Number(offset)]));
  };
  const [low, high] = await Promise.all([ask({ fromBeginning: true }), ask({ fromBeginning: false })]);
  const bounds = new Map<number, Bounds>();
  for (const [partition, first] of low)
    bounds.set(partition, { low: first, high: high.get(partition) ?? first });
  const atTime = new Map<number, number>();
  if (typeof start === 'object') {
    for (const [partition, offset] of await ask({ fromTimestamp: start.timeMs })) {
      // -1: no message is that young.
      if (offset >= 0) atTime.set(partition, offset);
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
 * Looks the wanted topics up. Names are asked for one by one, for a missing one fails the whole question; regular
 * expressions need the list of all topics.
 */
export async function findTopics(admin: Admin, wanted: readonly (string | RegExp)[]): Promise<TopicMatch> {
  const existing = wanted.some((topic) => typeof topic !== 'string') ? await admin.listTopics() : [];
  for (const topic of wanted) {
    if (typeof topic !== 'string' || existing.includes(topic)) continue;
    if (await topicExists(admin, topic)) existing.push(topic);
  }
  return matchTopics(wanted, existing);
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
