// Mines plain lines one after the other as the pipeline does: signatures counted in buckets, each closed bucket mined.
import type { ClosedBucket, KeptRecord, ServiceRef, SignatureBucket } from '../../src/contracts.ts';
import { hex32 } from '../../src/core/hash.ts';
import { Miner } from '../../src/core/mine/miner.ts';
import type { LineScanner } from '../../src/core/scan/scanner.ts';

/** Lines of one bucket: learning is online, so later lines do not help to place earlier ones. */
export const LINES_PER_BUCKET = 100;
/** Sample size of the pipeline's open buckets. */
const SAMPLE_SIZE = 4;
const STEP_MS = 10_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Counted = Mutable<SignatureBucket> & { sample: KeptRecord[] };

/** The real miner without decoder and store: a kept record's wire is simply the line. */
export class LineMiner {
  readonly miner = new Miner({
    redact: (text) => text,
    bodyOf: (kept) => new TextDecoder().decode(kept.wire),
  });
  private readonly scanner: LineScanner;
  private readonly linesPerBucket: number;
  private readonly service: ServiceRef = {
    key: 's',
    tenant: 'default',
    environment: '',
    namespace: '',
    name: 's',
  };
  private bucket = new Map<string, Counted>();
  private lines = 0;
  private known = 0;

  constructor(scanner: LineScanner, linesPerBucket = LINES_PER_BUCKET) {
    this.scanner = scanner;
    this.linesPerBucket = linesPerBucket;
  }

  get templates(): number {
    return this.miner.size;
  }

  /** Signatures that were learnt; one that was forgotten and came back counts twice. */
  get signatures(): number {
    return this.known;
  }

  /** Returns the line's signature. */
  add(wire: Uint8Array): string {
    this.scanner.scan(wire, 0, wire.length);
    const { hashHigh, hashLow } = this.scanner;
    const signature = hex32(hashHigh) + hex32(hashLow);
    if (!this.bucket.has(signature) && this.miner.resolve('s', hashHigh, hashLow) === undefined) this.known++;
    this.count(signature, hashHigh | 0, hashLow | 0, wire);
    if (++this.lines % this.linesPerBucket === 0) this.flush();
    return signature;
  }

  /** Mines what was counted since the last full bucket. */
  flush(): void {
    const sorted = [...this.bucket].sort((a, b) => (a[0] < b[0] ? -1 : 1));
    if (sorted.length > 0) this.miner.mine(this.closed(sorted.map(([, counted]) => counted)));
    this.bucket = new Map();
  }

  private count(signature: string, hashHigh: number, hashLow: number, wire: Uint8Array): void {
    const position = { source: 'bench', topic: '', partition: 0, offset: this.lines, index: 0 };
    const kept: KeptRecord = {
      timeMs: this.lines,
      severityNumber: 9,
      position,
      instance: '',
      version: '',
      wire,
      truncated: false,
    };
    const known = this.bucket.get(signature);
    if (known !== undefined) {
      known.records++;
      known.lastMs = kept.timeMs;
      if (known.sample.length < SAMPLE_SIZE) known.sample.push(kept);
      return;
    }
    this.bucket.set(signature, {
      hashHigh,
      hashLow,
      version: '',
      records: 1,
      severity: 1,
      firstMs: kept.timeMs,
      lastMs: kept.timeMs,
      instances: { members: [], censored: false },
      exemplar: kept,
      sample: [kept],
    });
  }

  private closed(signatures: SignatureBucket[]): ClosedBucket {
    const records = signatures.reduce((sum, s) => sum + s.records, 0);
    const dropped = { late: 0, malformed: 0, time_out_of_range: 0, no_time: 0, too_large: 0, overflow: 0 };
    const startMs = Math.ceil(this.lines / this.linesPerBucket) * STEP_MS;
    return {
      startMs,
      stepMs: STEP_MS,
      watermarkMs: startMs + STEP_MS,
      accounting: { consumed: records, bytes: 0, counted: records, dropped },
      services: [
        {
          service: this.service,
          records,
          bytes: 0,
          severity: [0, records, 0, 0, 0],
          frames: 0,
          severityInferred: 0,
          timeInferred: 0,
          versions: [['', records]],
          instances: { members: [], censored: false },
          censored: [0, 0, 0, 0, 0],
          signatures,
        },
      ],
    };
  }
}
