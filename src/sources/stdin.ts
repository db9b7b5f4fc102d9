import type { Readable } from 'node:stream';
import type { Encoding, Intake, PartitionPosition, PartitionRef, Source } from '../contracts.ts';
import { WinnowError } from '../errors.ts';
import { type ByteStream, ReadableBytes } from './file-formats/byte-stream.ts';
import { createFramer, MAX_MESSAGE_BYTES, MAX_TEXT_BYTES } from './file-formats/create-framer.ts';
import { formatOf, HEAD_BYTES } from './file-formats/file-format.ts';
import type { FramedMessage, Framer } from './file-formats/framer.ts';
import { Journal } from './journal.ts';
import type { JournalReader } from './journal-reader.ts';

export interface StdinSourceOptions {
  readonly name: string;
  /** Directory of the journal, beside the store. */
  readonly journalDirectory: string;
  readonly encoding?: Encoding;
  /** Service of text lines; without it, the source's name. */
  readonly service?: string;
  /** Applied before anything is written to the journal. */
  readonly redact?: (value: Uint8Array) => Uint8Array;
  /** Standard input is not read while more than this was journalled and not yet delivered. */
  readonly maxBacklogBytes?: number;
  readonly maxMessageBytes?: number;
  readonly maxTextBytes?: number;
  readonly segmentBytes?: number;
  readonly stdin?: Readable;
  /** Arrival time of a message. */
  readonly now?: () => number;
}

/** Minutes of a busy service; a worker that is further behind should slow its writer down. */
const DEFAULT_MAX_BACKLOG_BYTES = 256 * 1024 * 1024;

/** Text is held back this long for the rest of its block; a stack trace that takes longer is cut. */
const FLUSH_AFTER_MS = 200;

/** Bytes appended while the disk is busy with the ones before; bounds memory, and lets reading and writing overlap. */
const MAX_PENDING_BYTES = 4 * 1024 * 1024;

const NEWLINE = 0x0a;

const BATCH_MESSAGES = 256;
const BATCH_BYTES = 1024 * 1024;

/** Standard input, made repeatable: what arrives is written to a journal first and read as one partition from there. */
export function createStdinSource(options: StdinSourceOptions): Source {
  return new JournalledStdin(options);
}

/**
 * Two loops: `#fill` writes what arrives to the journal, `#deliver` reads the journal. They wake each other. States:
 * created → running → ended, when the input ended and all of it was delivered, or by `stop`. What was read from the pipe
 * and not yet durable when the process is killed is lost, as the pipe itself is.
 */
class JournalledStdin implements Source {
  readonly name: string;
  readonly #options: StdinSourceOptions;
  readonly #ref: PartitionRef;
  #journal: Journal | null = null;
  #input: ByteStream | null = null;
  #inputEnded = false;
  #inputError: unknown = null;
  #stopping = false;
  #paused = false;
  #running: Promise<void> = Promise.resolve();
  #waiters: (() => void)[] = [];

  constructor(options: StdinSourceOptions) {
    this.name = options.name;
    this.#options = options;
    this.#ref = { source: options.name, topic: 'stdin', partition: 0 };
  }

  run(intake: Intake): Promise<void> {
    const running = this.#run(intake);
    this.#running = running.catch(() => undefined);
    return running;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#input?.close();
    await this.#running;
  }

  setPaused(partitions: readonly PartitionRef[]): void {
    this.#paused = partitions.some((ref) => ref.source === this.name);
    this.#wake();
  }

