import { Histogram, Registry } from 'prom-client';
import type { DropReason, FindingKind, SeverityClass, WindowRevision } from '../contracts.ts';
import type { Pipeline } from '../core/pipeline.ts';
import { SEVERITY_CLASS_NAMES } from '../core/severity.ts';
import type { WorkerStats } from '../worker.ts';
import type { PipelineCounters } from './counters.ts';
import { type KafkaMetricsInput, registerKafka } from './kafka-metrics.ts';
import { registerProcess } from './process-metrics.ts';
import { addCounter, addGauge, type Fill } from './series.ts';

/** Services that get a label of their own; the rest is `other`, so that a scrape stays small. */
const SERVICE_LABELS_MAX = 200;
const KINDS: readonly FindingKind[] = ['new', 'rare', 'spike', 'drop', 'silence', 'shift'];

export interface MetricsInput extends KafkaMetricsInput {
  readonly version: string;
  readonly counters: PipelineCounters;
  readonly pipeline: Pipeline;
  readonly workerStats: WorkerStats;
  readonly nowMs: () => number;
  readonly restoreSeconds: number;
  /** Messages waiting per partition, where the source knows. */
  readonly lagRecords: () => ReadonlyMap<string, number>;
  /** Revisions that the store refused because it holds another one of that number. */
  readonly storeConflicts: () => number;
  readonly feeds: () => readonly FeedSeries[];
  /** Letters by result; null = there is no topic for them. */
  readonly deadLetters: () => Readonly<Record<'written' | 'sampled' | 'dropped' | 'rejected', number>> | null;
}

/** What is known of a feed at scrape. */
export interface FeedSeries {
  readonly name: string;
  readonly pending: number;
  /** Revisions by result. */
  readonly counts: Readonly<Record<'delivered' | 'retried' | 'rejected' | 'expired', number>>;
}

/** The Prometheus registry. Its values are copied from plain counters at scrape; nothing here runs per record. */
export class Metrics {
  readonly registry = new Registry();
  readonly #emitDelay: Histogram<'kind'>;
  readonly #promptTokens: Histogram;
  readonly #checkpoint: Histogram;

