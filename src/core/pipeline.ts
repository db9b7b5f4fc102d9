import type {
  AnyStateRow,
  Batch,
  Checkpoint,
  ClosedBucket,
  Judgement,
  MessageScanner,
  MinedBucket,
  PartitionRef,
  Stateful,
  StoredState,
  WindowRevision,
} from '../contracts.ts';
import { Counting } from './counting.ts';
import type { DecoderOptions } from './decode/decoder.ts';
import { KeptReader } from './decode/kept-reader.ts';
import { readTraceId } from './decode/kept-trace.ts';
import { type DetectOptions, Detectors } from './detect/detectors.ts';
import { Miner } from './mine/miner.ts';
import { PlainLines } from './mine/plain-lines.ts';
import { createRedactor, type Redactor, type RedactorOptions } from './redact.ts';
import { createScanner } from './scan/scanner.ts';
import type { UserMask } from './scan/user-masks.ts';
import { loadRows, metaRow } from './snapshot.ts';
import { Totals } from './totals.ts';
import { WindowAssembler } from './window/assembler.ts';

export interface PipelineOptions {
  /** Names the pipeline in windows (`winnow://NAME`); never the host or process. */
  readonly name: string;
  readonly tenant: string;
  /** Names of sources whose positions are Kafka offsets. */
  readonly kafkaSources: readonly string[];
  readonly decode: DecoderOptions;
  readonly redact: RedactorOptions;
  readonly detect: DetectOptions;
  /** The user's masking rules; other rules are another version of the scanner, and templates are remapped. */
  readonly masking?: readonly UserMask[];
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
 *   accept ─► counting (stage 1, per record: decode → scan → count) ─► closed bucket, in order of event time
 *          ─► mine → detect → assemble (stage 2, per bucket) ─► window revisions
 *
 * `checkpoint` returns what must become durable together with the revisions since the last call, in one transaction.
 * After `load` of that, and reading again from its positions, everything goes on as if nothing had happened.
 */
export class Pipeline {
  readonly counting: Counting;
  readonly miner: Miner;
  readonly detectors: Detectors;
  readonly redactor: Redactor;
  /** The books of all closed buckets. */
  readonly totals = new Totals();
  readonly #assembler: WindowAssembler;
  readonly #scanner: MessageScanner;
  readonly #stages: readonly Stateful[];
  #observer: BucketObserver | null = null;
  #revisions: WindowRevision[] = [];
  #closedToMs: number | null = null;
  #isMetaWritten = false;

  constructor(options: PipelineOptions) {
    this.redactor = createRedactor(options.redact);
    this.#scanner = createScanner(options.masking);
    this.counting = new Counting(
      { ...options, decode: { ...options.decode, redactor: this.redactor } },
      this.#scanner,
    );
    const reader = new KeptReader();
    this.miner = new Miner({
      redact: (text) => this.redactor.redact(text),
      bodyOf: (kept) => reader.line(kept),
      plain: new PlainLines(reader, this.redactor),
      scanner: createScanner(options.masking),
    });
    this.detectors = new Detectors(options.detect);
    this.#assembler = new WindowAssembler({
      pipeline: options.name,
      templates: this.miner,
      baselines: this.detectors,
      redactor: this.redactor,
      readKept: (kept) => reader.read(kept),
      readAttributes: (kept) => reader.attributes(kept),
      readTraceId,
      scannerVersion: this.#scanner.version,
      kafkaSources: options.kafkaSources,
    });
    this.#stages = [this.miner, this.detectors, this.#assembler, this.totals];
  }

  observe(observer: BucketObserver): void {
    this.#observer = observer;
  }

  /** Counts a batch and judges every bucket that it completes. */
  accept(batch: Batch): WindowRevision[] {
    this.counting.accept(batch, this.#judge);
    return this.#taken();
  }

  /** The partition has ended for good. */
  finish(ref: PartitionRef): WindowRevision[] {
    this.counting.finish(ref, this.#judge);
    return this.#taken();
  }

  /** Excludes a partition that is caught up and quiet from the watermark, or takes it back in. */
  setIdle(ref: PartitionRef, isIdle: boolean): WindowRevision[] {
    this.counting.setIdle(ref, isIdle, this.#judge);
    return this.#taken();
  }

  /** End of all input: judges every open bucket and gives the last state of every window. */
  drain(): WindowRevision[] {
    this.counting.drain(this.#judge);
    this.#revisions.push(...this.#assembler.finish());
    return this.#taken();
  }

  /** What to make durable together with the revisions since the last call. */
  checkpoint(): Omit<Checkpoint, 'revisions'> {
    const state: AnyStateRow[] = [];
    if (!this.#isMetaWritten) {
      state.push(metaRow(this.#scanner.version));
      this.#isMetaWritten = true;
    }
    for (const stage of this.#stages) for (const row of stage.takeChanges()) state.push(row);
    return { positions: this.counting.positions(), state, closedToMs: this.#closedToMs };
  }

  /** Restores a fresh pipeline to the moment of a checkpoint. */
  load(stored: StoredState): void {
    this.#isMetaWritten = loadRows(stored.state, this.#scanner.version, this.#stages);
    this.#closedToMs = stored.closedToMs;
    this.counting.load(stored.positions, stored.closedToMs);
  }

  readonly #judge = (bucket: ClosedBucket): void => {
    this.totals.add(bucket.accounting);
    const mined = this.miner.mine(bucket);
    const judgement = this.detectors.judge(mined);
    const revisions = this.#assembler.observe(mined, judgement);
    this.#revisions.push(...revisions);
    this.#closedToMs = bucket.startMs + bucket.stepMs;
    this.#observer?.(mined, judgement, revisions);
  };

  #taken(): WindowRevision[] {
    const revisions = this.#revisions;
    this.#revisions = [];
    return revisions;
  }
}
