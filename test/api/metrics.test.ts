import { expect, test } from 'vitest';
import { PipelineCounters } from '../../src/api/counters.ts';
import { Metrics } from '../../src/api/metrics.ts';
import { STORIES } from '../../src/simulator/stories.ts';
import { newCounters } from '../../src/sources/kafka/options.ts';
import { newPipeline, Player, streamsOf } from '../support/replay.ts';

/** The names other people's dashboards and rules are written against. */
const NAMES = [
  'winnow_records_consumed_total',
  'winnow_bytes_consumed_total',
  'winnow_records_dropped_total',
  'winnow_consumer_lag_records',
  'winnow_event_time_lag_seconds',
  'winnow_templates_active',
  'winnow_template_changes_total',
  'winnow_findings_total',
  'winnow_windows_total',
  'winnow_windows_suppressed_total',
  'winnow_rare_overflow_total',
  'winnow_window_active',
  'winnow_window_emit_delay_seconds',
  'winnow_window_prompt_tokens',
  'winnow_deliveries_total',
  'winnow_delivery_pending',
  'winnow_false_alarm_budget_per_day',
  'winnow_service_traffic_ratio',
  'winnow_service_warm',
  'winnow_service_quarantined',
  'winnow_redactions_total',
  'winnow_state_restore_seconds',
  'winnow_checkpoint_age_seconds',
  'winnow_checkpoint_duration_seconds',
  'winnow_signatures_forgotten_total',
  'winnow_build_info',
  'winnow_standby',
  'winnow_store_conflicts_total',
  'winnow_kafka_rebalances_total',
  'winnow_kafka_fetches_total',
  'winnow_kafka_fetch_seconds_total',
  'winnow_kafka_failures_total',
  'winnow_kafka_commit_failures_total',
  'winnow_kafka_lost_messages_total',
  'winnow_kafka_partitions_held',
  'winnow_kafka_group_shared',
  'winnow_poison_messages_total',
];

test('a run shows in every metric, zeros included, and no label holds log text', async () => {
  const counters = new PipelineCounters();
  const pipeline = newPipeline();
  pipeline.observe((bucket, judgement, revisions) => counters.observe(bucket, judgement, revisions));
  const workerStats = {
    messages: 0,
    batches: 0,
    checkpoints: 0,
    checkpointMs: 0,
    lastCheckpointAtMs: 1_000,
    commitFailures: 0,
  };
  const metrics = new Metrics({
    version: '1.2.3',
    counters,
    pipeline,
    workerStats,
    nowMs: () => 3_500,
    restoreSeconds: 0.25,
    lagRecords: () => new Map([['otlp_logs/0', 12]]),
    storeConflicts: () => 2,
    kafka: () => new Map([['kafka', { ...newCounters(), rebalances: 3, fetchMs: 1_500, groupShared: true }]]),
    poison: () => new Map([['kafka', { bad_json: 7, checksum: 0 }]]),
    deadLetters: () => ({ written: 4, sampled: 2, dropped: 0, rejected: 0 }),
    feeds: () => [
      { name: 'kafka', pending: 3, counts: { delivered: 5, retried: 0, rejected: 0, expired: 1 } },
    ],
  });
  const player = new Player(streamsOf(STORIES.refused_then_504.options, { partitions: 2 }), pipeline);
  player.play();
  for (const revision of player.revisions) metrics.observeRevision(revision, 900);
  metrics.observeCheckpoint(20);

  const text = await metrics.registry.metrics();
  for (const name of NAMES) expect(text, name).toContain(`# TYPE ${name} `);
  const value = (series: string): number =>
    Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${series} `))
        ?.split(' ')
        .at(-1),
    );
  expect(value('winnow_records_consumed_total')).toBeGreaterThan(5_000);
  expect(value('winnow_records_dropped_total{reason="parse"}')).toBe(0);
  expect(value('winnow_findings_total{kind="new",severity="error"}')).toBeGreaterThan(0);
  expect(value('winnow_findings_total{kind="spike",severity="fatal"}')).toBe(0);
  expect(value('winnow_windows_total{status="open"}')).toBeGreaterThan(0);
  expect(value('winnow_service_traffic_ratio{service="prod/shop/payments"}')).toBeGreaterThan(0);
  expect(value('winnow_checkpoint_age_seconds')).toBe(2.5);
  expect(value('winnow_checkpoint_duration_seconds_bucket{le="0.025"}')).toBe(1);
  expect(value('winnow_signatures_forgotten_total')).toBe(0);
  expect(value('winnow_build_info{version="1.2.3"}')).toBe(1);
  expect(value('winnow_consumer_lag_records{partition="otlp_logs/0"}')).toBe(12);
  expect(value('winnow_window_prompt_tokens_count')).toBe(player.revisions.length);
  expect(value('winnow_store_conflicts_total')).toBe(2);
  expect(value('winnow_standby')).toBe(0);
  expect(value('winnow_deliveries_total{feed="kafka",result="delivered"}')).toBe(5);
  expect(value('winnow_deliveries_total{feed="kafka",result="expired"}')).toBe(1);
  expect(value('winnow_delivery_pending{feed="kafka"}')).toBe(3);
  expect(value('winnow_dead_letters_total{result="sampled"}')).toBe(2);
  expect(value('winnow_kafka_rebalances_total{source="kafka"}')).toBe(3);
  expect(value('winnow_kafka_fetch_seconds_total{source="kafka"}')).toBe(1.5);
  expect(value('winnow_kafka_group_shared{source="kafka"}')).toBe(1);
  expect(value('winnow_kafka_lost_messages_total{source="kafka"}')).toBe(0);
  expect(value('winnow_poison_messages_total{source="kafka",reason="bad_json"}')).toBe(7);
  expect(text).not.toContain('ECONNREFUSED');
});
