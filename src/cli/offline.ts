import { loadConfig } from '../config.ts';
import type { Source, Store, WindowRevision } from '../contracts.ts';
import type { DecoderOptions } from '../core/decode/decoder.ts';
import { Pipeline, type PipelineOptions } from '../core/pipeline.ts';
import type { RedactorOptions } from '../core/redact.ts';
import { Worker } from '../worker.ts';
import type { OptionHelp } from './command.ts';

/** Settings of the commands that read to an end without broker or clock. */
export interface OfflineOptions extends Pick<PipelineOptions, 'masking'> {
  /** Names the pipeline in windows; default `replay`. */
  readonly name?: string;
  readonly tenant: string;
  readonly budgetPerDay: number;
  readonly redact: boolean;
  /** Further key names whose values are secret. */
  readonly extraKeys?: readonly string[];
  readonly tenantAttribute?: string;
  readonly maxMessageBytes?: number;
}

export const CONFIG_OPTION: OptionHelp = {
  flag: 'config',
  value: 'FILE',
  help: 'read masking, redaction, tenant, budget and limits from this file of `winnow run`',
};

/**
 * Options from the configuration file that --config names, if any, and from flags, which win. The environment counts for
 * nothing here: the same command on the same files gives the same output.
 */
export function offlineOptions(
  flags: Readonly<Record<string, string | undefined>>,
  switches: ReadonlySet<string>,
): OfflineOptions {
  const { config: file, tenant, budget } = flags;
  const redaction = switches.has('no-redaction') ? 'false' : undefined;
  const config = loadConfig({ file, environment: {}, flags: { tenant, budget, redaction } });
  return {
    name: file === undefined ? 'replay' : config.name,
    tenant: config.tenant,
    budgetPerDay: config.detection.falseAlarmBudgetPerDay,
    redact: config.redaction.enabled,
    extraKeys: config.redaction.extraKeys,
    masking: config.masking,
    maxMessageBytes: config.limits.maxMessageBytes,
    ...(config.tenantAttribute === undefined ? {} : { tenantAttribute: config.tenantAttribute }),
  };
}

export function offlinePipeline(options: OfflineOptions): Pipeline {
  return new Pipeline({
    name: options.name ?? 'replay',
    tenant: options.tenant,
    kafkaSources: [],
    decode: decodeOptions(options),
    redact: redactOptions(options),
    masking: options.masking ?? [],
    detect: { falseAlarmBudgetPerDay: options.budgetPerDay },
  });
}

export function redactOptions({ redact, extraKeys = [] }: OfflineOptions): RedactorOptions {
  return { enabled: redact, extraKeys };
}

export function decodeOptions({ tenant, tenantAttribute, maxMessageBytes }: OfflineOptions): DecoderOptions {
  return {
    defaultTenant: tenant,
    ...(tenantAttribute === undefined ? {} : { tenantAttribute }),
    ...(maxMessageBytes === undefined ? {} : { maxMessageBytes }),
  };
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
