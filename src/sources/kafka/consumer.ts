import kafkajs, { type Cluster, type Consumer, type Kafka, type PartitionAssigner } from 'kafkajs';
import { CLIENT_RETRY } from '../../kafka/client.ts';
import { requireCluster } from '../../kafka/cluster.ts';
import { holdJoin } from '../../kafka/kafkajs-faults.ts';
import { markedAssigner, type WorkerMark } from './group-member.ts';
import { type ClusterHooks, hookCluster } from './kafkajs-cluster.ts';
import type { KafkaSettings } from './options.ts';

export interface ConsumerParts {
  readonly consumer: Consumer;
  /** The consumer's own connections and what it knows of topics and brokers. */
  readonly cluster: Cluster;
}

/** A consumer that waits for `beforeJoin` each time before its partitions can be given to another member; see `holdJoin`. */
export function createConsumer(
  client: Kafka,
  settings: KafkaSettings,
  mark: WorkerMark | null,
  hooks: ClusterHooks,
  beforeJoin: () => Promise<void>,
): ConsumerParts {
  let found: Cluster | null = null;
  const assigner: PartitionAssigner = (config) => {
    found = config.cluster;
    holdJoin(config.cluster, beforeJoin);
    hookCluster(config.cluster, hooks);
    const roundRobin = kafkajs.PartitionAssigners.roundRobin(config);
    return mark === null ? roundRobin : markedAssigner(roundRobin, mark);
  };
  const consumer = client.consumer({
    groupId: settings.groupId,
    partitionAssigners: [assigner],
    sessionTimeout: settings.sessionTimeoutMs,
    heartbeatInterval: Math.min(3_000, Math.floor(settings.sessionTimeoutMs / 3)),
    rebalanceTimeout: 60_000,
    metadataMaxAge: settings.topicCheckMs,
    allowAutoTopicCreation: false,
    minBytes: 1,
    maxBytes: settings.fetchBytesMax,
    maxBytesPerPartition: settings.partitionFetchBytesMax,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    readUncommitted: settings.isolation === 'read_uncommitted',
    retry: { ...CLIENT_RETRY, restartOnFailure: async () => false },
  });
  return { consumer, cluster: requireCluster(found) };
}

/** Longest time a fetch waits at the broker for data; also how long kafkajs sleeps while all its partitions are paused. */
const FETCH_WAIT_MS = 250;
