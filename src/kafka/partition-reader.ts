import { setTimeout as delay } from 'node:timers/promises';
import type { Broker, Cluster, Kafka, PartitionMetadata } from 'kafkajs';
import { openCluster } from './cluster.ts';
import { hasErrorType } from './failures.ts';

/** A message as it lies in a partition. */
export interface StoredMessage {
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestampMs: number;
  /** True: the broker set the timestamp when it wrote the message; false: its producer did. */
  readonly isAppendTime: boolean;
  readonly headers: Readonly<Record<string, Buffer | string | (Buffer | string)[] | undefined>>;
}

export interface Fetched {
  /** From the asked offset on; empty when nothing is there. */
  readonly messages: readonly StoredMessage[];
  readonly highWatermark: number;
}

/** How long a broker may wait for data; the reader asks for what is there. */
const FETCH_WAIT_MS = 100;

/**
 * Reads partitions by offset without being a member of any consumer group: it disturbs no reader, commits nothing, and
 * needs no right but Read on the topic.
 */
export class PartitionReader {
  /** Connected; for what else there is to ask. */
  readonly cluster: Cluster;

  private constructor(cluster: Cluster) {
    this.cluster = cluster;
  }

  static async connect(client: Kafka): Promise<PartitionReader> {
    const cluster = openCluster(client, { groupId: 'unused' });
    await cluster.connect();
    return new PartitionReader(cluster);
  }

  /** Throws what the broker says: an unknown topic, a missing right. */
  async partitions(topic: string): Promise<readonly PartitionMetadata[]> {
    await this.cluster.addTargetTopic(topic);
    return this.cluster.findTopicPartitionMetadata(topic);
  }

  /** After `partitions(topic)`. Compacted and transactional gaps leave fewer messages than offsets. */
  async fetch(topic: string, partition: number, offset: number, bytesMax: number): Promise<Fetched> {
    const [leader] = Object.keys(this.cluster.findLeaderForPartitions(topic, [partition]));
    const broker = await this.cluster.findBroker({ nodeId: leader ?? '-1' });
    const response = (await broker.fetch({
      maxWaitTime: FETCH_WAIT_MS,
      minBytes: 1,
      maxBytes: bytesMax,
      isolationLevel: READ_COMMITTED,
      topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: bytesMax }] }],
    })) as FetchResponse;
    const [answer] = response.responses[0]?.partitions ?? [];
    const messages = (answer?.messages ?? [])
      .filter((message) => message.isControlRecord !== true && Number(message.offset) >= offset)
      .map(toStored);
    return { messages, highWatermark: Number(answer?.highWatermark ?? 0) };
  }

  /**
   * Throws what a join of the group would meet: a missing right to Read it. Asks by the heartbeat of a member that there
   * is not, which changes nothing.
   */
  async probeGroup(groupId: string): Promise<void> {
    const endMs = performance.now() + COORDINATOR_WAIT_MS;
    for (;;) {
      const coordinator = (await this.cluster.findGroupCoordinator({ groupId })) as GroupBroker;
      try {
        await coordinator.heartbeat({ groupId, groupGenerationId: -1, memberId: 'nobody' });
        return;
      } catch (error) {
        if (hasErrorType(error, 'UNKNOWN_MEMBER_ID')) return;
        const isMoving = MOVING_COORDINATOR.some((type) => hasErrorType(error, type));
        if (!isMoving || performance.now() > endMs) throw error;
      }
      await delay(COORDINATOR_POLL_MS);
    }
  }

  async close(): Promise<void> {
    await this.cluster.disconnect();
  }
}

/** https://kafka.apache.org/protocol.html#The_Messages_Fetch */
const READ_COMMITTED = 1;
const LOG_APPEND_TIME = 1;

/** A group's coordinator is being chosen or reads what it must know, as after the start of a cluster. */
const MOVING_COORDINATOR = [
  'GROUP_LOAD_IN_PROGRESS',
  'GROUP_COORDINATOR_NOT_AVAILABLE',
  'NOT_COORDINATOR_FOR_GROUP',
];
const COORDINATOR_WAIT_MS = 15_000;
const COORDINATOR_POLL_MS = 200;

/** What kafkajs' brokers can do but its types leave out. */
type GroupBroker = Broker & {
  heartbeat(request: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>;
};

/** The parts of kafkajs' fetch response that are used; its types leave it open. */
interface FetchResponse {
  readonly responses: readonly {
    readonly partitions: readonly {
      readonly highWatermark: string;
      readonly messages: readonly RawMessage[];
    }[];
  }[];
}

interface RawMessage {
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestamp: string;
  readonly headers?: StoredMessage['headers'];
  readonly isControlRecord?: boolean;
  readonly batchContext?: { readonly timestampType?: number };
}

function toStored(message: RawMessage): StoredMessage {
  return {
    offset: Number(message.offset),
    key: message.key,
    value: message.value,
    timestampMs: Number(message.timestamp),
    isAppendTime: message.batchContext?.timestampType === LOG_APPEND_TIME,
    headers: message.headers ?? {},
  };
}
