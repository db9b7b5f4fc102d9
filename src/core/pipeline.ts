import type {
  Batch,
  Checkpoint,
  ClosedBucket,
  Decoder,
  Encoding,
  Judgement,
  LogRecord,
  MinedBucket,
  PartitionRef,
  RecordSink,
  Resource,
  Scanner,
  StateRow,
  Stateful,
  StoredState,
  WindowRevision,
} from '../contracts.ts';
import { AHEAD_MAX_MS, LATENESS_MS } from './count/limits.ts';
import { OpenBuckets } from './count/open-buckets.ts';
import { type PartitionClock, PartitionClocks } from './count/partition-clock.ts';
import { createDecoder, type DecoderOptions } from './decode/decoder.ts';
import { readKept } from './decode/kept.ts';
import { createTextResource } from './decode/resource.ts';
import { type DetectOptions, Detectors } from './detect/detectors.ts';
import { Miner } from './mine/miner.ts';
import { createRedactor, type Redactor, type RedactorOptions } from './redact.ts';
import { createScanner } from './scan/scanner.ts';
import { loadRows, metaRow } from './snapshot.ts';
import { WindowAssembler } from './window/assembler.ts';

export interface PipelineOptions {
  /** Names the pipeline in windows (`winnow://NAME`); never the host or process. */
  readonly name: string;
  readonly tenant: string;
  readonly decode: DecoderOptions;
  readonly redact: RedactorOptions;
  readonly detect: DetectOptions;
}

/** Told of every closed bucket after it was judged; for metrics and progress, never for decisions. */
export type BucketObserver = (
  bucket: MinedBucket,
  judgement: Judgement,
  revisions: readonly WindowRevision[],
) => void;

/**
 * The whole of winnow between bytes and windows, without clock, randomness or I/O.
 *
 * Stage 1, per record: decode → scan → count into open buckets. Stage 2, per closed bucket in order of event time:
 * mine → detect → assemble. `accept` returns the window revisions that the batch brought about; `checkpoint` returns
 * what must become durable with them, in one transaction.
 */
