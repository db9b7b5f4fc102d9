import kafkajs, { type Kafka, type KafkaConfig, type LogEntry, type SASLOptions } from 'kafkajs';
import { registerKafkaCodecs } from './codecs.ts';
import type { KafkaConnection, KafkaLogger, KafkaSasl } from './connection.ts';
import { keepNoRest, readAroundLeaderless, stopIdleSpin } from './kafkajs-faults.ts';
import { responseSockets } from './response-socket.ts';

/** A kafkajs client with winnow's codecs, logging and limits, and without the faults that can be put right from outside. */
export function createClient(connection: KafkaConnection): Kafka {
  registerKafkaCodecs();
  stopIdleSpin();
  readAroundLeaderless();
  keepNoRest();
  const config: KafkaConfig = {
    clientId: connection.clientId,
    brokers: [...connection.brokers],
    ssl: connection.tls,
    socketFactory: responseSockets(),
    connectionTimeout: 10_000,
    authenticationTimeout: 10_000,
    requestTimeout: 30_000,
    retry: CLIENT_RETRY,
    logLevel: kafkajs.logLevel.INFO,
    logCreator: () => (entry) => forwardLog(connection.logger, entry),
  };
  if (connection.sasl !== undefined) config.sasl = toKafkajsSasl(connection.sasl);
  return new kafkajs.Kafka(config);
}

/** Short: after this its owner drops the client and starts a new one with its own backoff and a clean state. */
export const CLIENT_RETRY = { initialRetryTime: 200, maxRetryTime: 2_000, retries: 4 };

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
