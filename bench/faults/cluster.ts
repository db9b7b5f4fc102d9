import { randomUUID } from 'node:crypto';
import kafkajs, { type Admin, CompressionTypes, type Kafka, type Message, type Producer } from 'kafkajs';
import { KafkaBroker } from '../../test/support/kafka-broker.ts';
import { until } from './until.ts';

/** A broker of the benchmark's own, and plain clients to fill it and to disturb it with. */
export class Cluster {
  readonly broker: KafkaBroker;
  readonly #client: Kafka;
  #producer: Producer | null = null;

  static async start(): Promise<Cluster> {
    return new Cluster(await KafkaBroker.start());
  }

  private constructor(broker: KafkaBroker) {
    this.broker = broker;
    this.#client = new kafkajs.Kafka({
      clientId: 'faults',
      brokers: [broker.address],
      logLevel: kafkajs.logLevel.NOTHING,
      connectionTimeout: 5_000,
      retry: { retries: 20, initialRetryTime: 100, maxRetryTime: 1_000 },
    });
  }

  get brokers(): readonly string[] {
    return [this.broker.address];
  }

  /** A new topic that keeps messages of any time for ever. */
  async createTopic(name: string, partitions: number): Promise<string> {
    const topic = `${name}-${randomUUID().slice(0, 8)}`;
    const configEntries = [
      { name: 'retention.ms', value: '-1' },
      { name: 'max.message.bytes', value: '8388608' },
      { name: 'message.timestamp.after.max.ms', value: '9223372036854775807' },
    ];
    await this.#withAdmin(async (admin) => {
      const topics = [{ topic, numPartitions: partitions, configEntries }];
      await admin.createTopics({ topics, waitForLeaders: false });
      await waitForLeaders(admin, topic, partitions);
    });
    return topic;
  }

  async addPartitions(topic: string, count: number): Promise<void> {
    await this.#withAdmin(async (admin) => {
      await admin.createPartitions({ topicPartitions: [{ topic, count }] });
      await waitForLeaders(admin, topic, count);
    });
    // A producer that knows the old number would refuse to write to the new partitions.
    await this.#disconnect();
  }

  async deleteTopic(topic: string): Promise<void> {
    await this.#withAdmin((admin) => admin.deleteTopics({ topics: [topic] }));
    // A producer asks about every topic it has ever written to, and fails when one is gone.
    await this.#disconnect();
  }

  /** One request to one partition; `gzip` makes it one compressed record batch. */
  async send(topic: string, partition: number, messages: readonly Message[], gzip = false): Promise<void> {
    if (this.#producer === null) {
      this.#producer = this.#client.producer({
        createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
        allowAutoTopicCreation: false,
      });
      await this.#producer.connect();
    }
    await this.#producer.send({
      topic,
      acks: -1,
      compression: gzip ? CompressionTypes.GZIP : CompressionTypes.None,
      messages: messages.map((message) => ({ ...message, partition })),
    });
  }

  /** SIGKILL, then a start on the same data. Nothing may be on its way to the broker. */
  async restartBroker(): Promise<void> {
    await this.#disconnect();
    await this.broker.kill();
    await this.broker.restart();
  }

  /** Joins a consumer group as a second member, reads nothing that counts, and leaves. */
  async joinGroup(groupId: string, topic: string): Promise<GroupMember> {
    const consumer = this.#client.consumer({ groupId, sessionTimeout: 10_000, heartbeatInterval: 500 });
    const member = { partitions: 0, leave: () => consumer.disconnect() };
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      member.partitions = Object.values(payload.memberAssignment).flat().length;
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    await consumer.run({ autoCommit: false, eachBatch: async () => undefined });
    return member;
  }

  async stop(): Promise<void> {
    await this.#disconnect();
    await this.broker.stop();
  }

  async #disconnect(): Promise<void> {
    await this.#producer?.disconnect();
    this.#producer = null;
  }

  async #withAdmin<T>(task: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.#client.admin();
    await admin.connect();
    try {
      return await task(admin);
    } finally {
      await admin.disconnect();
    }
  }
}

/** kafkajs' own wait gives up when the broker does not know the topic yet, as a slow one may not for a moment. */
async function waitForLeaders(admin: Admin, topic: string, partitions: number): Promise<void> {
  const areLed = async (): Promise<boolean> => {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const all = topics[0]?.partitions ?? [];
      return all.length === partitions && all.every(({ leader }) => leader >= 0);
    } catch {
      return false;
    }
  };
  await until(`topic ${topic} has its leaders`, areLed, 60_000);
}

export interface GroupMember {
  /** Partitions it was given at the last rebalance. */
  readonly partitions: number;
  leave(): Promise<void>;
}
