import { encodeLogsRequest } from '../../src/core/decode/otlp-encode.ts';
import { type SimulationOptions, simulate } from '../../src/simulator/simulate.ts';
import { type SimulatedMessage, toMessages } from '../../src/simulator/to-messages.ts';
import type { Cluster } from './cluster.ts';

export interface FeedOptions {
  readonly topic: string;
  readonly partitions: number;
  readonly batchRecords?: number;
}

/** Bytes of one produce request. */
const REQUEST_BYTES = 700_000;
const HOUR_MS = 3_600_000;

/** Writes a simulation to a topic piece by piece, as a Collector would spread it, and keeps count. */
export class Feed {
  records = 0;
  messages = 0;
  readonly #cluster: Cluster;
  readonly #topic: string;
  readonly #simulation: SimulationOptions;
  readonly #stream: Iterator<SimulatedMessage>;
  #partitions: number;
  #next: SimulatedMessage | null;
  #spread = 0;
  #pending: { value: Buffer; timestamp: string }[][] = [];
  #pendingBytes: number[] = [];

  constructor(cluster: Cluster, simulation: SimulationOptions, options: FeedOptions) {
    this.#cluster = cluster;
    this.#topic = options.topic;
    this.#simulation = simulation;
    this.#partitions = options.partitions;
    this.#stream = toMessages(simulate(simulation), {
      partitions: 1,
      batchRecords: options.batchRecords ?? 256,
    });
    this.#next = this.#stream.next().value ?? null;
  }

  /** From here on messages go to this many partitions. */
  grow(partitions: number): void {
    this.#partitions = partitions;
  }

  /** Writes everything that was sent before this share of the simulated time; resolves when the broker has it. */
  async writeTo(share: number): Promise<void> {
    const { startMs, durationMs } = this.#simulation;
    const endMs = share >= 1 ? Number.POSITIVE_INFINITY : startMs + share * durationMs;
    while (this.#next !== null && this.#next.lastTimeMs < endMs) {
      const { value, records, lastTimeMs } = this.#next;
      await this.#add(this.#spread++ % this.#partitions, value, lastTimeMs);
      this.records += records;
      const { done, value: next } = this.#stream.next();
      this.#next = done === true ? null : next;
    }
    for (let partition = 0; partition < this.#partitions; partition++) await this.#flush(partition);
  }

  /** One late record a partition, an hour after the end: it closes every bucket before it and is counted in none of them. */
  async close(): Promise<void> {
    const endMs = this.#simulation.startMs + this.#simulation.durationMs + HOUR_MS;
    const value = encodeLogsRequest([
      {
        resource: { 'service.name': 'clock' },
        records: [{ timeUnixNano: String(BigInt(endMs) * 1_000_000n), severityNumber: 9, body: 'tick' }],
      },
    ]);
    for (let partition = 0; partition < this.#partitions; partition++) {
      await this.#add(partition, value, endMs);
      await this.#flush(partition);
    }
  }

  async #add(partition: number, value: Uint8Array, timeMs: number): Promise<void> {
    this.#pending[partition] ??= [];
    this.#pending[partition].push({ value: Buffer.from(value), timestamp: String(Math.floor(timeMs)) });
    this.#pendingBytes[partition] = (this.#pendingBytes[partition] ?? 0) + value.length;
    this.messages++;
    if (this.#pendingBytes[partition] >= REQUEST_BYTES) await this.#flush(partition);
  }

  async #flush(partition: number): Promise<void> {
    const messages = this.#pending[partition] ?? [];
    this.#pending[partition] = [];
    this.#pendingBytes[partition] = 0;
    if (messages.length > 0) await this.#cluster.send(this.#topic, partition, messages);
  }
}
