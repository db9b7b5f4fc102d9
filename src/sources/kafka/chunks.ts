import type { KafkaMessage } from 'kafkajs';
import type { Message } from '../../contracts.ts';
import { WinnowError } from '../../errors.ts';
import { type BatchDefect, batchDefect } from '../../kafka/corrupt-batch.ts';

/** A run of messages small enough for one `accept`, so that a heartbeat falls between any two of them. */
export interface Chunk {
  readonly messages: readonly Message[];
  /** Index after the last message taken. */
  readonly end: number;
  /** The messages stand for a record batch that cannot be read. */
  readonly defect: BatchDefect | null;
}

/** 500 OTLP messages are about 50,000 records, or some 50 ms of counting. */
export const CHUNK_MESSAGES_MAX = 500;
/** A chunk ends with the message that reaches this; a larger message is a chunk of its own. A partition's part of a fetch as sent. */
export const CHUNK_BYTES_MAX = 1024 * 1024;

/**
 * Takes the next chunk from `messages[from]` on. Throws when an offset is not between the one before it and
 * `highWatermark`: kafkajs checks no CRC, and going on at an invented offset would lose or repeat messages silently.
 */
export function takeChunk(messages: readonly KafkaMessage[], from: number, highWatermark: number): Chunk {
  const taken: Message[] = [];
  let before = from === 0 ? -1 : Number(messages[from - 1]!.offset);
  let bytes = 0;
  let end = from;
  let defect: BatchDefect | null = null;
  while (end < messages.length && taken.length < CHUNK_MESSAGES_MAX && bytes < CHUNK_BYTES_MAX) {
    const message = messages[end]!;
    const value = message.value ?? EMPTY;
    const found = batchDefect(value);
    if (taken.length === 0) defect = found;
    else if (defect !== found) break;
    const offset = Number(message.offset);
    if (!(offset > before && offset < highWatermark)) throw damaged(before, offset, highWatermark);
    before = offset;
    taken.push({ value, offset, referenceTimeMs: timestampMs(message.timestamp), key: message.key });
    bytes += value.length;
    end++;
  }
  return { messages: taken, end, defect };
}

function damaged(before: number, offset: number, highWatermark: number): WinnowError {
  const text = `read kafka batch: offset ${offset} after ${before} with high watermark ${highWatermark}`;
  return new WinnowError('WINNOW_KAFKA_DAMAGED', text, {
    retryable: true,
    hint: 'the stored batch is damaged: if this repeats, delete the records up to it (kafka-delete-records)',
  });
}

const EMPTY = new Uint8Array(0);

/** Kafka writes -1 for "no timestamp". */
function timestampMs(text: string): number {
  const value = Number(text);
  return text !== '' && value >= 0 ? value : Number.NaN;
}