  async committed(positions: readonly PartitionPosition[]): Promise<void> {
    const position = positions.find((one) => one.source === this.name && one.topic === this.#ref.topic);
    if (position !== undefined) await this.#journal?.truncateBefore(position.resumeAt);
  }

  async #run(intake: Intake): Promise<void> {
    if (this.#stopping) return;
    const position = (await intake.assigned([this.#ref]))[0] ?? null;
    const { journalDirectory, redact, segmentBytes } = this.#options;
    const journal = await Journal.open(
      { directory: journalDirectory, ...(redact && { redact }), ...(segmentBytes && { segmentBytes }) },
      position?.readTo ?? 0,
    );
    this.#journal = journal;
    const reader = journal.reader(position?.resumeAt ?? 0);
    const filling = this.#fill(journal, reader);
    try {
      await this.#deliver(reader, journal, intake);
    } finally {
      this.#stopping = true;
      await this.#input?.close();
      this.#wake();
      await filling;
      await reader.close();
      await journal.close();
    }
  }

  async #deliver(reader: JournalReader, journal: Journal, intake: Intake): Promise<void> {
    const { encoding = 'auto', service } = this.#options;
    while (!this.#stopping) {
      if (this.#paused) {
        await this.#change();
        continue;
      }
      const messages = await reader.next(BATCH_MESSAGES, BATCH_BYTES);
      if (this.#stopping) return;
      if (messages.length > 0) {
        const caughtUp = reader.offset >= journal.durableOffset;
        const batch = { partition: this.#ref, messages, encoding, caughtUp };
        await intake.accept(service === undefined ? batch : { ...batch, defaultService: service });
        this.#wake();
      } else if (this.#inputEnded && reader.offset >= journal.durableOffset) {
        if (this.#inputError !== null) throw this.#inputError;
        await intake.finished(this.#ref);
        return;
      } else if (reader.offset >= journal.durableOffset) {
        await this.#change();
      }
    }
  }

  /** Never rejects: what went wrong is thrown by `#deliver`, after what was journalled before. */
  async #fill(journal: Journal, reader: JournalReader): Promise<void> {
    const input = new ReadableBytes(this.#options.stdin ?? process.stdin);
    this.#input = input;
    try {
      await this.#copy(input, journal, reader);
      await journal.sync();
    } catch (error) {
      this.#inputError = inputError(error);
    } finally {
      this.#inputEnded = true;
      this.#wake();
    }
  }

  async #copy(input: ByteStream, journal: Journal, reader: JournalReader): Promise<void> {
    const framer = new SniffingFramer(this.#options);
    for (let next = begin(input); ; ) {
      const messages: FramedMessage[] = [];
      const chunk = await soon(next);
      if (chunk === null) framer.end(messages);
      else if (chunk === 'later') framer.flush(messages);
      else framer.push(chunk, messages);
      const durable = this.#append(messages, journal);
      if (chunk === null) return;
      if (journal.pendingBytes > MAX_PENDING_BYTES) await durable;
      await this.#room(reader, journal);
      // After a flush there is nothing to hand over before more arrives: wait without a timer.
      if (chunk === 'later') await next;
      else next = begin(input);
    }
  }

  #append(messages: readonly FramedMessage[], journal: Journal): Promise<void> {
    const arrivedMs = (this.#options.now ?? Date.now)();
    for (const { value } of messages) journal.append(value, arrivedMs);
    // A failed write is met again by the next append or by the sync at the end.
    return journal.sync().then(
      () => this.#wake(),
      () => undefined,
    );
  }

  async #room(reader: JournalReader, journal: Journal): Promise<void> {
    const maxBytes = this.#options.maxBacklogBytes ?? DEFAULT_MAX_BACKLOG_BYTES;
    while (!this.#stopping && reader.backlogBytes + journal.pendingBytes > maxBytes) await this.#change();
  }

  /** Resolves when the other loop did something, or when the source is stopped. */
  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}

/** Looks at the first line, or what there is of it when more takes long, to see how the rest is to be cut. */
class SniffingFramer {
  readonly #options: StdinSourceOptions;
  #head: Buffer = Buffer.alloc(0);
  #framer: Framer | null = null;

  constructor(options: StdinSourceOptions) {
    this.#options = options;
  }

  push(chunk: Buffer, out: FramedMessage[]): void {
    if (this.#framer !== null) {
      this.#framer.push(chunk, out);
      return;
    }
    this.#head = Buffer.concat([this.#head, chunk]);
    if (this.#head.length >= HEAD_BYTES || this.#head.includes(NEWLINE)) this.#decide(out);
  }

  flush(out: FramedMessage[]): void {
    this.#decide(out).flush(out);
  }

  end(out: FramedMessage[]): void {
    this.#decide(out).end(out);
  }

  #decide(out: FramedMessage[]): Framer {
    if (this.#framer === null) {
      const {
        encoding = 'auto',
        maxMessageBytes = MAX_MESSAGE_BYTES,
        maxTextBytes = MAX_TEXT_BYTES,
      } = this.#options;
      const { framing } = formatOf('', this.#head, encoding);
      this.#framer = createFramer(framing, { maxMessageBytes, maxTextBytes });
      this.#framer.push(this.#head, out);
      this.#head = Buffer.alloc(0);
    }
    return this.#framer;
  }
}

/** A read whose failure is met when it is awaited, however much later that is. */
function begin(input: ByteStream): Promise<Buffer | null> {
  const next = input.next();
  next.catch(() => undefined);
  return next;
}

/** The value, or `later` when it takes long. */
async function soon<T>(value: Promise<T>): Promise<T | 'later'> {
  let timer: NodeJS.Timeout | undefined;
  const later = new Promise<'later'>((resolve) => {
    timer = setTimeout(resolve, FLUSH_AFTER_MS, 'later');
  });
  try {
    return await Promise.race([value, later]);
  } finally {
    clearTimeout(timer);
  }
}

function inputError(cause: unknown): unknown {
  if (cause instanceof WinnowError || !(cause instanceof Error && 'code' in cause)) return cause;
  return new WinnowError('WINNOW_STDIN_UNREADABLE', `read standard input: ${cause.message}`, { cause });
}
