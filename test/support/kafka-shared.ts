import { randomUUID } from 'node:crypto';
import kafkajs, {
  type AclOperationTypes,
  type AclResourceTypes,
  type Admin,
  type CompressionTypes,
  type ITopicConfig,
  type Kafka,
} from 'kafkajs';
import { inject } from 'vitest';
import { registerKafkaCodecs } from '../../src/kafka/codecs.ts';
import { stopIdleSpin } from '../../src/kafka/kafkajs-faults.ts';
import { type BrokerOptions, KafkaBroker } from './kafka-broker.ts';
import { PREPARE_PATH, START_PATH, type StarterAnswer } from './kafka-global.ts';
import { nanosOf, requestOf } from './otlp.ts';
import { until } from './winnow-process.ts';

/** The run's broker, or null where there can be none: `describe.skipIf(broker === null)`. With CI=true that is a failure. */
export async function sharedBroker(): Promise<TestBroker | null> {
  const brokers = await ask(START_PATH);
  return brokers === null ? null : new TestBroker(brokers);
}

/** A broker of the test file's own, for tests that kill it or need its certificates; null as with `sharedBroker`. */
export async function ownBroker(options: BrokerOptions = {}): Promise<KafkaBroker | null> {
  return (await ask(PREPARE_PATH)) === null ? null : await KafkaBroker.start(options);
}

async function ask(path: string): Promise<readonly string[] | null> {
  const response = await fetch(`${inject('kafkaStarter')}${path}`);
  const answer = (await response.json()) as StarterAnswer;
  if (answer.unavailable === '') return answer.brokers;
  if (process.env.CI === 'true') throw new Error(`no kafka broker: ${answer.unavailable}`);
  return null;
}

/** A broker as tests use it: topics of their own, and a plain client to produce with. */
export class TestBroker {
  readonly brokers: readonly string[];
  readonly client: Kafka;

  constructor(brokers: readonly string[]) {
    this.brokers = brokers;
    registerKafkaCodecs();
    stopIdleSpin();
    this.client = new kafkajs.Kafka({
      clientId: 'winnow-test',
      brokers: [...brokers],
      logLevel: kafkajs.logLevel.NOTHING,
      connectionTimeout: 5_000,
      retry: { retries: 10, initialRetryTime: 100, maxRetryTime: 1_000 },
    });
  }

  /** Creates a topic with a name that no other test has; returns the name. */
  async createTopic(
    partitions: number,
    config: Readonly<Record<string, string>> = {},
    prefix = 'logs',
  ): Promise<string> {
    const topic = `${prefix}-${randomUUID()}`;
    await this.createTopicNamed(topic, partitions, config);
    return topic;
  }

  async createTopicNamed(
    topic: string,
    partitions: number,
    config: Readonly<Record<string, string>> = {},
    replicationFactor = 1,
  ): Promise<void> {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    const spec: ITopicConfig = { topic, numPartitions: partitions, replicationFactor, configEntries };
    await this.withAdmin(async (admin) => {
      await admin.createTopics({ topics: [spec], waitForLeaders: false });
      await until(() => hasLeaders(admin, topic, partitions));
    });
  }

  async addPartitions(topic: string, count: number): Promise<void> {
    await this.withAdmin(async (admin) => {
      await admin.createPartitions({ topicPartitions: [{ topic, count }] });
      await until(() => hasLeaders(admin, topic, count));
    });
  }

  /** Lets user `reader` do this with the topic or group; what no such rule allows is forbidden from then on. */
  async allowReader(
    resourceType: AclResourceTypes,
    resourceName: string,
    operation: AclOperationTypes,
  ): Promise<void> {
    const rule = {
      resourceType,
      resourceName,
      resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
      principal: 'User:reader',
      host: '*',
      operation,
      permissionType: kafkajs.AclPermissionTypes.ALLOW,
    };
    await this.withAdmin(async (admin) => {
      await admin.createAcls({ acl: [rule] });
      // The broker hears of it after the controller has answered.
      await until(async () => (await admin.describeAcls(rule)).resources.length > 0);
    });
  }

  async deleteBefore(topic: string, partition: number, offset: number): Promise<void> {
    const partitions = [{ partition, offset: String(offset) }];
    await this.withAdmin(async (admin) => {
      await admin.fetchTopicMetadata({ topics: [topic] });
      await admin.deleteTopicRecords({ topic, partitions });
    });
  }

  async committedOffset(groupId: string, topic: string, partition: number): Promise<string | undefined> {
    const [row] = await this.withAdmin((admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
    return row?.partitions.find((entry) => entry.partition === partition)?.offset;
  }

  async withAdmin<T>(task: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.client.admin();
    await admin.connect();
    try {
      return await task(admin);
    } finally {
      await admin.disconnect();
    }
  }

  /** Sends values to partition 0 in one transaction and ends it so. */
  async produceInTransaction(
    topic: string,
    values: readonly Uint8Array[],
    end: 'commit' | 'abort',
  ): Promise<void> {
    const producer = this.client.producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      idempotent: true,
      maxInFlightRequests: 1,
      transactionalId: randomUUID(),
    });
    await producer.connect();
    try {
      const transaction = await producer.transaction();
      await transaction.send({
        topic,
        messages: values.map((value) => ({ partition: 0, value: Buffer.from(value) })),
      });
      await transaction[end]();
    } finally {
      await producer.disconnect();
    }
  }

  /** Sends values to a partition each, in order. Index = partition. */
  async produce(
    topic: string,
    valuesByPartition: readonly (readonly (Uint8Array | null)[])[],
    compression: CompressionTypes = kafkajs.CompressionTypes.None,
  ): Promise<void> {
    const producer = this.client.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    await producer.connect();
    try {
      for (const [partition, values] of valuesByPartition.entries()) {
        for (let at = 0; at < values.length; at += 500) {
          const messages = values
            .slice(at, at + 500)
            .map((value) => ({ partition, value: value === null ? null : Buffer.from(value) }));
          await producer.send({ topic, messages, acks: -1, compression });
        }
      }
    } finally {
      await producer.disconnect();
    }
  }
}

/** False as long as a broker knows nothing of the topic, of one of its partitions or of that one's leader. */
async function hasLeaders(admin: Admin, topic: string, count: number): Promise<boolean> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const { partitions } = topics[0]!;
    return partitions.length === count && partitions.every(({ leader }) => leader >= 0);
  } catch (error) {
    if ((error as { type?: unknown }).type === 'UNKNOWN_TOPIC_OR_PARTITION') return false;
    throw error;
  }
}

/** A logger for tests that look at something else. */
export const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** Real OTLP requests of one record each, all different. */
export function otlpMessages(partition: number, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) =>
    requestOf(`service-${partition}`, [
      {
        timeUnixNano: nanosOf(1_700_000_000_000 + i),
        severityNumber: 9,
        body: `request ${i} of partition ${partition} done`,
      },
    ]),
  );
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
