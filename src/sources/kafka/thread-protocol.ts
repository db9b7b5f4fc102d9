import type { PartitionPosition, PartitionRef } from '../../contracts.ts';
import { WinnowError } from '../../errors.ts';
import type { KafkaLogger, KafkaSasl } from '../../kafka/connection.ts';
import type { KafkaSourceOptions, KafkaStatus } from './options.ts';
import type { PackedBatch } from './packed-batch.ts';

/** What the thread is started with: the options, without what cannot leave its thread. */
export interface ThreadStart {
  readonly options: Omit<KafkaSourceOptions, 'logger' | 'onStatus' | 'sasl'>;
  readonly sasl:
    | Exclude<KafkaSasl, { mechanism: 'oauthbearer' }>
    | { readonly mechanism: 'oauthbearer' }
    | null;
  /** Where the counters are, for both threads. */
  readonly counters: SharedArrayBuffer;
}

/** Questions that the worker's thread answers, in the order in which they and batches come. */
export type Question =
  | { readonly ask: 'assigned' | 'revoked'; readonly partitions: readonly PartitionRef[] }
  | { readonly ask: 'token' };

export type FromThread =
  | { readonly kind: 'batch'; readonly packed: PackedBatch }
  | { readonly kind: 'question'; readonly id: number; readonly question: Question }
  | { readonly kind: 'status'; readonly status: KafkaStatus }
  | {
      readonly kind: 'log';
      readonly level: keyof KafkaLogger;
      readonly fields: object;
      readonly message: string;
    }
  /** A commit of offsets was tried. */
  | { readonly kind: 'committed'; readonly id: number }
  /** The last one. */
  | { readonly kind: 'ended'; readonly error: SentError | null };

export type ToThread =
  | { readonly kind: 'run' | 'stop' }
  | { readonly kind: 'commit'; readonly id: number; readonly positions: readonly PartitionPosition[] }
  | { readonly kind: 'paused'; readonly partitions: readonly PartitionRef[] }
  /** A batch was counted; its buffer comes back. */
  | { readonly kind: 'counted'; readonly buffer: ArrayBuffer | null }
  /** The intake failed: nothing is taken any more. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly error: SentError };

/** An error as it goes to another thread. */
export interface SentError {
  readonly message: string;
  readonly stack: string | undefined;
  /** Null = it is no WinnowError, and so a bug. */
  readonly code: string | null;
  readonly retryable: boolean;
  readonly hint: string | undefined;
}

export function sendError(error: unknown): SentError {
  const isOurs = error instanceof WinnowError;
  return {
    message: error instanceof Error ? error.message : String(error),
    stack: error instanceof Error ? error.stack : undefined,
    code: isOurs ? error.code : null,
    retryable: isOurs && error.retryable,
    hint: isOurs ? error.hint : undefined,
  };
}

export function receiveError({ message, stack, code, retryable, hint }: SentError): Error {
  const options = { retryable, ...(hint === undefined ? {} : { hint }) };
  const error = code === null ? new Error(message) : new WinnowError(code, message, options);
  if (stack !== undefined) error.stack = stack;
  return error;
}
