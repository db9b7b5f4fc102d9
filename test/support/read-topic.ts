import { PartitionReader, type StoredMessage } from '../../src/kafka/partition-reader.ts';
import type { TestBroker } from './kafka-shared.ts';

/** A message with its partition. */
export interface TopicMessage extends StoredMessage {
  readonly partition: number;
}

/** Everything a topic holds, partition by partition. */
export async function readTopic(broker: TestBroker, topic: string): Promise<TopicMessage[]> {
  const reader = await PartitionReader.connect(broker.client);
  try {
    const all: TopicMessage[] = [];
    for (const { partitionId: partition } of await reader.partitions(topic)) {
      for (let offset = 0, end = 1; offset < end; ) {
        const { messages, highWatermark } = await reader.fetch(topic, partition, offset, 4 * 1024 * 1024);
        for (const message of messages) all.push({ ...message, partition });
        end = highWatermark;
        const last = messages.at(-1);
        if (last === undefined && offset < end) throw new Error(`nothing at ${topic}/${partition}@${offset}`);
        offset = (last?.offset ?? offset) + 1;
      }
    }
    return all;
  } finally {
    await reader.close();
  }
}
