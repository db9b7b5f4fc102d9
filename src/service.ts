import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { PipelineCounters } from './api/counters.ts';
import { HttpServer, type Readiness } from './api/http.ts';
import type { Metrics } from './api/metrics.ts';
import { keepCompiled } from './compile-cache.ts';
import type { Config } from './config-schema.ts';
import type { KafkaCounters, Source, WindowRevision } from './contracts.ts';
import { Pipeline } from './core/pipeline.ts';
import { createRedactor } from './core/redact.ts';
import { renderText } from './core/window/render.ts';
import { WinnowError } from './errors.ts';
import type { DeadLetterTopic } from './feeds/dead-letter-topic.ts';
import { Feeds } from './feeds/feeds.ts';
import { createDeadLetterTopic } from './feeds/registry.ts';
import { Poison } from './poison.ts';
import { keepOldHeapSmall } from './small-heap.ts';
import { redactMessage } from './sources/redact-message.ts';
import { createSource, type SourceStatus } from './sources/registry.ts';
import { takeSteps } from './stop-steps.ts';
import { acquireLock, type StoreLock } from './store/lock.ts';
import { openStore, type SqliteStore } from './store/sqlite.ts';
import { loadTokenCounter } from './tokens.ts';
import { UnbookedWatch } from './unbooked-watch.ts';
import { programVersion } from './version.ts';
import { Worker } from './worker.ts';

/** How often the worker looks for idle partitions and due checkpoints. */
const TICK_MS = 500;

/**
 * The running service.
 * created → standby (another process holds the store) → running → stopping → stopped. `stop` works in every state.
 * Starts against the data flow (endpoint, lock, store, worker, sources) and stops with it.
 */
export class Service {
  readonly #config: Config;
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #counters = new PipelineCounters();
  readonly #sources: Source[] = [];
  readonly #sourceStatus = new Map<string, SourceStatus>();
  readonly #http: HttpServer;
  #state: 'created' | 'standby' | 'running' | 'stopping' | 'stopped' = 'created';
  #detail = 'starting';
  #lock: StoreLock | null = null;
  #store: SqliteStore | null = null;
  #feeds: Feeds | null = null;
  /** Null: what could not be read is counted only. */
  #deadLetters: DeadLetterTopic | null = null;
  #worker: Worker | null = null;
  /** Made when the sources run already: the library takes longer to load than what they begin with. */
  readonly #metrics = Promise.withResolvers<Metrics>();
  /** Settles when all that became durable so far is told of. */
  #told: Promise<void> = Promise.resolve();
  #tick: NodeJS.Timeout | null = null;
  #stopped: Promise<void> | null = null;
  #failure: unknown = null;
  /** Ends `run` when all is stopped, also where a source does not. */
  readonly #ended = Promise.withResolvers<void>();

