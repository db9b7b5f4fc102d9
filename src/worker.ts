import type {
  Batch,
  Intake,
  JournalledInput,
  PartitionPosition,
  PartitionRef,
  Source,
  Store,
  WindowRevision,
} from './contracts.ts';
import type { Pipeline } from './core/pipeline.ts';

export interface WorkerOptions {
  /** Wall time between checkpoints when no window was revised, ms. */
  readonly checkpointEveryMs: number;
  /** A caught-up partition without messages for this long no longer holds the watermark back, ms of wall time. */
  readonly idleAfterMs: number;
  /** Wall clock, ms; only decides when to checkpoint and what is idle, never what a window says. */
  readonly nowMs: () => number;
  /** Told of every checkpoint: how long it held the worker, ms. */
  readonly onCheckpoint?: (durationMs: number) => void;
}

/** Counters of this process; the metrics endpoint reads them at scrape. */
export interface WorkerStats {
  messages: number;
  batches: number;
  checkpoints: number;
  checkpointMs: number;
  lastCheckpointAtMs: number;
  commitFailures: number;
}

interface PartitionState {
  readonly ref: PartitionRef;
  /** Null: known from the store, no source has claimed it yet, or it was given away. */
  source: Source | null;
  caughtUp: boolean;
  lastMessageAtMs: number;
  isIdle: boolean;
}

/**
 * The serial loop between sources, pipeline and store: accept → count → close buckets → checkpoint → committed.
 * Batches of all sources take turns; `accept` resolves when its batch is counted, which is all the backpressure there is.
 * The store's commit is the only point at which anything becomes durable. Output never depends on when it happened.
 */
export class Worker {
  readonly stats: WorkerStats = {
    messages: 0,
    batches: 0,
    checkpoints: 0,
    checkpointMs: 0,
    lastCheckpointAtMs: 0,
    commitFailures: 0,
  };
  readonly #pipeline: Pipeline;
  readonly #store: Store | null;
  readonly #options: WorkerOptions;
  readonly #partitions = new Map<string, PartitionState>();
  readonly #onRevisions: (revisions: readonly WindowRevision[]) => void;
  /** Messages waiting per partition, for sources that know: `topic/partition` → number. */
  readonly waiting = new Map<string, number>();
  #uncommitted: WindowRevision[] = [];
  #turn: Promise<void> = Promise.resolve();
  #broken: unknown = null;

  /**
   * `pipeline` is already loaded from `store`; a null store makes nothing durable.
   * `onRevisions` is called after the commit that made them durable.
   */
  constructor(
    pipeline: Pipeline,
    store: Store | null,
    options: WorkerOptions,
    onRevisions: (revisions: readonly WindowRevision[]) => void,
  ) {
    this.#pipeline = pipeline;
    this.#store = store;
    this.#options = options;
    this.#onRevisions = onRevisions;
    this.stats.lastCheckpointAtMs = options.nowMs();
    // A partition of the store that nobody reads any more holds the watermark back until it counts as idle.
    for (const clock of pipeline.counting.clocks.all()) this.#register(null, clock.ref).caughtUp = true;
  }

  /** The intake for one source; sources share the worker's turn. */
  intake(source: Source): Intake {
    return {
      accept: (batch) => this.#inTurn(() => this.#accept(source, batch)),
      assigned: (refs) => this.#inTurn(() => refs.map((ref) => this.#assign(source, ref))),
      revoked: (refs) => this.#inTurn(() => this.#revoke(refs)),
      finished: (ref) => this.#inTurn(() => this.#finish(ref)),
    };
  }