export class Pipeline {
  readonly clocks = new PartitionClocks();
  readonly buckets = new OpenBuckets(this.clocks);
  readonly scanner: Scanner = createScanner();
  readonly miner: Miner;
  readonly detectors: Detectors;
  readonly assembler: WindowAssembler;
  readonly redactor: Redactor;
  readonly #options: PipelineOptions;
  readonly #decoders = new Map<Encoding, Decoder>();
  readonly #textResources = new Map<string, Resource>();
  readonly #sink: CountingSink;
  readonly #stages: readonly Stateful[];
  #observer: BucketObserver | null = null;
  #closedToMs: number | null = null;
  #isMetaWritten = false;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.redactor = createRedactor(options.redact);
    this.miner = new Miner({
      redact: (text) => this.redactor.redact(text),
      bodyOf: (kept) => readKept(kept).body,
    });
    this.detectors = new Detectors(options.detect);
    this.assembler = new WindowAssembler({
      pipeline: options.name,
      templates: this.miner,
      baselines: this.detectors,
      redactor: this.redactor,
      readKept,
      scannerVersion: this.scanner.version,
    });
    this.#sink = new CountingSink(this.buckets, this.scanner);
    this.#stages = [this.miner, this.detectors, this.assembler];
  }

  observe(observer: BucketObserver): void {
    this.#observer = observer;
  }

  /** Counts a batch and judges every bucket that it completes. */
  accept(batch: Batch): WindowRevision[] {
    const clock = this.clocks.get(batch.partition);
    const decoder = this.#decoder(batch.encoding);
    const resource = this.#textResource(batch.defaultService ?? batch.partition.source);
    const revisions: WindowRevision[] = [];
    if (batch.messages.length > 0) clock.state = 'active';
    for (const message of batch.messages) {
      const judgedMs = clock.maxMs;
      this.buckets.beginMessage(clock);
      this.#sink.begin(clock, message.offset, message.referenceTimeMs);
      const malformed = decoder.decode(message, resource, this.#sink);
      if (malformed !== null) {
        const reason = malformed.reason === 'too_large' ? 'too_large' : 'malformed';
        this.buckets.drop(reason, 1, message.value.length, clock, message.offset);
      }
      this.buckets.endMessage(clock, message.offset);
      if (clock.maxMs > judgedMs) this.#judge(revisions);
    }
    return revisions;
  }

  /** The partition has ended for good. */
  finish(ref: PartitionRef): WindowRevision[] {
    this.clocks.get(ref).state = 'finished';
    const revisions: WindowRevision[] = [];
    if (this.clocks.all().some((clock) => clock.state !== 'finished')) this.#judge(revisions);
    return revisions;
  }

  /** Excludes a partition that is caught up and quiet from the watermark, or takes it back in. */
  setIdle(ref: PartitionRef, isIdle: boolean): WindowRevision[] {
    const clock = this.clocks.get(ref);
    if (clock.state !== 'finished') clock.state = isIdle ? 'idle' : 'active';
    const revisions: WindowRevision[] = [];
    if (isIdle) this.#judge(revisions);
    return revisions;
  }

  /** End of all input: judges every open bucket and gives the last state of every window. */
  drain(): WindowRevision[] {
    const revisions: WindowRevision[] = [];
    for (const bucket of this.buckets.close(Number.POSITIVE_INFINITY)) this.#judgeBucket(bucket, revisions);
    revisions.push(...this.assembler.finish());
    return revisions;
  }

  /** Partitions to hold back: far ahead of the slowest, with buckets waiting for it. */
  partitionsAhead(): PartitionRef[] {
    return this.clocks.ahead(this.buckets.oldestOpenMs, AHEAD_MAX_MS);
  }

  /** What to make durable together with the revisions since the last call. */
  checkpoint(): Omit<Checkpoint, 'revisions'> {
    const state: StateRow[] = [];
    if (!this.#isMetaWritten) {
      state.push(metaRow(this.scanner.version));
      this.#isMetaWritten = true;
    }
    for (const stage of this.#stages) for (const row of stage.takeChanges()) state.push(row);
    return {
      positions: this.clocks.all().map((clock) => this.buckets.position(clock)),
      state,
      closedToMs: this.#closedToMs,
    };
  }

  /** Restores a fresh pipeline to the moment of a checkpoint. */
  load(stored: StoredState): void {
    this.#isMetaWritten = loadRows(stored.state, this.scanner.version, this.#stages);
    if (stored.closedToMs !== null) {
      this.#closedToMs = stored.closedToMs;
      this.buckets.closedToMs = stored.closedToMs;
    }
    for (const position of stored.positions) this.clocks.get(position).restore(position);
  }

  #judge(revisions: WindowRevision[]): void {
    for (const bucket of this.buckets.close(this.clocks.watermarkMs(LATENESS_MS))) this.#judgeBucket(bucket, revisions);
  }

  #judgeBucket(bucket: ClosedBucket, revisions: WindowRevision[]): void {
    const mined = this.miner.mine(bucket);
    const judgement = this.detectors.judge(mined);
    const emitted = this.assembler.observe(mined, judgement);
    revisions.push(...emitted);
    this.#closedToMs = bucket.startMs + bucket.stepMs;
    this.#observer?.(mined, judgement, emitted);
  }

  #decoder(encoding: Encoding): Decoder {
    let decoder = this.#decoders.get(encoding);
    if (decoder === undefined) {
      decoder = createDecoder(encoding, this.#options.decode);
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
  #clock: PartitionClock | null = null;
  #offset = 0;
  #referenceTimeMs = Number.NaN;

  constructor(buckets: OpenBuckets, scanner: Scanner) {
    this.#buckets = buckets;
    this.#scanner = scanner;
  }

  begin(clock: PartitionClock, offset: number, referenceTimeMs: number): void {
    this.#clock = clock;
    this.#offset = offset;
    this.#referenceTimeMs = referenceTimeMs;
  }

  onRecord(record: LogRecord): void {
    this.#scanner.scan(record.body, record.bodyStart, record.bodyEnd);
    this.#buckets.add(record, this.#scanner, this.#clock!, this.#offset, this.#referenceTimeMs);
  }
}
