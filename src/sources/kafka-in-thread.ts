import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { threadEnvironment } from '../compile-cache.ts';
import type { Intake, KafkaCounters, PartitionPosition, PartitionRef } from '../contracts.ts';
import { WinnowError } from '../errors.ts';
import {
  connecting,
  type KafkaSettings,
  type KafkaSourceOptions,
  type KafkaStatus,
  withDefaults,
} from './kafka/options.ts';
import { type PackedBatch, unpackBatch } from './kafka/packed-batch.ts';
import { countersMemory, sharedCounters } from './kafka/shared-counters.ts';
import {
  type FromThread,
  type Question,
  receiveError,
  sendError,
  type ThreadStart,
  type ToThread,
} from './kafka/thread-protocol.ts';
import type { KafkaSourceHandle } from './kafka.ts';

/** The code of the thread, as it is named before and after compilation. */
const READING_THREAD = new URL(`./kafka/reading-thread${extname(import.meta.url)}`, import.meta.url);
/** How much longer than the source itself a stop waits before the thread is ended where it stands. */
const STOP_GRACE_MS = 2_000;
/** While so many commits of offsets are unanswered no more are begun: the next one tells what they would have told. */
const COMMITS_MAX = 10;

/**
 * A Kafka source that runs in a thread of its own: connections, heartbeats, checksums and decompression take no time from
 * counting, and what the client leaves behind is not collected here. The thread starts at once, so that it is loaded when
 * the store is. `code` is what it runs.
 */
export function createKafkaSourceInThread(
  options: KafkaSourceOptions,
  code: URL = READING_THREAD,
): KafkaSourceHandle {
  return new KafkaSourceInThread(withDefaults(options), options.onStatus ?? (() => undefined), code);
}

/**
 * This thread's end of a source. What the other thread sends is dealt with one after the other, in its order; the intake
 * is its only way to the worker, so that a batch that was sent and not counted when the thread ends is read again.
 * States: loading → `run` → running → ended. `stop` ends any of them for good.
 */
class KafkaSourceInThread implements KafkaSourceHandle {
  readonly name: string;
  readonly kafka: KafkaCounters;
  readonly #settings: KafkaSettings;
  readonly #onStatus: (status: KafkaStatus) => void;
  readonly #counters = countersMemory();
  /** Null when it is gone. */
  #thread: Worker | null;
  #intake: Intake | null = null;
  /** Settles when all that came so far is dealt with. */
  #turn: Promise<void> = Promise.resolve();
  /** The thread has said its last word, or has none; or the intake has failed. */
  readonly #ended = Promise.withResolvers<void>();
  /** A stop takes too long. */
  readonly #overdue = Promise.withResolvers<void>();
  #isStopped = false;
  #isRunning = false;
  #hasFailed = false;
  #lastStatus = '';
  #paused = '';
  /** Commits of offsets under way: one for each checkpoint that the thread has not answered yet. */
  readonly #commits = new Map<number, () => void>();
  #lastCommit = 0;

