import kafkajs, { type Admin, type Consumer, type Kafka } from 'kafkajs';
import type { Intake, PartitionPosition } from '../../contracts.ts';
import { WinnowError } from '../../errors.ts';
import { createClient } from '../../kafka/client.ts';
import { Assignment, type ReadingMemory } from './assignment.ts';
import { createConsumer } from './consumer.ts';
import {
  describeMember,
  type GroupMember,
  type GroupView,
  isSenior,
  viewGroup,
  type WorkerMark,
} from './group-member.ts';
import { findTopics, readTopicOffsets, type TopicMatch } from './offsets.ts';
import type { KafkaSettings, KafkaStatus } from './options.ts';
import { describeMembers, evict } from './predecessor.ts';

/** Code of the failure to join a group that others read. */
export const GROUP_SHARED = 'WINNOW_KAFKA_GROUP_SHARED';

export interface SessionDeps {
  readonly settings: KafkaSettings;
  readonly intake: Intake;
  readonly memory: ReadingMemory;
  /** Who this worker is to its group; null = it takes the group as it finds it. */
  readonly mark: WorkerMark | null;
  readonly report: (status: KafkaStatus) => void;
}

/**
 * One life of one Kafka client, from connecting to the first failure it cannot put right by itself, to a change of the
 * matching topics, or to `stop`. The source starts a new session after each: no state of a failed client is reused.
 */
export class KafkaSession {
  readonly #deps: SessionDeps;
  readonly #client: Kafka;
  readonly #admin: Admin;
  readonly #consumer: Consumer;
  readonly #assignment: Assignment;
  readonly #ended = Promise.withResolvers<void>();
  #starting: Promise<void> = Promise.resolve();
  #topics: TopicMatch = { present: [], missing: [] };
  #signOfLifeMs = Date.now();
  #memberId: string | null = null;
  #wasReady = false;
  #closing: Promise<void> | null = null;

