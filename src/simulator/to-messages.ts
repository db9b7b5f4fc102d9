import { deliver, type Lateness } from './delivery.ts';
import { RequestEncoder } from './encode.ts';
import { hashText } from './random.ts';
import type { SimulatedRecord } from './record.ts';
import type { Simulation } from './simulate.ts';

const DEFAULT_PARTITIONS = 6;
const DEFAULT_BATCH_RECORDS = 512;
/** A batch is sent at the latest this long after its first record arrived (batch processor's `timeout`). */
const BATCH_TIMEOUT_MS = 1_000;

export interface MessageOptions {
  readonly partitions?: number;
  readonly batchRecords?: number;
  /** `round_robin` is what the exporter's defaults do; `by_resource` gives every pod one partition. */
  readonly spread?: 'round_robin' | 'by_resource';
  /** Absent = every record arrives within two seconds. */
  readonly late?: Lateness;
}

/** One Kafka message as the Collector writes it. */
export interface SimulatedMessage {
  readonly partition: number;
  /** Counts from 0 in each partition. */
  readonly offset: number;
  /** ExportLogsServiceRequest. */
  readonly value: Uint8Array;
  readonly records: number;
  /** When it was sent: at or after the arrival of its last record. */
  readonly lastTimeMs: number;
}

/** The simulation as messages on partitions, in order of sending. */
export function* toMessages(
  simulation: Simulation,
  options: MessageOptions = {},
): Generator<SimulatedMessage, void, undefined> {
  const partitions = options.partitions ?? DEFAULT_PARTITIONS;
  const batches = batch(deliver(simulation.seconds(), simulation.options.seed, options.late), options);
  const encoder = new RequestEncoder();
  const offsets = new Array<number>(partitions).fill(0);
  let sent = 0;
  for (const { records, lastTimeMs } of batches) {
    const byResource = options.spread === 'by_resource';
    const partition = byResource
      ? (hashText(records[0]!.pod.instanceId) >>> 0) % partitions
      : sent % partitions;
    const offset = offsets[partition]!;
    offsets[partition] = offset + 1;
    sent += 1;
    yield { partition, offset, value: encoder.encode(records), records: records.length, lastTimeMs };
  }
}

export interface RecordBatch {
  readonly records: readonly SimulatedRecord[];
  readonly lastTimeMs: number;
}

/** Collects delivered records into batches by count or time; by pod where resources are kept apart. */
export function* batch(
  deliveries: Iterable<readonly SimulatedRecord[]>,
  options: MessageOptions,
): Generator<RecordBatch, void, undefined> {
  const limit = options.batchRecords ?? DEFAULT_BATCH_RECORDS;
  const keyOf = (record: SimulatedRecord): string =>
    options.spread === 'by_resource' ? record.pod.instanceId : '';
  const open = new Map<string, SimulatedRecord[]>();
  let nowMs = 0;
  for (const records of deliveries) {
    for (const record of records) {
      nowMs = record.arrivalMs;
      const key = keyOf(record);
      const held = open.get(key);
      if (held === undefined) {
        open.set(key, [record]);
        continue;
      }
      held.push(record);
      if (held.length < limit) continue;
      open.delete(key);
      yield { records: held, lastTimeMs: nowMs };
    }
    for (const [key, held] of open) {
      if (held[0]!.arrivalMs + BATCH_TIMEOUT_MS > nowMs) continue;
      open.delete(key);
      yield { records: held, lastTimeMs: nowMs };
    }
  }
  for (const held of open.values()) yield { records: held, lastTimeMs: nowMs };
}
