import type { Logger } from 'pino';
import type { KafkaSourceConfig, SourceConfig } from '../config-schema.ts';
import type { Source } from '../contracts.ts';
import type { Redactor } from '../core/redact.ts';
import { readConnection } from '../kafka/connection.ts';
import { createFilesSource } from './files.ts';
import type { KafkaSourceOptions } from './kafka/options.ts';
import { redactMessage } from './redact-message.ts';
import { createStdinSource } from './stdin.ts';

/** Whether a source delivers, and if not, what it waits for and what an operator can do. */
export interface SourceStatus {
  readonly ready: boolean;
  readonly detail: string;
  readonly hint?: string;
  /** True while a Kafka source's consumer group has a member that is not this worker. */
  readonly groupShared?: boolean;
}

/** What the service lends to every source. */
export interface SourceContext {
  readonly log: Logger;
  /** Identity of the store that this worker writes. */
  readonly storeId: string;
  /** Beside the store, for sources that cannot be rewound. */
  readonly journalDirectory: string;
  readonly maxMessageBytes: number;
  readonly redactor: Redactor;
  readonly onStatus: (status: SourceStatus) => void;
}

/** The registry: one line a source type. The Kafka client is loaded by those who read Kafka. */
export async function createSource(config: SourceConfig, context: SourceContext): Promise<Source> {
  switch (config.type) {
    case 'kafka':
      return (await import('./kafka-in-thread.ts')).createKafkaSourceInThread(kafkaOptions(config, context));
    case 'files':
      return createFilesSource({
        name: config.name,
        paths: config.paths,
        encoding: config.encoding,
        maxMessageBytes: context.maxMessageBytes,
        ...(config.service === undefined ? {} : { service: config.service }),
      });
    case 'stdin':
      return createStdinSource({
        name: config.name,
        journalDirectory: context.journalDirectory,
        encoding: config.encoding,
        maxMessageBytes: context.maxMessageBytes,
        redact: redactMessage(context.redactor),
        ...(config.service === undefined ? {} : { service: config.service }),
      });
  }
}

function kafkaOptions(config: KafkaSourceConfig, context: SourceContext): KafkaSourceOptions {
  const { start } = config;
  return {
    name: config.name,
    ...readConnection(config, context.log),
    topics:
      config.topicPattern === undefined
        ? (config.topics ?? ['otlp_logs'])
        : [new RegExp(config.topicPattern)],
    groupId: config.group,
    storeId: context.storeId,
    sessionTimeoutMs: config.sessionTimeoutMs,
    topicCheckMs: config.topicCheckMs,
    checkCrcs: config.checkCrcs,
    encoding: config.encoding,
    start: start === 'earliest' || start === 'latest' ? start : { timeMs: Date.parse(start) },
    onStatus: context.onStatus,
  };
}
