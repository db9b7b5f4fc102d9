import type { DeadLetter, DeadLetters } from '../contracts.ts';
import { WinnowError } from '../errors.ts';
import { TOO_LARGE_FOR_TOPIC, TopicWriter, type TopicWriterOptions } from '../kafka/topic-writer.ts';

export interface DeadLetterTopicOptions extends TopicWriterOptions {
  /** Letters that are taken in a minute, at most; as many may come at once. */
  readonly perMinute: number;
  /** Any clock in milliseconds that does not go back. */
  readonly nowMs: () => number;
  readonly retryMsMin?: number;
  readonly retryMsMax?: number;
}

/** Letters by what became of them, since this process started. */
export interface DeadLetterCounts {
  written: number;
  /** Left out because more came than `perMinute`. */
  sampled: number;
  /** Left out because the topic could not be written and the queue was full, or the service stopped. */
  dropped: number;
  /** Larger than the topic takes. */
  rejected: number;
}

/** Bounds of what waits for a topic that cannot be written. */
const QUEUE_LETTERS_MAX = 1_000;
const QUEUE_BYTES_MAX = 8 * 1024 * 1024;
const BATCH_LETTERS_MAX = 100;
const BATCH_BYTES_MAX = 512 * 1024;
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 60_000;
/** Time to write what waits when the service stops. */
const FLUSH_MS_MAX = 2_000;
/** Longest header text; a detail is one line. */
const HEADER_CHARS_MAX = 1_000;

/**
 * A topic with a sample of what could not be read, each with why and from where. It is for people who look for the cause,
 * so it gives way: `take` never waits, and what is too much is dropped and counted. All of it was redacted before.
 */
export class DeadLetterTopic implements DeadLetters {
  readonly counts: DeadLetterCounts = { written: 0, sampled: 0, dropped: 0, rejected: 0 };
  readonly #options: DeadLetterTopicOptions;
  readonly #writer: TopicWriter;
  #queue: DeadLetter[] = [];
  #queueBytes = 0;
  #tokens: number;
  #tokensAtMs: number;
  #writing: Promise<void> | null = null;
  #isStopped = false;
  #endWait: () => void = () => undefined;
  #problem = '';

  constructor(options: DeadLetterTopicOptions) {
    this.#options = options;
    this.#writer = new TopicWriter(options);
    this.#tokens = options.perMinute;
    this.#tokensAtMs = options.nowMs();
  }

  take(letter: DeadLetter): void {
    if (!this.#mayTake()) {
      this.counts.sampled++;
      return;
    }
    const bytes = sizeOf(letter);
    const isFull =
      this.#queue.length >= QUEUE_LETTERS_MAX ||
      this.#queueBytes + bytes > QUEUE_BYTES_MAX ||
      this.#isStopped;
    if (isFull) {
      this.counts.dropped++;
      return;
    }
    this.#queue.push(letter);
    this.#queueBytes += bytes;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = null;
    });
  }

  /** Letters that wait to be written. */
  get pending(): number {
    return this.#queue.length;
  }

  /** Writes what waits, for a moment; drops and counts the rest. Idempotent. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#endWait();
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, FLUSH_MS_MAX);
    await Promise.race([this.#writing, promise]);
    clearTimeout(timer);
    await this.#writer.stop();
    await this.#writing;
    this.counts.dropped += this.#queue.length;
    this.#queue = [];
    this.#queueBytes = 0;
  }

  /** A bucket of `perMinute` tokens that fills up within a minute. */
  #mayTake(): boolean {
    const { perMinute, nowMs } = this.#options;
    const now = nowMs();
    this.#tokens = Math.min(perMinute, this.#tokens + ((now - this.#tokensAtMs) * perMinute) / 60_000);
    this.#tokensAtMs = now;
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  async #write(): Promise<void> {
    let failures = 0;
    let lettersMax = BATCH_LETTERS_MAX;
    while (this.#queue.length > 0) {
      const batch = this.#batch(lettersMax);
      try {
        await this.#writer.write(batch.map(messageOf));
        this.counts.written += batch.length;
        failures = 0;
        this.#problem = '';
      } catch (error) {
        if (error instanceof WinnowError && error.code === TOO_LARGE_FOR_TOPIC) {
          // Together or alone: then one by one, until the one is found.
          if (batch.length > 1) {
            lettersMax = 1;
            continue;
          }
          this.counts.rejected++;
        } else {
          this.#say(error);
          if (this.#isStopped) return;
          await this.#wait(failures++);
          continue;
        }
      }
      this.#remove(batch);
    }
  }

  #batch(lettersMax: number): readonly DeadLetter[] {
    let count = 0;
    let bytes = 0;
    while (count < Math.min(lettersMax, this.#queue.length)) {
      bytes += sizeOf(this.#queue[count]!);
      if (count > 0 && bytes > BATCH_BYTES_MAX) break;
      count++;
    }
    return this.#queue.slice(0, count);
  }

  #remove(batch: readonly DeadLetter[]): void {
    this.#queue.splice(0, batch.length);
    for (const letter of batch) this.#queueBytes -= sizeOf(letter);
  }

  #say(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    if (text === this.#problem) return;
    this.#problem = text;
    const hint = error instanceof WinnowError ? error.hint : undefined;
    this.#options.logger.warn({ topic: this.#options.topic, hint }, `dead letters wait: ${text}`);
  }

  async #wait(failures: number): Promise<void> {
    const { retryMsMin = RETRY_MS_MIN, retryMsMax = RETRY_MS_MAX } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, Math.min(retryMsMax, retryMsMin * 2 ** Math.min(failures, 30)));
    this.#endWait = resolve;
    await promise;
    clearTimeout(timer);
  }
}

function sizeOf({ value, key, detail }: DeadLetter): number {
  return value.length + (key?.length ?? 0) + detail.length;
}

/** Key and value as they were (redacted), and where they come from in the headers, as Kafka Connect has it too. */
function messageOf(letter: DeadLetter) {
  const { key, value, timestampMs } = letter;
  return {
    key: key === undefined ? null : Buffer.from(key),
    value: Buffer.from(value),
    headers: {
      'winnow.reason': letter.reason,
      'winnow.source': letter.source,
      'winnow.topic': letter.topic.slice(0, HEADER_CHARS_MAX),
      'winnow.partition': String(letter.partition),
      'winnow.offset': String(letter.offset),
      'winnow.detail': letter.detail.slice(0, HEADER_CHARS_MAX),
      ...(isDate(timestampMs) ? { 'winnow.time': new Date(timestampMs).toISOString() } : {}),
    },
  };
}

/** Within what a date can be: https://tc39.es/ecma262/#sec-time-values-and-time-range */
function isDate(ms: number): boolean {
  return Math.abs(ms) <= 8.64e15;
}
