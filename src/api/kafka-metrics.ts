import type { Registry } from 'prom-client';
import type { KafkaCounters } from '../contracts.ts';
import { addCounter, addGauge } from './series.ts';

export interface KafkaMetricsInput {
  /** By source. */
  readonly kafka: () => ReadonlyMap<string, Readonly<KafkaCounters>>;
  /** Messages that could not be read: source → reason → messages, every reason listed. */
  readonly poison: () => ReadonlyMap<string, Readonly<Record<string, number>>>;
}

/** One row a metric: name, kind, help, value. */
const ROWS: readonly (readonly [string, 'counter' | 'gauge', string, (of: KafkaCounters) => number])[] = [
  ['winnow_kafka_rebalances_total', 'counter', 'Times the consumer group was joined.', (of) => of.rebalances],
  ['winnow_kafka_fetches_total', 'counter', 'Fetches that were answered.', (of) => of.fetches],
  [
    'winnow_kafka_fetch_seconds_total',
    'counter',
    'Time spent in fetches; an idle one waits a quarter of a second at the broker.',
    (of) => of.fetchMs / 1_000,
  ],
  ['winnow_kafka_failures_total', 'counter', 'Clients given up after a failure.', (of) => of.failures],
  ['winnow_kafka_commit_failures_total', 'counter', 'Failed commits of offsets.', (of) => of.commitFailures],
  [
    'winnow_kafka_lost_messages_total',
    'counter',
    'Messages that the broker deleted before they were read.',
    (of) => of.lostMessages,
  ],
  [
    'winnow_kafka_partitions_held',
    'gauge',
    'Partitions that cannot be read for want of a leader.',
    (of) => of.partitionsHeld,
  ],
  [
    'winnow_kafka_group_shared',
    'gauge',
    '1 while the consumer group has a member that is not this worker.',
    (of) => Number(of.groupShared),
  ],
];

export function registerKafka(registry: Registry, { kafka, poison }: KafkaMetricsInput): void {
  for (const [name, kind, help, read] of ROWS) {
    const add = kind === 'counter' ? addCounter : addGauge;
    add(registry, { name, help, labelNames: ['source'] }, (set) => {
      for (const [source, counters] of kafka()) set([source], read(counters));
    });
  }
  addCounter(
    registry,
    {
      name: 'winnow_poison_messages_total',
      help: 'Messages that could not be read, by reason.',
      labelNames: ['source', 'reason'],
    },
    (set) => {
      for (const [source, reasons] of poison())
        for (const [reason, messages] of Object.entries(reasons)) set([source, reason], messages);
    },
  );
}
