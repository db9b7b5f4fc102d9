import type { Source, Store, WindowRevision } from '../contracts.ts';
import { Pipeline, type PipelineOptions } from '../core/pipeline.ts';
import { Worker } from '../worker.ts';

/** Limits and defaults of the commands that read to an end without configuration file, broker or clock. */
export interface OfflineOptions {
  readonly tenant: string;
  readonly budgetPerDay: number;
  readonly redact: boolean;
}

export function offlinePipeline(options: OfflineOptions): Pipeline {
  const pipelineOptions: PipelineOptions = {
    name: 'replay',
    tenant: options.tenant,
    kafkaSources: [],
    decode: { defaultTenant: options.tenant },
    redact: { enabled: options.redact },
    detect: { falseAlarmBudgetPerDay: options.budgetPerDay },
  };
  return new Pipeline(pipelineOptions);
}

/** Checkpoints of a run to the end: rare, because only a stored window must be durable at once. */
const CHECKPOINT_EVERY_MS = 2_000;

/**
 * Reads a source to its end, judges everything, and hands revisions over in the order they came about.
 * Nothing is ever idle: without a clock, a partition holds the watermark until it ends.
 */
export async function runToEnd(
  pipeline: Pipeline,
  source: Source,
  store: Store | null,
  onRevisions: (revisions: readonly WindowRevision[]) => void,
): Promise<void> {
  if (store !== null) {
    pipeline.load(store.load());
    // What an earlier run read has ended; without a clock it would hold this run's windows back for ever.
    for (const clock of pipeline.counting.clocks.all()) clock.state = 'finished';
  }
  const worker = new Worker(
    pipeline,
    store,
    {
      checkpointEveryMs: CHECKPOINT_EVERY_MS,
      idleAfterMs: Number.POSITIVE_INFINITY,
      nowMs: () => performance.now(),
    },
    onRevisions,
  );
  await source.run(worker.intake(source));
  await worker.drain();
  await worker.checkpoint();
}
