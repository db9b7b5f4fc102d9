import type { Intake, KafkaCounters, PartitionPosition, PartitionRef, Source } from '../contracts.ts';
import { WinnowError } from '../errors.ts';
import { describeFailure } from '../kafka/failures.ts';
import { IntakeFailure, partitionKey, ReadingMemory } from './kafka/assignment.ts';
import { GROUP_SHARED } from './kafka/group-guard.ts';
import type { WorkerMark } from './kafka/group-member.ts';
import {
  connecting,
  type KafkaSettings,
  type KafkaSourceOptions,
  type KafkaStatus,
  newCounters,
  withDefaults,
} from './kafka/options.ts';
import { KafkaSession } from './kafka/session.ts';

/** Reads topics as a member of a consumer group; where each partition resumes is the intake's word, not the group's. */
export function createKafkaSource(
  options: KafkaSourceOptions,
  counters: KafkaCounters = newCounters(),
): KafkaSourceHandle {
  return new KafkaSource(options, counters);
}

export interface KafkaSourceHandle extends Source {
  readonly kafka: Readonly<KafkaCounters>;
  committed(positions: readonly PartitionPosition[]): Promise<void>;
  setPaused(partitions: readonly PartitionRef[]): void;
}

/**
 * Runs one session after the other until it is stopped or a failure needs an operator.
 * States: idle → `run` → session ⇄ backoff → ended. `stop` ends any of them for good.
 */
class KafkaSource implements KafkaSourceHandle {
  readonly name: string;
  readonly kafka: KafkaCounters;
  readonly #settings: KafkaSettings;
  readonly #mark: WorkerMark | null;
  readonly #onStatus: (status: KafkaStatus) => void;
  readonly #memory = new ReadingMemory();
  readonly #stopping = Promise.withResolvers<void>();
  #session: KafkaSession | null = null;
  #isStopped = false;
  #isRunning = false;
  /** A failure that needs an operator ends a source that never read, and is waited for by one that did. */
  #hasRead = false;
  #lastStatus = '';

  constructor(options: KafkaSourceOptions, counters: KafkaCounters) {
    this.name = options.name;
    this.kafka = counters;
    this.#settings = withDefaults(options);
    const { storeId: store, name: source } = this.#settings;
    this.#mark = store === '' ? null : { store, source, sinceMs: Date.now() };
    this.#onStatus = options.onStatus ?? (() => undefined);
  }

  async run(intake: Intake): Promise<void> {
    if (this.#isRunning)
      throw new WinnowError('WINNOW_SOURCE_RUNNING', `run source ${this.name}: it was run before`);
    this.#isRunning = true;
    const settings = this.#settings;
    let backoffMs = settings.retryMsMin;
    let turnedAway: WinnowError | null = null;
    this.#report(connecting(settings));
    while (!this.#isStopped) {
      const session = new KafkaSession({
        settings,
        intake,
        memory: this.#memory,
        mark: this.#mark,
        turnedAway,
        counters: this.kafka,
        report: (status) => this.#report(status),
      });
      this.#session = session;
      const beganMs = performance.now();
      try {
        await session.run();
      } catch (error) {
        if (this.#isStopped) break;
        if (error instanceof IntakeFailure) throw error.cause;
        const failure = describeFailure(error);
        turnedAway = failure.code === GROUP_SHARED ? failure : null;
        this.#report({
          ready: false,
          detail: failure.message,
          ...(failure.hint === undefined ? {} : { hint: failure.hint }),
          ...(turnedAway === null ? {} : { groupShared: true }),
        });
        this.kafka.failures++;
        this.kafka.partitionsHeld = 0;
        this.#hasRead ||= session.hasRead;
        if (!failure.retryable && !this.#hasRead) throw failure;
        // Not after a moment of reading: a right that is missing for one topic of many would be asked for without a pause.
        if (performance.now() - beganMs > settings.retryMsMax) backoffMs = settings.retryMsMin;
        await this.#wait(backoffMs);
        backoffMs = Math.min(backoffMs * 2, settings.retryMsMax);
      }
    }
    this.#report({ ready: false, detail: 'stopped' });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopping.resolve();
    await this.#session?.stop();
  }

  async committed(positions: readonly PartitionPosition[]): Promise<void> {
    const own = positions.filter((position) => position.source === this.name);
    try {
      await this.#session?.commit(own);
    } catch (error) {
      this.kafka.commitFailures++;
      const text = error instanceof Error ? error.message : String(error);
      this.#settings.logger.warn(
        { source: this.name, error: text, failures: this.kafka.commitFailures },
        'committing offsets to kafka failed; only lag monitoring is affected',
      );
    }
  }

  setPaused(partitions: readonly PartitionRef[]): void {
    const before = this.#memory.paused;
    this.#memory.paused = new Set(partitions.filter((ref) => ref.source === this.name).map(partitionKey));
    this.#session?.applyPauses(before);
  }

  async #wait(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    await Promise.race([promise, this.#stopping.promise]);
    clearTimeout(timer);
  }

  #report(status: KafkaStatus): void {
    const text = JSON.stringify(status);
    if (text === this.#lastStatus) return;
    this.#lastStatus = text;
    this.kafka.groupShared = status.groupShared === true;
    const fields = { source: this.name, ready: status.ready, hint: status.hint };
    if (status.ready || status.hint === undefined) this.#settings.logger.info(fields, status.detail);
    else this.#settings.logger.warn(fields, status.detail);
    this.#onStatus(status);
  }
}
