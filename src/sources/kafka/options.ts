import type { Encoding, KafkaCounters } from '../../contracts.ts';
import type { KafkaConnection, KafkaLogger, KafkaSasl } from '../../kafka/connection.ts';

export interface KafkaSourceOptions {
  readonly name: string;
  readonly brokers: readonly string[];
  /** Names, or regular expressions over names; new matches are found every `topicCheckMs`. Topics that begin with `__` never match. */
  readonly topics: readonly (string | RegExp)[];
  readonly groupId: string;
  readonly logger: KafkaLogger;
  readonly clientId?: string;
  /**
   * Identity of the worker's store. With it the source leaves a group alone that another store's worker reads, and takes
   * the place of its own dead predecessor at once. Empty = it does neither.
   */
  readonly storeId?: string;
  readonly encoding?: Encoding;
  readonly defaultService?: string;
  /** Where a partition starts of which the intake knows nothing. Partitions that appear later always start at their beginning. */
  readonly start?: KafkaStart;
  readonly isolation?: 'read_committed' | 'read_uncommitted';
  readonly tls?: KafkaConnection['tls'];
  readonly sasl?: KafkaSasl;
  /** Bound of one fetch as sent; the memory of a fetch is this times the compression's ratio. */
  readonly fetchBytesMax?: number;
  readonly partitionFetchBytesMax?: number;
  readonly sessionTimeoutMs?: number;
  readonly topicCheckMs?: number;
  /** Whether the checksum of each record batch is checked, as the Java consumer's `check.crcs` does by default. */
  readonly checkCrcs?: boolean;
  /** How long `stop` waits for the batch in hand and for leaving the group. */
  readonly stopDeadlineMs?: number;
  readonly retryMsMin?: number;
  readonly retryMsMax?: number;
  /** Called on every change, never twice with the same text. */
  readonly onStatus?: (status: KafkaStatus) => void;
}

export type KafkaStart = 'earliest' | 'latest' | { readonly timeMs: number };

export interface KafkaStatus {
  readonly ready: boolean;
  readonly detail: string;
  readonly hint?: string;
  /** True while the consumer group has a member that is not this worker. */
  readonly groupShared?: boolean;
}

/** The options with every default filled in. */
export type KafkaSettings = Required<Omit<KafkaSourceOptions, 'sasl' | 'onStatus'>> &
  Pick<KafkaSourceOptions, 'sasl'>;

export function withDefaults(options: KafkaSourceOptions): KafkaSettings {
  const { onStatus: _, ...rest } = options;
  return {
    clientId: 'winnow',
    storeId: '',
    encoding: 'auto',
    defaultService: '',
    start: 'latest',
    isolation: 'read_committed',
    tls: false,
    // The Java consumer's fetch.max.bytes is 50 MiB; 8 MiB keeps a tenfold compressed fetch below 100 MiB.
    fetchBytesMax: 8 * 1024 * 1024,
    // The Java consumer's max.partition.fetch.bytes.
    partitionFetchBytesMax: 1024 * 1024,
    // A broker that comes back, or a worker after a crash, waits this long for the member it was before (Java: 45 s).
    // Heartbeats go on while the intake works, so only a thread blocked for this long loses its partitions.
    sessionTimeoutMs: 15_000,
    topicCheckMs: 60_000,
    checkCrcs: true,
    stopDeadlineMs: 10_000,
    retryMsMin: 500,
    retryMsMax: 15_000,
    ...rest,
  };
}

/** The status of a source that has just begun. */
export function connecting({ brokers }: KafkaSettings): KafkaStatus {
  return { ready: false, detail: `connecting to ${brokers.join(', ')}` };
}

export function newCounters(): KafkaCounters {
  return {
    rebalances: 0,
    fetches: 0,
    fetchMs: 0,
    failures: 0,
    commitFailures: 0,
    lostMessages: 0,
    partitionsHeld: 0,
    groupShared: false,
  };
}