  constructor(config: Config, log: Logger) {
    this.#config = config;
    this.#log = log;
    this.#http = new HttpServer({
      host: config.http.host,
      port: config.http.port,
      metrics: () => this.#scrape(),
      readiness: () => this.#readiness(),
    });
  }

  /** Runs until `stop` is called or every source has ended; rejects when the service cannot go on. */
  async run(): Promise<void> {
    try {
      const port = await this.#http.start();
      this.#log.info({ host: this.#config.http.host, port }, 'metrics and health endpoint listening');
      await this.#takeStore();
      if (this.#stopping.signal.aborted) return;
      await this.#startFeeds();
      if (this.#stopping.signal.aborted) return;
      await this.#createSources();
      // One that was made while the service stopped is not begun.
      if (this.#stopping.signal.aborted) return;
      const openMetrics = this.#startWorker();
      await this.#runSources(openMetrics);
    } catch (error) {
      if (this.#stopping.signal.aborted) this.#log.warn({ err: error }, 'ended while stopping');
      else this.#failure = error;
    }
    await this.stop();
    if (this.#failure !== null) throw this.#failure;
  }

  /** Stops the sources, makes everything read so far durable, releases the store. Idempotent. */
  stop(): Promise<void> {
    this.#stopped ??= this.#shutDown();
    return this.#stopped;
  }

  /** Waits for the store while another process has it. */
  async #takeStore(): Promise<void> {
    const { path, retentionDays } = this.#config.store;
    this.#lock = await acquireLock(path, {
      signal: this.#stopping.signal,
      onWaiting: (message) => {
        this.#state = 'standby';
        this.#detail = `standby: ${message}`;
        this.#log.warn(`standing by: ${message}`);
      },
    });
    this.#store = openStore({
      path,
      retention: { windowsDays: retentionDays },
      programVersion: programVersion(),
    });
    this.#log.info({ path, storeId: this.#store.storeId }, 'store opened');
  }

  async #startFeeds(): Promise<void> {
    this.#feeds = await Feeds.create(this.#config.feeds, this.#store!.deliveries, this.#log);
    this.#deadLetters = await createDeadLetterTopic(this.#config, this.#log);
    if (!this.#stopping.signal.aborted) this.#feeds.start((error) => this.#fail(error));
  }

  async #stopFeeds(): Promise<void> {
    const feeds = this.#feeds;
    await feeds?.stop();
    // A scrape from here on must not ask the store.
    this.#feeds = null;
  }

  /** Returns what is left to do when the sources run. */
  #startWorker(): () => Promise<void> {
    const config = this.#config;
    const store = this.#store!;
    const startedMs = performance.now();
    const pipeline = createPipeline(config);
    pipeline.load(store.load());
    keepOldHeapSmall();
    const restoreSeconds = (performance.now() - startedMs) / 1_000;
    pipeline.observe((bucket, judgement, revisions) => this.#counters.observe(bucket, judgement, revisions));
    const redactor = createRedactor(config.redaction);
    const poison = new Poison({
      letters: this.#deadLetters,
      redact: config.redaction.enabled ? redactMessage(redactor) : null,
      nowMs: Date.now,
    });
    for (const { name } of config.sources) poison.know(name);
    pipeline.counting.onMalformed = (ref, message, malformed) => poison.take(ref, message, malformed);
    const worker = new Worker(
      pipeline,
      store,
      {
        checkpointEveryMs: config.checkpointEveryMs,
        idleAfterMs: config.idleAfterMs,
        nowMs: Date.now,
        onCheckpoint: (durationMs) => this.#onMetrics((metrics) => metrics.observeCheckpoint(durationMs)),
      },
      (revisions) => this.#announce(revisions),
    );
    this.#worker = worker;
    const unbooked = new UnbookedWatch();
    this.#tick = setInterval(() => {
      const news = unbooked.look(pipeline.counting.unbooked, Date.now());
      if (news !== null)
        this.#log.warn({ ...news, hint: UNBOOKED_HINT }, 'dropped records that no window can tell of');
      worker.tick().catch((error: unknown) => this.#fail(error));
    }, TICK_MS);
    this.#state = 'running';
    this.#detail = 'running';
    this.#log.info({ restoreSeconds, templates: pipeline.miner.size }, 'worker started');
    return async () => {
      const { Metrics } = await import('./api/metrics.ts');
      const metrics = new Metrics({
        version: programVersion(),
        counters: this.#counters,
        pipeline,
        workerStats: worker.stats,
        nowMs: Date.now,
        restoreSeconds,
        lagRecords: () => worker.waiting,
        feeds: () => this.#feeds?.standings() ?? [],
        deadLetters: () => this.#deadLetters?.counts ?? null,
        kafka: () => kafkaCounters(this.#sources),
        poison: () => poison.counts,
        storeConflicts: () => store.counters.conflictingRevisions,
      });
      this.#metrics.resolve(metrics);
    };
  }

  /** Before the worker: a source that has much to load does so while the worker's state is restored. */
  async #createSources(): Promise<void> {
    const redactor = createRedactor(this.#config.redaction);
    for (const config of this.#config.sources) {
      const source = await createSource(config, {
        log: this.#log,
        storeId: this.#store!.storeId,
        journalDirectory: join(dirname(this.#config.store.path), `${config.name}.journal`),
        maxMessageBytes: this.#config.limits.maxMessageBytes,
        redactor,
        onStatus: (status) => this.#sourceStatus.set(config.name, status),
      });
      this.#sources.push(source);
    }
  }

  async #runSources(openMetrics: () => Promise<void>): Promise<void> {
    const worker = this.#worker!;
    const ended = Promise.all(
      this.#sources.map(async (source) => {
        await source.run(worker.intake(source));
        for (const { message, hint } of source.problems ?? [])
          this.#log.error({ source: source.name, hint }, message);
      }),
    );
    const metered = openMetrics().then(keepCompiled);
    await Promise.race([Promise.all([ended, metered]), this.#ended.promise]);
    if (!this.#stopping.signal.aborted) {
      this.#log.info('every source has ended');
      await worker.drain();
    }
  }

  #announce(revisions: readonly WindowRevision[]): void {
    this.#feeds?.notify();
    this.#told = this.#told.then(() => this.#tell(revisions)).catch((error: unknown) => this.#fail(error));
  }

  /** The tokenizer takes longer to load than all the rest, and half as much memory: only who has windows pays for it. */
  async #tell(revisions: readonly WindowRevision[]): Promise<void> {
    const countTokens = await loadTokenCounter();
    for (const revision of revisions) {
      const tokens = countTokens(renderText(revision.event, { countTokens }));
      this.#onMetrics((metrics) => metrics.observeRevision(revision, tokens));
      const { windowId, headline, status, services } = revision;
      this.#log.info({ windowId, revision: revision.revision, status, services, tokens }, headline);
    }
  }

  #onMetrics(observe: (metrics: Metrics) => void): void {
    this.#metrics.promise.then(observe).catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.stop().catch((reason: unknown) => this.#log.error({ err: reason }, 'stop failed'));
  }

  async #shutDown(): Promise<void> {
    this.#stopping.abort();
    this.#state = 'stopping';
    this.#detail = 'stopping';
    if (this.#tick !== null) clearInterval(this.#tick);
    const onFailure = (error: unknown, name: string): void =>
      this.#log.error({ err: error }, `stopping: ${name} failed`);
    const stopSource = (source: Source): Promise<void> =>
      takeSteps([{ name: `source ${source.name}`, run: () => source.stop() }], onFailure);
    await takeSteps(
      [
        { name: 'sources', run: () => Promise.all(this.#sources.map(stopSource)) },
        { name: 'last checkpoint (the store holds the one before)', run: () => this.#worker?.checkpoint() },
        { name: 'announcements', run: () => this.#told },
        { name: 'feeds', run: () => Promise.all([this.#stopFeeds(), this.#deadLetters?.stop()]) },
        { name: 'store', run: () => this.#store?.close() },
        { name: 'lock', run: () => this.#lock?.release() },
        { name: 'endpoint', run: () => this.#http.stop() },
      ],
      onFailure,
    );
    this.#state = 'stopped';
    this.#log.info('stopped');
    this.#ended.resolve();
  }

  async #scrape(): Promise<{ body: string; contentType: string }> {
    const registry =
      this.#worker === null ? await this.#processRegistry() : (await this.#metrics.promise).registry;
    return { body: await registry.metrics(), contentType: registry.contentType };
  }

  /** What is served until there is a worker. */
  async #processRegistry(): Promise<Registry> {
    const { processRegistry } = await import('./api/process-metrics.ts');
    return processRegistry(programVersion(), () => this.#state === 'standby');
  }

  #readiness(): Readiness {
    for (const [name, status] of this.#sourceStatus) {
      const hint = status.hint === undefined ? '' : `\nhint: ${status.hint}`;
      if (!status.ready) return { ready: false, detail: `source ${name}: ${status.detail}${hint}` };
    }
    // A feed's target that is away keeps nothing from being read, judged and stored.
    const detail = [this.#detail, ...(this.#feeds?.problems() ?? [])].join('\n');
    return { ready: this.#state === 'running', detail };
  }
}

const UNBOOKED_HINT =
  'their partitions have not shown one plausible time: look at the encoding of the source and the clocks of the senders';

function kafkaCounters(sources: readonly Source[]): ReadonlyMap<string, Readonly<KafkaCounters>> {
  const byName = new Map<string, Readonly<KafkaCounters>>();
  for (const { name, kafka } of sources) if (kafka !== undefined) byName.set(name, kafka);
  return byName;
}

/** The pipeline that a configuration asks for. */
export function createPipeline(config: Config): Pipeline {
  return new Pipeline({
    name: config.name,
    tenant: config.tenant,
    kafkaSources: config.sources.filter(({ type }) => type === 'kafka').map(({ name }) => name),
    decode: {
      defaultTenant: config.tenant,
      ...(config.tenantAttribute === undefined ? {} : { tenantAttribute: config.tenantAttribute }),
      maxMessageBytes: config.limits.maxMessageBytes,
    },
    redact: config.redaction,
    masking: config.masking,
    detect: { falseAlarmBudgetPerDay: config.detection.falseAlarmBudgetPerDay },
  });
}

/** Refuses a configuration that would run and do nothing. */
export function requireSources(config: Config): void {
  if (config.sources.length > 0) return;
  throw new WinnowError('WINNOW_CONFIG_INVALID', 'read configuration: no source to read from', {
    hint: 'name one in the configuration file, or give --brokers HOST:PORT, or use `winnow replay FILE`',
  });
}
