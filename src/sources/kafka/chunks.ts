import type { KafkaMessage } from 'kafkajs';
import type { Message } from '../../contracts.ts';
import { isCorruptValue } from './corrupt-batch.ts';

/** A run of messages small enough for one `accept`, so that a heartbeat falls between any two of them. */
export interface Chunk {
  readonly messages: readonly Message[];
  /** Index after the last message taken. */
  readonly end: number;
  /** The messages stand for a record batch that could not be decompressed. */
  readonly corrupt: boolean;
}

/** 500 OTLP messages are about 50,000 records, or some 50 ms of counting. */
export const CHUNK_MESSAGES_MAX = 500;
/** A chunk ends with the message that reaches this; a larger message is a chunk of its own. */
export const CHUNK_BYTES_MAX = 4 * 1024 * 1024;

export function takeChunk(messages: readonly KafkaMessage[], from: number): Chunk {
  const taken: Message[] = [];
  let bytes = 0;
  let end = from;
  let corrupt = false;
  while (end < messages.length && taken.length < CHUNK_MESSAGES_MAX && bytes < CHUNK_BYTES_MAX) {
    const message = messages[end]!;
    const value = message.value ?? EMPTY;
    const isCorrupt = isCorruptValue(value);
    if (taken.length === 0) corrupt = isCorrupt;
    else if (corrupt !== isCorrupt) break;
    taken.push({ value, offset: Number(message.offset), referenceTimeMs: timestampMs(message.timestamp) });
    bytes += value.length;
    end++;
  }
  return { messages: taken, end, corrupt };
}

const EMPTY = new Uint8Array(0);

/** Kafka writes -1 for "no timestamp". */
function timestampMs(text: string): number {
  const value = Number(text);
  return text !== '' && value >= 0 ? value : Number.NaN;
}
