import type {
  Batch,
  ClosedBucket,
  Decoder,
  Encoding,
  LogRecord,
  Malformed,
  Message,
  MessageScanner,
  PartitionPosition,
  PartitionRef,
  RecordSink,
  Resource,
  Scanner,
} from '../contracts.ts';
import { AHEAD_MAX_MS, LATENESS_MS } from './count/limits.ts';
import { OpenBuckets } from './count/open-buckets.ts';
import { PartitionClocks } from './count/partition-clock.ts';
import { createDecoder, type DecoderOptions } from './decode/decoder.ts';
import { createTextResource } from './decode/resource.ts';

export interface CountingOptions {
  readonly tenant: string;
  readonly decode: DecoderOptions;
}

/**
 * Stage 1: bytes in, closed buckets out. Per record: decode → scan → count; no learned state, no string for a record
 * that is not kept. A bucket closes when every partition has passed it; what it then says is the same however the
 * partitions interleaved. Closed buckets read as plain data, so that stage 2 could run in another process. Their signatures are
 * lent: valid until the callback returns.
 */
export class Counting {
  /** Told of every message that could not be read to its end, re-read ones too; for samples, never for decisions. */
  onMalformed: ((ref: PartitionRef, message: Message, malformed: Malformed) => void) | null = null;
  readonly clocks = new PartitionClocks();
  readonly #buckets = new OpenBuckets(this.clocks);
  readonly #options: CountingOptions;
  readonly #decoders = new Map<Encoding, Decoder>();
  readonly #textResources = new Map<string, Resource>();
  readonly #scanner: MessageScanner;
  readonly #sink: CountingSink;

  constructor(options: CountingOptions, scanner: MessageScanner) {
    this.#options = options;
    this.#scanner = scanner;
    this.#sink = new CountingSink(this.#buckets, scanner);
  }

  /** Counts one batch, handing over each bucket that it completes before going on to the next message. */
  accept(batch: Batch, onClosed: (bucket: ClosedBucket) => void): void {
    const clock = this.clocks.get(batch.partition);
    const decoder = this.#decoder(batch.encoding);
    const resource = this.#textResource(batch.defaultService || batch.partition.source);
    if (batch.messages.length > 0) clock.state = 'active';
    else if (!clock.hasRead && batch.nextOffset !== undefined) {
      // Nothing to read yet: a restart must begin here, not where the source would begin anew.
      clock.readTo = batch.nextOffset;
      clock.hasRead = true;
    }
    for (const message of batch.messages) {
      const judgedMs = clock.maxMs;
      this.#buckets.beginMessage(clock, message.offset, message.referenceTimeMs);
      const loaded = { ...message, value: this.#scanner.load(message.value) };
      const malformed = decoder.decode(loaded, resource, this.#sink);
      if (malformed !== null) {
        const reason = malformed.reason === 'too_large' ? 'too_large' : 'malformed';
        this.#buckets.drop(reason, 1, message.value.length);
        this.onMalformed?.(batch.partition, message, malformed);
      }
      this.#buckets.endMessage();
      if (clock.maxMs > judgedMs) this.#close(onClosed);
    }
  }

  /** The partition has ended for good and no longer holds the watermark back. */
  finish(ref: PartitionRef, onClosed: (bucket: ClosedBucket) => void): void {
    this.clocks.get(ref).state = 'finished';
    // The last one to finish leaves its buckets to `drain`: more partitions may still come.
    if (this.clocks.all().some((clock) => clock.state !== 'finished')) this.#close(onClosed);
  }

  /** Excludes a partition that is caught up and quiet from the watermark, or takes it back in. */
  setIdle(ref: PartitionRef, isIdle: boolean, onClosed: (bucket: ClosedBucket) => void): void {
    const clock = this.clocks.get(ref);
    if (clock.state !== 'finished') clock.state = isIdle ? 'idle' : 'active';
    if (isIdle) this.#close(onClosed);
  }

  /** End of all input: closes everything. */
  drain(onClosed: (bucket: ClosedBucket) => void): void {
    this.#buckets.close(Number.POSITIVE_INFINITY, onClosed);
  }

  /** Partitions to hold back: far ahead of the slowest, with buckets waiting for it. */
  partitionsAhead(): PartitionRef[] {
    return this.clocks.ahead(this.#buckets.oldestOpenMs, AHEAD_MAX_MS);
  }

  /** Where each partition resumes such that every open bucket is counted anew and no closed one twice. */
  positions(): PartitionPosition[] {
    const read = this.clocks.all().filter((clock) => clock.hasRead);
    return read.map((clock) => this.#buckets.position(clock));
  }

  load(positions: readonly PartitionPosition[], closedToMs: number | null): void {
    for (const position of positions) this.clocks.get(position).restore(position);
    if (closedToMs !== null) this.#buckets.closedToMs = closedToMs;
  }

  /** Dropped units that no bucket's books hold, because their partition has shown no plausible time. */
  get unbooked(): Readonly<OpenBuckets['unbooked']> {
    return this.#buckets.unbooked;
  }

  get openBuckets(): number {
    return this.#buckets.openCount;
  }

  #close(onClosed: (bucket: ClosedBucket) => void): void {
    this.#buckets.close(this.clocks.watermarkMs(LATENESS_MS), onClosed);
  }

  #decoder(encoding: Encoding): Decoder {
    let decoder = this.#decoders.get(encoding);
    if (decoder === undefined) {
      decoder = createDecoder(encoding, this.#options.decode, this.#scanner.skimmer);
      this.#decoders.set(encoding, decoder);
    }
    return decoder;
  }

  #textResource(service: string): Resource {
    let resource = this.#textResources.get(service);
    if (resource === undefined) {
      resource = createTextResource(this.#options.tenant, service);
      this.#textResources.set(service, resource);
    }
    return resource;
  }
}

/** Scans and counts each record of the message in hand. */
class CountingSink implements RecordSink {
  readonly #buckets: OpenBuckets;
  readonly #scanner: Scanner;

  constructor(buckets: OpenBuckets, scanner: Scanner) {
    this.#buckets = buckets;
    this.#scanner = scanner;
  }

  onRecord(record: LogRecord): void {
    this.#buckets.add(record, this.#scanner);
  }
}
