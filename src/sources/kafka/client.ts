import kafkajs, {
  type Consumer,
  type Kafka,
  type KafkaConfig,
  type LogEntry,
  type PartitionAssigner,
  type SASLOptions,
} from 'kafkajs';
import { registerKafkaCodecs } from './codecs.ts';
import { holdJoin, stopIdleSpin } from './kafkajs-faults.ts';
import type { KafkaLogger, KafkaSasl, KafkaSettings } from './options.ts';

/** A kafkajs client with winnow's codecs, logging and limits, and without the faults that can be put right from outside. */
export function createClient(settings: KafkaSettings): Kafka {
  registerKafkaCodecs();
  stopIdleSpin();
  const config: KafkaConfig = {
    clientId: settings.clientId,
    brokers: [...settings.brokers],
    ssl: settings.tls,
    connectionTimeout: 10_000,
    authenticationTimeout: 10_000,
    requestTimeout: 30_000,
    retry: CLIENT_RETRY,
    logLevel: kafkajs.logLevel.INFO,
    logCreator: () => (entry) => forwardLog(settings.logger, entry),
  };
  if (settings.sasl !== undefined) config.sasl = toKafkajsSasl(settings.sasl);
  return new kafkajs.Kafka(config);
}

/** A consumer that waits for `beforeJoin` each time before its partitions can be given to another member; see `holdJoin`. */
export function createConsumer(
  client: Kafka,
  settings: KafkaSettings,
  beforeJoin: () => Promise<void>,
): Consumer {
  const assigner: PartitionAssigner = (config) => {
    holdJoin(config.cluster, beforeJoin);
    return kafkajs.PartitionAssigners.roundRobin(config);
  };
  return client.consumer({
    groupId: settings.groupId,
    partitionAssigners: [assigner],
    sessionTimeout: settings.sessionTimeoutMs,
    heartbeatInterval: Math.min(3_000, Math.floor(settings.sessionTimeoutMs / 3)),
    rebalanceTimeout: 60_000,
    metadataMaxAge: settings.topicCheckMs,
    allowAutoTopicCreation: false,
    minBytes: 1,
    maxBytes: settings.fetchBytesMax,
    maxBytesPerPartition: settings.partitionFetchBytesMax,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    readUncommitted: settings.isolation === 'read_uncommitted',
    retry: { ...CLIENT_RETRY, restartOnFailure: async () => false },
  });
}

/** Short: after this the source drops the client and starts a new one with its own backoff and a clean state. */
const CLIENT_RETRY = { initialRetryTime: 200, maxRetryTime: 2_000, retries: 4 };
/** Longest time a fetch waits at the broker for data; also how long kafkajs sleeps while all its partitions are paused. */
const FETCH_WAIT_MS = 250;
function toKafkajsSasl(sasl: KafkaSasl): SASLOptions {
  if (sasl.mechanism === 'oauthbearer') {
    return { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await sasl.token() }) };
  }
  return { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password } as SASLOptions;
}

/** Fields of kafkajs' entries that are worth keeping; the rest (stacks, payloads, whole requests) never reaches our log. */
const LOGGED_FIELDS = [
  'broker',
  'groupId',
  'memberId',
  'topic',
  'partition',
  'offset',
  'error',
  'retryCount',
  'retryTime',
];
/** Bounds what a broker's error text may put into one field. */
const LOGGED_TEXT_MAX = 300;

/** Debug only: kafkajs calls much an error that it then puts right by itself. What matters comes out through the status. */
function forwardLog(logger: KafkaLogger, entry: LogEntry): void {
  const fields: Record<string, unknown> = { component: 'kafkajs', label: entry.label };
  for (const name of LOGGED_FIELDS) {
    const value: unknown = entry.log[name];
    if (typeof value === 'string') fields[name] = value.slice(0, LOGGED_TEXT_MAX);
    else if (typeof value === 'number') fields[name] = value;
    else if (value instanceof Error) fields[name] = value.message.slice(0, LOGGED_TEXT_MAX);
  }
  logger.debug(fields, entry.log.message.slice(0, LOGGED_TEXT_MAX));
}