  /** Call now and then: excludes idle partitions and checkpoints when it is time. */
  tick(): Promise<void> {
    return this.#inTurn(() => {
      this.#excludeIdle();
      this.#checkpointIfDue();
    });
  }

  /** Judges everything still open, as at the end of a replay. */
  drain(): Promise<void> {
    return this.#inTurn(() => {
      this.#take(this.#pipeline.drain());
    });
  }

  /** Makes everything so far durable. */
  checkpoint(): Promise<void> {
    return this.#inTurn(() => this.#checkpoint());
  }

  #accept(source: Source, batch: Batch): void {
    const state = this.#partitions.get(keyOf(batch.partition)) ?? this.#register(source, batch.partition);
    state.caughtUp = batch.caughtUp;
    if (batch.waiting !== undefined) {
      this.waiting.set(`${batch.partition.topic}/${batch.partition.partition}`, batch.waiting);
    }
    if (batch.messages.length > 0) {
      state.lastMessageAtMs = this.#options.nowMs();
      if (state.isIdle) this.#setIdle(state, false);
    }
    this.stats.batches++;
    this.stats.messages += batch.messages.length;
    this.#take(this.#pipeline.accept(batch));
    this.#holdBack();
    this.#checkpointIfDue();
  }

  #assign(source: Source, ref: PartitionRef): PartitionPosition | null {
    const clock = this.#pipeline.counting.clocks.get(ref);
    clock.state = 'active';
    this.#register(source, ref);
    if (!clock.hasRead) return null;
    const maxTimeMs = Number.isFinite(clock.maxMs) ? clock.maxMs : null;
    const readTo = Math.max(clock.readTo, clock.rereadBelow);
    return { ...ref, resumeAt: clock.readTo, readTo, maxTimeMs };
  }

  /**
   * The clock stays: what was read is counted in this process, and a partition that comes back goes on behind it.
   * Until then it holds the watermark back as long as any quiet partition does.
   */
  #revoke(refs: readonly PartitionRef[]): void {
    this.#checkpoint();
    for (const ref of refs) {
      this.#register(null, ref).caughtUp = true;
      this.waiting.delete(`${ref.topic}/${ref.partition}`);
    }
  }

  #finish(ref: PartitionRef): void {
    this.#take(this.#pipeline.finish(ref));
    this.#partitions.delete(keyOf(ref));
    this.#holdBack();
  }

  #register(source: Source | null, ref: PartitionRef): PartitionState {
    const state = { ref, source, caughtUp: false, lastMessageAtMs: this.#options.nowMs(), isIdle: false };
    this.#partitions.set(keyOf(ref), state);
    return state;
  }

  #excludeIdle(): void {
    const now = this.#options.nowMs();
    for (const state of this.#partitions.values()) {
      if (state.isIdle || !state.caughtUp || now - state.lastMessageAtMs < this.#options.idleAfterMs)
        continue;
      this.#setIdle(state, true);
    }
  }

  #setIdle(state: PartitionState, isIdle: boolean): void {
    state.isIdle = isIdle;
    const input: JournalledInput = {
      atMs: this.#options.nowMs(),
      kind: isIdle ? 'idle' : 'active',
      detail: keyOf(state.ref).replaceAll('\u001f', '/'),
    };
    this.#store?.record([input]);
    this.#take(this.#pipeline.setIdle(state.ref, isIdle));
  }

  /** Tells each source which of its partitions run far ahead of the slowest one. */
  #holdBack(): void {
    const ahead = new Set(this.#pipeline.counting.partitionsAhead().map(keyOf));
    const bySource = new Map<Source, PartitionRef[]>();
    for (const state of this.#partitions.values()) {
      if (state.source === null) continue;
      const list = bySource.get(state.source) ?? [];
      if (ahead.has(keyOf(state.ref))) list.push(state.ref);
      bySource.set(state.source, list);
    }
    for (const [source, refs] of bySource) source.setPaused?.(refs);
  }

  #take(revisions: readonly WindowRevision[]): void {
    if (revisions.length === 0) return;
    for (const revision of revisions) this.#uncommitted.push(revision);
    this.#checkpoint();
  }

  #checkpointIfDue(): void {
    if (this.#options.nowMs() - this.stats.lastCheckpointAtMs >= this.#options.checkpointEveryMs)
      this.#checkpoint();
  }

  #checkpoint(): void {
    const startedMs = this.#options.nowMs();
    const revisions = this.#uncommitted;
    const checkpoint = { ...this.#pipeline.checkpoint(), revisions };
    this.#store?.commit(checkpoint);
    this.#uncommitted = [];
    this.stats.checkpoints++;
    this.stats.lastCheckpointAtMs = this.#options.nowMs();
    const durationMs = this.stats.lastCheckpointAtMs - startedMs;
    this.stats.checkpointMs += durationMs;
    this.#options.onCheckpoint?.(durationMs);
    if (revisions.length > 0) this.#onRevisions(revisions);
    this.#acknowledge(checkpoint.positions);
  }

  #acknowledge(positions: readonly PartitionPosition[]): void {
    const bySource = new Map<Source, PartitionPosition[]>();
    for (const position of positions) {
      const source = this.#partitions.get(keyOf(position))?.source;
      if (!source?.committed) continue;
      const list = bySource.get(source) ?? [];
      list.push(position);
      bySource.set(source, list);
    }
    for (const [source, list] of bySource) {
      source.committed?.(list).catch(() => {
        this.stats.commitFailures++;
      });
    }
  }

  /**
   * Runs `work` when everything queued before it has run. A failure inside the pipeline or the commit leaves memory and
   * store apart, so it ends the worker: every later turn fails with the same error until the process starts again.
   */
  #inTurn<Result>(work: () => Result): Promise<Result> {
    const mine = this.#turn.then(() => {
      if (this.#broken !== null) throw this.#broken;
      try {
        return work();
      } catch (error) {
        this.#broken = error;
        throw error;
      }
    });
    this.#turn = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }
}

function keyOf(ref: PartitionRef): string {
  return `${ref.source}\u001f${ref.topic}\u001f${ref.partition}`;
}
