import kafkajs, { type Admin, type Cluster, type Consumer } from 'kafkajs';
import type { Intake, KafkaCounters, PartitionPosition } from '../../contracts.ts';
import { WinnowError } from '../../errors.ts';
import { CLIENT_RETRY, createClient } from '../../kafka/client.ts';
import { openCluster } from '../../kafka/cluster.ts';
import { Assignment, type ReadingMemory } from './assignment.ts';
import { createConsumer } from './consumer.ts';
import { Fetching } from './fetching.ts';
import { GroupGuard } from './group-guard.ts';
import type { WorkerMark } from './group-member.ts';
import type { ClusterHooks } from './kafkajs-cluster.ts';
import { findTopics, readTopicOffsets, type TopicMatch } from './offsets.ts';
import type { KafkaSettings, KafkaStatus } from './options.ts';
import { describeReading } from './reading-status.ts';

export interface SessionDeps {
  readonly settings: KafkaSettings;
  readonly intake: Intake;
  readonly memory: ReadingMemory;
  /** Who this worker is to its group; null = it takes the group as it finds it. */
  readonly mark: WorkerMark | null;
  /** What kept the last session out of the group; null = nothing did. */
  readonly turnedAway: WinnowError | null;
  readonly counters: KafkaCounters;
  readonly report: (status: KafkaStatus) => void;
}

/**
 * One life of one Kafka client, from connecting to the first failure it cannot put right by itself, to a change of the
 * matching topics, or to `stop`. The source starts a new session after each: no state of a failed client is reused.
 */