  constructor(input: MetricsInput) {
    const registers = [this.registry];
    this.#emitDelay = new Histogram({
      name: 'winnow_window_emit_delay_seconds',
      help: 'Event time from the onset of a window to its first revision.',
      labelNames: ['kind'],
      buckets: [5, 10, 15, 20, 30, 60, 120, 300, 600, 1_800, 3_600],
      registers,
    });
    this.#promptTokens = new Histogram({
      name: 'winnow_window_prompt_tokens',
      help: 'Tokens of a window revision rendered as text.',
      buckets: [200, 400, 600, 800, 1_000, 1_100],
      registers,
    });
    this.#checkpoint = new Histogram({
      name: 'winnow_checkpoint_duration_seconds',
      help: 'Time that a checkpoint held the worker.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    });
    this.#registerInput(input);
    registerKafka(this.registry, input);
    this.#registerFindings(input);
    this.#registerServices(input);
    this.#registerProcess(input);
    this.#registerFeeds(input);
  }

  /** Call once for every revision that became durable. */
  observeRevision(revision: WindowRevision, promptTokens: number): void {
    this.#promptTokens.observe(promptTokens);
    if (revision.revision !== 1) return;
    const delaySeconds = Math.max(0, (revision.watermarkMs - revision.onsetMs) / 1_000);
    for (const kind of revision.kinds) this.#emitDelay.observe({ kind }, delaySeconds);
  }

  /** Call once for every checkpoint, with the time it took in ms. */
  observeCheckpoint(durationMs: number): void {
    this.#checkpoint.observe(durationMs / 1_000);
  }

  #registerInput({ counters, pipeline, lagRecords, nowMs }: MetricsInput): void {
    this.#counter(
      'winnow_records_consumed_total',
      'Records consumed, dropped ones included.',
      () => counters.records + pipeline.counting.unbooked.consumed,
    );
    this.#counter(
      'winnow_bytes_consumed_total',
      'Bytes of consumed records.',
      () => counters.bytes + pipeline.counting.unbooked.bytes,
    );
    this.#counterBy('winnow_records_dropped_total', 'Records not counted, by reason.', ['reason'], (set) => {
      const { dropped } = pipeline.counting.unbooked;
      for (const [reason, units] of Object.entries(counters.dropped))
        set([REASON_LABELS[reason as DropReason]], units + dropped[reason as DropReason]);
    });
    this.#gaugeBy(
      'winnow_consumer_lag_records',
      'Messages waiting in a partition behind the last batch.',
      ['partition'],
      (set) => {
        for (const [partition, lag] of lagRecords()) set([partition], lag);
      },
    );
    this.#gaugeBy(
      'winnow_event_time_lag_seconds',
      'Wall clock minus event time, by partition.',
      ['partition'],
      (set) => {
        for (const { ref, maxMs } of pipeline.counting.clocks.all()) {
          if (Number.isFinite(maxMs)) set([`${ref.topic}/${ref.partition}`], (nowMs() - maxMs) / 1_000);
        }
      },
    );
  }

  #registerFindings({ counters, pipeline }: MetricsInput): void {
    this.#gauge('winnow_templates_active', 'Templates held.', () => pipeline.miner.size);
    this.#counter(
      'winnow_signatures_forgotten_total',
      'Signatures unseen longest that made room for others.',
      () => pipeline.miner.signaturesForgotten,
    );
    this.#counterBy('winnow_template_changes_total', 'Changes of templates.', ['change'], (set) => {
      for (const [change, units] of Object.entries(counters.templateChanges)) set([change], units);
    });
    this.#counterBy('winnow_findings_total', 'Findings of the detectors.', ['kind', 'severity'], (set) => {
      for (const kind of KINDS) {
        SEVERITY_CLASS_NAMES.forEach((name, i) => {
          set([kind, name], counters.findings.get(`${kind} ${i}`) ?? 0);
        });
      }
    });
    this.#counterBy('winnow_windows_total', 'Window revisions, by status.', ['status'], (set) => {
      for (const [status, units] of Object.entries(counters.windows)) set([status], units);
    });
    this.#counterBy('winnow_windows_suppressed_total', 'Windows muted by a rule.', ['reason'], (set) => {
      set(['rule'], counters.windows.suppressed);
    });
    this.#counterBy(
      'winnow_rare_overflow_total',
      'New templates over the admission rate.',
      ['service'],
      (set) => {
        for (const [service, units] of capped([...counters.rareOverflow])) set([service], units);
      },
    );
    this.#gaugeBy(
      'winnow_window_active',
      '1 while a window is open.',
      ['service', 'kind', 'severity'],
      (set) => {
        for (const { service, kinds, severity } of counters.active.values()) {
          for (const kind of kinds) set([service, kind, className(severity)], 1);
        }
      },
    );
    this.#counterBy('winnow_redactions_total', 'Redacted spans, by rule.', ['rule'], (set) => {
      for (const [rule, units] of Object.entries(pipeline.redactor.counts())) set([rule], units);
    });
    this.#gauge(
      'winnow_false_alarm_budget_per_day',
      'False findings a day that the detectors are set to stay under.',
      () => pipeline.detectors.falseAlarmBudgetPerDay,
    );
  }

  #registerServices({ counters, pipeline }: MetricsInput): void {
    const each =
      (read: (key: string) => number | null) => (set: (labels: string[], value: number) => void) => {
        for (const [key, label] of capped([...counters.services])) {
          const value = read(key);
          if (value !== null) set([label], value);
        }
      };
    const { detectors } = pipeline;
    this.#gaugeBy(
      'winnow_service_traffic_ratio',
      'Traffic now over its own baseline.',
      ['service'],
      each((key) => detectors.trafficIndex(key)),
    );
    this.#gaugeBy(
      'winnow_service_warm',
      '1 when the baseline is old enough to be trusted.',
      ['service'],
      each((key) => Number(detectors.isWarm(key))),
    );
    this.#gaugeBy(
      'winnow_service_quarantined',
      '1 when the service is too novel for the rare path.',
      ['service'],
      each((key) => Number(detectors.isQuarantined(key))),
    );
  }

  #registerProcess({ version, workerStats, nowMs, restoreSeconds, storeConflicts }: MetricsInput): void {
    registerProcess(this.registry, version, () => false);
    this.#gauge('winnow_state_restore_seconds', 'Time to restore state at start.', () => restoreSeconds);
    this.#gauge('winnow_checkpoint_age_seconds', 'Time since the last checkpoint.', () => {
      return Math.max(0, (nowMs() - workerStats.lastCheckpointAtMs) / 1_000);
    });
    this.#counter(
      'winnow_store_conflicts_total',
      'Revisions that differ from the stored one of their number, which was kept. Above 0 = a bug.',
      storeConflicts,
    );
  }

  #registerFeeds({ feeds, deadLetters }: MetricsInput): void {
    this.#counterBy(
      'winnow_deliveries_total',
      'Revisions by what became of them at a feed.',
      ['feed', 'result'],
      (set) => {
        for (const { name, counts } of feeds())
          for (const [result, units] of Object.entries(counts)) set([name, result], units);
      },
    );
    this.#gaugeBy('winnow_delivery_pending', 'Revisions a feed has yet to take.', ['feed'], (set) => {
      for (const { name, pending } of feeds()) set([name], pending);
    });
    this.#counterBy(
      'winnow_dead_letters_total',
      'Dead letters by what became of them; no series without a topic for them.',
      ['result'],
      (set) => {
        for (const [result, letters] of Object.entries(deadLetters() ?? {})) set([result], letters);
      },
    );
  }

  #counter(name: string, help: string, read: () => number): void {
    this.#counterBy(name, help, [], (set) => set([], read()));
  }

  #gauge(name: string, help: string, read: () => number): void {
    this.#gaugeBy(name, help, [], (set) => set([], read()));
  }

  #counterBy(name: string, help: string, labelNames: string[], fill: Fill): void {
    addCounter(this.registry, { name, help, labelNames }, fill);
  }

  #gaugeBy(name: string, help: string, labelNames: string[], fill: Fill): void {
    addGauge(this.registry, { name, help, labelNames }, fill);
  }
}

/** Label values operators know from other consumers. */
const REASON_LABELS: Readonly<Record<DropReason, string>> = {
  late: 'late',
  malformed: 'parse',
  time_out_of_range: 'time_out_of_range',
  no_time: 'no_time',
  too_large: 'too_large',
  overflow: 'overflow',
};

function className(severity: SeverityClass): string {
  return SEVERITY_CLASS_NAMES[severity]!;
}

/** The first entries as they are; a number-valued rest is added up under `other`. */
function capped<Value>(entries: [string, Value][]): [string, Value][] {
  const sorted = entries.sort((a, b) => (a[0] < b[0] ? -1 : 1));
  if (sorted.length <= SERVICE_LABELS_MAX) return sorted;
  const rest = sorted.slice(SERVICE_LABELS_MAX);
  const sum = rest.reduce((total, [, value]) => total + (typeof value === 'number' ? value : 0), 0);
  return [
    ...sorted.slice(0, SERVICE_LABELS_MAX),
    ['other', (typeof rest[0]![1] === 'number' ? sum : 'other') as Value],
  ];
}
