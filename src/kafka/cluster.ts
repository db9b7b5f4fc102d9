import kafkajs, { type Cluster, type Kafka, type PartitionAssigner, type RetryOptions } from 'kafkajs';

export interface ClusterOptions {
  readonly groupId: string;
  /** True: the end of a partition is its high watermark, also where a transaction is open. */
  readonly readUncommitted?: boolean;
  readonly retry?: RetryOptions;
}

/** Connections of their own: those of a consumer that never runs, for kafkajs hands its cluster only to assigners. */
export function openCluster(client: Kafka, options: ClusterOptions): Cluster {
  let found: Cluster | null = null;
  const assigner: PartitionAssigner = (config) => {
    found = config.cluster;
    return kafkajs.PartitionAssigners.roundRobin(config);
  };
  client.consumer({ ...options, partitionAssigners: [assigner], allowAutoTopicCreation: false });
  return requireCluster(found);
}

export function requireCluster(cluster: Cluster | null): Cluster {
  if (cluster === null) throw new Error('BUG: kafkajs made a consumer without its assigner');
  return cluster;
}