  constructor(deps: SessionDeps) {
    this.#deps = deps;
    const { settings } = deps;
    this.#client = createClient(settings);
    this.#admin = this.#client.admin();
    this.#consumer = createConsumer(this.#client, settings, deps.mark, () => this.#beforeJoin());
    this.#assignment = new Assignment({
      settings,
      intake: deps.intake,
      memory: deps.memory,
      consumer: this.#consumer,
      offsets: (topic) => readTopicOffsets(this.#admin, topic, settings.start),
    });
    // Without a listener a failure before `run` waits for it would count as unhandled.
    this.#ended.promise.catch(() => undefined);
  }

  /** True once partitions were read: the next failure starts its backoff anew. */
  get wasReady(): boolean {
    return this.#wasReady;
  }

  /** Resolves after `stop` or when the topics have changed; rejects with what ended the session. Closed in any case. */
  async run(): Promise<void> {
    const timers: NodeJS.Timeout[] = [];
    try {
      this.#starting = this.#start();
      await Promise.race([this.#starting, this.#ended.promise]);
      timers.push(setInterval(() => this.#checkTopics(), this.#deps.settings.topicCheckMs));
      timers.push(setInterval(() => this.#checkLife(), LIFE_CHECK_MS));
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
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [...this.#topics.present], fromBeginning: true });
    if (this.#closing !== null) return;
    const eviction = await this.#prepareGroup();
    const running = this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => {
        this.#signOfLifeMs = Date.now();
        await this.#orEnd(this.#assignment.deliver(payload), true);
      },
    });
    await Promise.all([running, eviction()]);
  }

  /** Refuses a group that others read; returns what sends dead predecessors off once the consumer is joining. */
  async #prepareGroup(): Promise<() => Promise<void>> {
    const { settings } = this.#deps;
    const { predecessors, foreign } = await this.#lookAtGroup();
    if (foreign.length > 0) throw groupShared(settings, foreign);
    if (predecessors.length === 0) return async () => undefined;
    const dead = new Set(predecessors.map(({ memberId }) => memberId));
    const hasJoined = async () => {
      const members = await describeMembers(this.#admin, settings.groupId);
      return members === null || members.some(({ memberId }) => !dead.has(memberId));
    };
    return async () => {
      const group = { groupId: settings.groupId, topics: this.#topics.present };
      try {
        await evict(this.#client, group, predecessors, hasJoined);
      } catch (error) {
        const fields = { source: settings.name, group: settings.groupId, error: String(error) };
        settings.logger.warn(
          fields,
          'the member that this worker was before could not be sent off; waiting for it',
        );
        return;
      }
      const fields = { source: settings.name, group: settings.groupId, members: [...dead] };
      settings.logger.info(fields, 'took the place of the member that this worker was before');
    };
  }

  /** A group between two generations shows no metadata; the join settles it, and the look after it tells. */
  async #lookAtGroup(): Promise<GroupView> {
    const { settings, mark } = this.#deps;
    const members = mark === null ? [] : await describeMembers(this.#admin, settings.groupId);
    if (mark === null || members === null) return { predecessors: [], foreign: [] };
    return viewGroup(members, mark, this.#memberId);
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
    this.#consumer.on(events.FETCH, alive);
    this.#consumer.on(events.HEARTBEAT, alive);
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      alive();
      this.#memberId = payload.memberId;
      this.#assignment.joined(payload.memberAssignment);
      void this.#orEnd(this.#place(), false);
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

  async #place(): Promise<void> {
    const { settings, mark, report } = this.#deps;
    const { foreign } = await this.#lookAtGroup();
    // Of two workers that joined at the same time the later one leaves, before it reads anything.
    if (foreign.some((other) => other.mark !== null && mark !== null && isSenior(other.mark, mark))) {
      throw groupShared(settings, foreign);
    }
    const placed = await this.#assignment.place();
    if (placed === null) return;
    const { present, missing } = this.#topics;
    const { topics } = await this.#admin.fetchTopicMetadata({ topics: [...present] });
    const total = topics.reduce((sum, topic) => sum + topic.partitions.length, 0);
    this.#wasReady = true;
    settings.logger.info(
      { source: settings.name, group: settings.groupId, placed, total },
      'joined the consumer group',
    );
    const detail = `reading ${placed} of ${total} partitions of ${present.join(', ')}`;
    if (foreign.length > 0) {
      const { message, hint } = groupShared(settings, foreign);
      report({ ready: false, detail: `${detail}; ${message}`, hint: hint!, groupShared: true });
      return;
    }
    const hints: string[] = [];
    if (missing.length > 0) hints.push(`create ${missing.join(', ')}, or grant Describe`);
    if (placed < total) {
      hints.push(
        `group ${settings.groupId} has other members, so each sees a part of every service: give winnow its own group`,
      );
    }
    report(hints.length === 0 ? { ready: true, detail } : { ready: true, detail, hint: hints.join('; ') });
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
    await Promise.allSettled([this.#consumer.disconnect(), this.#admin.disconnect()]);
  }
}

/** How often the session looks whether its client still shows signs of life. */
const LIFE_CHECK_MS = 5_000;
/** Silence longer than this many session timeouts ends the session: the broker has given its partitions away by then. */
const SILENT_SESSIONS_MAX = 2;

function groupShared({ groupId }: KafkaSettings, foreign: readonly GroupMember[]): WinnowError {
  const rest = foreign.length > 1 ? ` and ${foreign.length - 1} more` : '';
  const text = `join group ${groupId}: it has another member, ${describeMember(foreign[0]!)}${rest}; together each would judge a part of every service`;
  return new WinnowError(GROUP_SHARED, text, {
    retryable: true,
    hint: `give each winnow a consumer group of its own (\`group\`), or one store to all of them so that the others stand by; looking again`,
  });
}

function isKafkajsError(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith('KafkaJS');
}