  constructor(settings: KafkaSettings, onStatus: (status: KafkaStatus) => void, code: URL) {
    this.name = settings.name;
    this.#settings = settings;
    this.#onStatus = onStatus;
    this.kafka = sharedCounters(this.#counters);
    const thread = startThread(code, settings, this.#counters);
    this.#thread = thread;
    thread.on('message', (message: FromThread) => this.#receive(message));
    thread.once('error', (cause) => this.#ended.reject(threadFailure(this.name, cause)));
    thread.once('exit', () => this.#ended.reject(threadFailure(this.name, null)));
    // Until `run` nobody waits for it.
    this.#ended.promise.catch(() => undefined);
    thread.unref();
  }

  async run(intake: Intake): Promise<void> {
    if (this.#isRunning)
      throw new WinnowError('WINNOW_SOURCE_RUNNING', `run source ${this.name}: it was run before`);
    this.#isRunning = true;
    // Before the thread can say so: nothing is read yet.
    this.#report(connecting(this.#settings));
    this.#intake = intake;
    if (this.#isStopped) return;
    this.#thread?.ref();
    this.#tell({ kind: 'run' });
    try {
      await this.#allDealtWith();
    } finally {
      this.#isStopped = true;
      await this.#endThread();
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    if (!this.#isRunning) await this.#endThread();
    if (this.#thread === null) return;
    this.#tell({ kind: 'stop' });
    const timer = setTimeout(this.#overdue.resolve, this.#settings.stopDeadlineMs + STOP_GRACE_MS);
    await this.#allDealtWith().catch(() => undefined);
    clearTimeout(timer);
  }

  async committed(positions: readonly PartitionPosition[]): Promise<void> {
    const own = positions.filter((position) => position.source === this.name);
    if (own.length === 0 || this.#thread === null || this.#commits.size >= COMMITS_MAX) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const id = ++this.#lastCommit;
    this.#commits.set(id, resolve);
    this.#tell({ kind: 'commit', id, positions: own });
    await promise;
  }

  setPaused(partitions: readonly PartitionRef[]): void {
    const own = partitions.filter((ref) => ref.source === this.name);
    const text = JSON.stringify(own);
    if (text === this.#paused) return;
    this.#paused = text;
    this.#tell({ kind: 'paused', partitions: own });
  }

  #receive(message: FromThread): void {
    switch (message.kind) {
      case 'batch':
        this.#inTurn(() => this.#accept(message.packed));
        break;
      case 'question':
        this.#inTurn(() => this.#answer(message.id, message.question));
        break;
      case 'status':
        this.#report(message.status);
        break;
      case 'log':
        this.#settings.logger[message.level](message.fields, message.message);
        break;
      case 'committed':
        this.#endCommit(message.id);
        break;
      case 'ended':
        if (message.error === null) this.#ended.resolve();
        else this.#ended.reject(receiveError(message.error));
    }
  }

  async #endThread(): Promise<void> {
    const thread = this.#thread;
    this.#thread = null;
    await thread?.terminate();
    for (const id of [...this.#commits.keys()]) this.#endCommit(id);
  }

  async #allDealtWith(): Promise<void> {
    await Promise.race([this.#ended.promise.then(() => this.#turn), this.#overdue.promise]);
  }

  #report(status: KafkaStatus): void {
    const text = JSON.stringify(status);
    if (text === this.#lastStatus) return;
    this.#lastStatus = text;
    this.#onStatus(status);
  }

  #endCommit(id: number): void {
    this.#commits.get(id)?.();
    this.#commits.delete(id);
  }

  #inTurn(work: () => Promise<void>): void {
    this.#turn = this.#turn.then(work);
  }

  /** A batch that comes after a failure, or after the stop, is not counted and so will be read again. */
  async #accept(packed: PackedBatch): Promise<void> {
    if (this.#hasFailed) return;
    try {
      if (!this.#isStopped) await this.#intake!.accept(unpackBatch(packed));
    } catch (error) {
      this.#fail(error);
      return;
    }
    const { buffer } = packed;
    this.#tell({ kind: 'counted', buffer }, buffer === null ? [] : [buffer]);
  }

  async #answer(id: number, question: Question): Promise<void> {
    try {
      this.#tell({ kind: 'answer', id, value: await this.#ask(question) });
    } catch (error) {
      if (question.ask !== 'token') this.#fail(error);
      this.#tell({ kind: 'failure', id, error: sendError(error) });
    }
  }

  async #ask(question: Question): Promise<unknown> {
    if (question.ask !== 'token' && (this.#hasFailed || this.#isStopped))
      throw new Error('the source has ended');
    switch (question.ask) {
      case 'assigned':
        return await this.#intake!.assigned(question.partitions);
      case 'revoked':
        return await this.#intake!.revoked(question.partitions);
      case 'token':
        return await readToken(this.#settings);
    }
  }

  /** The intake's first failure ends the source, with that very error; nothing more is handed to it. */
  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    if (!this.#isStopped) this.#ended.reject(error);
    this.#tell({ kind: 'refused' });
  }

  #tell(message: ToThread, handedOver: readonly ArrayBuffer[] = []): void {
    this.#thread?.postMessage(message, handedOver);
  }
}

function startThread(code: URL, settings: KafkaSettings, counters: SharedArrayBuffer): Worker {
  const { logger: _, sasl, ...options } = settings;
  const workerData: ThreadStart = {
    options,
    sasl: sasl === undefined ? null : sasl.mechanism === 'oauthbearer' ? { mechanism: sasl.mechanism } : sasl,
    counters,
  };
  // What this process was told to load first is not the thread's.
  return new Worker(code, {
    workerData,
    execArgv: [],
    env: threadEnvironment(),
    name: `kafka ${settings.name}`,
  });
}

async function readToken({ sasl }: KafkaSettings): Promise<string> {
  if (sasl?.mechanism !== 'oauthbearer') throw new Error('BUG: asked for a token that nobody needs');
  return await sasl.token();
}

function threadFailure(name: string, cause: unknown): WinnowError {
  const why = cause === null ? 'it ended by itself' : cause instanceof Error ? cause.message : String(cause);
  return new WinnowError('WINNOW_KAFKA_THREAD', `run source ${name}: its thread failed: ${why}`, {
    hint: 'start it again: it goes on where the store ends',
    ...(cause === null ? {} : { cause }),
  });
}