export class KafkaSession {
  readonly #deps: SessionDeps;
  readonly #admin: Admin;
  readonly #consumer: Consumer;
  /** What the consumer knows of topics and brokers. */
  readonly #cluster: Cluster;
  /** Connections of our own, free while the consumer's wait for a join. */
  readonly #side: Cluster;
  readonly #group: GroupGuard;
  readonly #assignment: Assignment;
  readonly #ended = Promise.withResolvers<void>();
  #starting: Promise<void> = Promise.resolve();
  #topics: TopicMatch = { present: [], missing: [] };
  #signOfLifeMs = Date.now();
  #memberId: string | null = null;
  #groupProblem: WinnowError | null = null;
  #hasRead = false;
  #isPlacing = false;
  #closing: Promise<void> | null = null;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
    const { settings } = deps;
    const client = createClient(settings);
    const fetching = new Fetching(settings.checkCrcs);
    const hooks: ClusterHooks = {
      fetching,
      failed: (topic, partition, errorCode) => this.#partitionFailed(topic, partition, errorCode),
      answered: () => {
        this.#hasRead = true;
      },
    };
    this.#admin = client.admin();
    this.#side = openCluster(client, {
      groupId: settings.groupId,
      readUncommitted: true,
      retry: CLIENT_RETRY,
    });
    const { consumer, cluster } = createConsumer(client, settings, deps.mark, hooks, () =>
      this.#beforeJoin(),
    );
    this.#consumer = consumer;
    this.#cluster = cluster;
    const { mark, turnedAway } = deps;
    this.#group = new GroupGuard({ settings, mark, turnedAway, admin: this.#admin, cluster: this.#side });
    this.#assignment = new Assignment({
      settings,
      intake: deps.intake,
      memory: deps.memory,
      counters: deps.counters,
      consumer,
      handedOver: (messages) => fetching.handedOver(messages),
      offsets: (topic) => readTopicOffsets(this.#side, topic, settings.start),
    });
    // Without a listener a failure before `run` waits for it would count as unhandled.
    this.#ended.promise.catch(() => undefined);
  }

  /** True once the broker has let partitions be read, whether or not anything was in them. */
  get hasRead(): boolean {
    return this.#hasRead;
  }

  /** Resolves after `stop` or when the topics have changed; rejects with what ended the session. Closed in any case. */
  async run(): Promise<void> {
    const timers: NodeJS.Timeout[] = [];
    try {
      this.#starting = this.#start();
      await Promise.race([this.#starting, this.#ended.promise]);
      timers.push(setInterval(() => this.#checkTopics(), this.#deps.settings.topicCheckMs));
      timers.push(setInterval(() => this.#checkLife(), LIFE_CHECK_MS));
      timers.push(setInterval(() => this.#placeHeld(), HELD_CHECK_MS));
      await this.#ended.promise;
    } finally {
      for (const timer of timers) clearInterval(timer);
      await this.#close();
    }
  }

  /** Accepts nothing more at once; resolves when the client is closed or the deadline has passed. */
  async stop(): Promise<void> {
    this.#ended.resolve();
    await this.#close();
  }

  applyPauses(before: ReadonlySet<string>): void {
    this.#assignment.applyPauses(before);
  }

  /** Commits what is read and durable, for lag monitoring. */
  async commit(positions: readonly PartitionPosition[]): Promise<void> {
    const offsets = positions
      .filter((position) => this.#assignment.isPlaced(position))
      .map(({ topic, partition, readTo }) => ({ topic, partition, offset: String(readTo) }));
    if (offsets.length > 0) await this.#consumer.commitOffsets(offsets);
  }

  async #start(): Promise<void> {
    await this.#admin.connect();
    await this.#findTopics();
    this.#listen();
    if (this.#closing !== null) return;
    const topics = [...this.#topics.present];
    await Promise.all([this.#consumer.connect(), this.#side.connect()]);
    await Promise.all([
      this.#consumer.subscribe({ topics, fromBeginning: true }),
      this.#side.addMultipleTargetTopics(topics),
    ]);
    if (this.#closing !== null) return;
    const sendOffPredecessors = await this.#group.beforeFirstJoin();
    const running = this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => {
        this.#signOfLifeMs = Date.now();
        await this.#orEnd(this.#assignment.deliver(payload), true);
      },
    });
    await Promise.all([running, sendOffPredecessors()]);
  }

  async #findTopics(): Promise<void> {
    const { settings, memory } = this.#deps;
    this.#topics = await findTopics(this.#admin, settings.topics);
    if (this.#topics.present.length === 0) {
      throw new WinnowError(
        'WINNOW_KAFKA_NO_TOPIC',
        `find kafka topics: none matches ${settings.topics.map(String).join(', ')}`,
        {
          retryable: true,
          hint: 'create the topic, correct its name, or grant Describe on it; looking again',
        },
      );
    }
    const known = memory.partitionsAtStart.size > 0;
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [...this.#topics.present] });
    for (const { name, partitions } of topics) {
      if (!known) memory.partitionsAtStart.set(name, partitions.length);
    }
  }

  #listen(): void {
    const { events } = this.#consumer;
    const alive = () => {
      this.#signOfLifeMs = Date.now();
    };
    this.#consumer.on(events.FETCH, ({ payload }) => {
      alive();
      this.#deps.counters.fetches++;
      this.#deps.counters.fetchMs += payload.duration;
    });
    this.#consumer.on(events.HEARTBEAT, alive);
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      alive();
      this.#deps.counters.rebalances++;
      this.#memberId = payload.memberId;
      this.#assignment.joined(payload.memberAssignment);
      void this.#orEnd(this.#afterJoin(), false);
    });
    this.#consumer.on(events.START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize > 0) return;
      const { topic, partition, lastOffset, highWatermark } = payload;
      const step = this.#assignment.stepOver(topic, partition, Number(lastOffset), Number(highWatermark));
      void this.#orEnd(step, false);
    });
    this.#consumer.on(events.CRASH, ({ payload }) => this.#ended.reject(payload.error));
  }

  async #beforeJoin(): Promise<void> {
    if (this.#closing !== null) throw new kafkajs.KafkaJSNonRetriableError('the session is closed');
    await this.#orEnd(this.#assignment.leave(), true);
  }

  async #afterJoin(): Promise<void> {
    this.#groupProblem = await this.#group.afterJoin(this.#memberId);
    const { settings } = this.#deps;
    const placed = await this.#place();
    if (placed === null) return;
    settings.logger.info(
      { source: settings.name, group: settings.groupId, placed },
      'joined the consumer group',
    );
  }

  async #place(): Promise<number | null> {
    const placed = await this.#assignment.place();
    if (placed === null) return null;
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [...this.#topics.present] });
    const total = topics.reduce((sum, topic) => sum + topic.partitions.length, 0);
    const { settings, counters, report } = this.#deps;
    const held = this.#assignment.unplaced;
    counters.partitionsHeld = held.length;
    const { groupId } = settings;
    const groupProblem = this.#groupProblem;
    report(describeReading({ groupId, topics: this.#topics, placed, total, held, groupProblem }));
    return placed;
  }

  /** True for what concerns one partition alone: it is held back, and read on once it is back. */
  #partitionFailed(topic: string, partition: number, errorCode: number): boolean {
    if (!PARTITION_ERRORS.has(errorCode)) return false;
    const { settings } = this.#deps;
    settings.logger.debug(
      { source: settings.name, topic, partition, errorCode },
      'a partition cannot be fetched',
    );
    this.#assignment.holdBack(topic, partition);
    return true;
  }

  /** Looks for the partitions that are held back, with fresh metadata, and lets go on what can. */
  #placeHeld(): void {
    const before = this.#assignment.unplaced;
    if (this.#isPlacing || before.length === 0) return;
    this.#isPlacing = true;
    const look = async () => {
      try {
        await this.#cluster.refreshMetadata();
        await this.#place();
      } finally {
        this.#isPlacing = false;
      }
    };
    void this.#orEnd(look(), false);
  }

  /** Ends the session with the task's failure; rethrows only where kafkajs has to see it too (a rebalance met by a heartbeat). */
  async #orEnd(task: Promise<unknown>, rethrow: boolean): Promise<void> {
    try {
      await task;
    } catch (error) {
      if (!rethrow || !isKafkajsError(error)) {
        this.#assignment.close();
        this.#ended.reject(error);
      }
      if (rethrow) throw error;
    }
  }

  #checkTopics(): void {
    const look = async () => {
      const { present } = await findTopics(this.#admin, this.#deps.settings.topics);
      if (present.join() !== this.#topics.present.join()) this.#ended.resolve();
    };
    look().catch((error: unknown) => {
      const text = error instanceof Error ? error.message : String(error);
      this.#deps.settings.logger.debug(
        { source: this.#deps.settings.name, error: text },
        'looking for new topics failed',
      );
    });
  }

  /** kafkajs can wait for ever on a connection that died without a word; its events stop then. */
  #checkLife(): void {
    const silentMs = Date.now() - this.#signOfLifeMs;
    if (silentMs < SILENT_SESSIONS_MAX * this.#deps.settings.sessionTimeoutMs) return;
    this.#ended.reject(
      new WinnowError('WINNOW_KAFKA_SILENT', `read from kafka: no answer for ${silentMs} ms`, {
        retryable: true,
      }),
    );
  }

  #close(): Promise<void> {
    this.#closing ??= this.#disconnect();
    return this.#closing;
  }

  async #disconnect(): Promise<void> {
    this.#assignment.close();
    const deadline = Promise.withResolvers<void>();
    const timer = setTimeout(deadline.resolve, this.#deps.settings.stopDeadlineMs);
    await Promise.race([this.#leaveBroker(), deadline.promise]);
    clearTimeout(timer);
  }

  /** kafkajs loses sight of a consumer that is stopped while it starts, and that one then runs for ever: start first. */
  async #leaveBroker(): Promise<void> {
    await this.#starting.catch(() => undefined);
    const clients = [this.#consumer, this.#admin, this.#side];
    await Promise.allSettled(clients.map((client) => client.disconnect()));
  }
}

/** How often the session looks whether its client still shows signs of life. */
const LIFE_CHECK_MS = 5_000;
/** Silence longer than this many session timeouts ends the session: the broker has given its partitions away by then. */
const SILENT_SESSIONS_MAX = 2;

/** How often partitions that are held back are looked for; also how long a change of leader keeps one from being read. */
const HELD_CHECK_MS = 1_000;
/**
 * Errors of a fetch that concern one partition alone: corrupt message 2 (found by the broker), leader not available 5,
 * not leader 6, replica not available 9, offset out of range 1, storage error 56, fenced and unknown leader epoch 74 and
 * 75, offset not available 78. https://kafka.apache.org/protocol#protocol_error_codes
 */
const PARTITION_ERRORS: ReadonlySet<number> = new Set([1, 2, 5, 6, 9, 56, 74, 75, 78]);

function isKafkajsError(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith('KafkaJS');
}
