import type { Random } from '../../src/simulator/random.ts';
import type { Cluster } from './cluster.ts';
import { Mutator, type Outcome, type ValueMutation } from './mutation.ts';
import type { BatchDamage } from './segment.ts';

const REQUEST_BYTES = 700_000;
/** Messages of a batch that is going to be damaged. */
const BATCH_MESSAGES = 20;
/** Twice what a record batch may be after decompression. */
const BOMB_BYTES = 128 * 1024 * 1024;

const BATCH_DAMAGES: ReadonlySet<string> = new Set<BatchDamage>([
  'wrong codec',
  'compressed bits flipped',
  'stored bits flipped',
  'bomb',
]);

interface Pending {
  values: { value: Buffer | null; timestamp: string }[];
  bytes: number;
}

/** Writes good messages and mutants to the partitions of a topic, in order, and keeps count of both. */
export class MutantFeed {
  mutantMessages = 0;
  /** Mutated messages by what was done to them. */
  readonly mutants: Record<string, number> = {};
  /** What a decoder alone makes of all mutants. */
  readonly expected: Outcome = { records: 0, malformed: 0, tooLarge: 0 };
  /** By partition and first offset, what is to be done to stored batches. */
  readonly damages: Map<number, BatchDamage>[];
  readonly #cluster: Cluster;
  readonly #topic: string;
  readonly #mutator: Mutator;
  readonly #pending: Pending[];
  /** What the next message of each partition will get. */
  readonly #offsets: number[];

  constructor(cluster: Cluster, topic: string, partitions: number, random: Random) {
    this.#cluster = cluster;
    this.#topic = topic;
    this.#mutator = new Mutator(random);
    this.#pending = Array.from({ length: partitions }, () => ({ values: [], bytes: 0 }));
    this.damages = Array.from({ length: partitions }, () => new Map());
    this.#offsets = Array.from({ length: partitions }, () => 0);
  }

  async addGood(partition: number, value: Buffer, timeMs: number): Promise<void> {
    await this.#add(partition, value, timeMs);
  }

  async addMutant(kind: ValueMutation | BatchDamage, partition: number, timeMs: number): Promise<void> {
    if (isBatchDamage(kind)) return await this.#addBatch(kind, partition, timeMs);
    const value = this.#mutator.mutate(kind, timeMs);
    const outcome = this.#mutator.outcomeOf(value, timeMs);
    this.expected.records += outcome.records;
    this.expected.malformed += outcome.malformed;
    this.expected.tooLarge += outcome.tooLarge;
    this.#count(kind, 1);
    await this.#add(partition, value, timeMs);
  }

  async end(): Promise<void> {
    for (let partition = 0; partition < this.#pending.length; partition++) await this.#flush(partition);
  }

  /** A batch of its own; each of its messages is malformed once it is damaged. */
  async #addBatch(damage: BatchDamage, partition: number, timeMs: number): Promise<void> {
    await this.#flush(partition);
    const timestamp = String(Math.floor(timeMs));
    const values =
      damage === 'bomb'
        ? [Buffer.alloc(BOMB_BYTES)]
        : Array.from({ length: BATCH_MESSAGES }, () => this.#mutator.sound(timeMs));
    await this.#cluster.send(
      this.#topic,
      partition,
      values.map((value) => ({ value, timestamp })),
      damage !== 'stored bits flipped',
    );
    this.damages[partition]!.set(this.#offsets[partition]!, damage);
    this.#offsets[partition]! += values.length;
    this.expected.malformed += values.length;
    this.#count(damage, values.length);
  }

  #count(kind: string, messages: number): void {
    this.mutants[kind] = (this.mutants[kind] ?? 0) + messages;
    this.mutantMessages += messages;
  }

  async #add(partition: number, value: Buffer | null, timeMs: number): Promise<void> {
    const pending = this.#pending[partition]!;
    pending.values.push({ value, timestamp: String(Math.floor(timeMs)) });
    pending.bytes += value?.length ?? 0;
    if (pending.bytes >= REQUEST_BYTES) await this.#flush(partition);
  }

  async #flush(partition: number): Promise<void> {
    const { values } = this.#pending[partition]!;
    this.#pending[partition] = { values: [], bytes: 0 };
    if (values.length > 0) await this.#cluster.send(this.#topic, partition, values);
    this.#offsets[partition]! += values.length;
  }
}

function isBatchDamage(kind: ValueMutation | BatchDamage): kind is BatchDamage {
  return BATCH_DAMAGES.has(kind);
}
