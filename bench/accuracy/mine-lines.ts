// Mines plain lines as the pipeline does: signatures counted in buckets, each closed bucket mined, templates read at the end.
import type { ClosedBucket, KeptRecord, ServiceRef, SignatureBucket } from '../../src/contracts.ts';
import { hex32 } from '../../src/core/hash.ts';
import { Miner } from '../../src/core/mine/miner.ts';
import { createScanner } from '../../src/core/scan/scanner.ts';

/** Lines of one bucket: learning is online, so later lines do not help to place earlier ones. */
const LINES_PER_BUCKET = 100;
/** Sample size of the pipeline's open buckets. */
const SAMPLE_SIZE = 4;
const STEP_MS = 10_000;

export interface MinedLines {
  /** Final template text of each line. */
  readonly templates: readonly string[];
  /** Lines that were counted under an id that was merged into another in a later bucket. */
  readonly reidentified: number;
  /** Distinct signatures. */
  readonly signatures: number;
}

/** The real miner without decoder and store: a kept record's wire is simply the line. */
export function mineLines(lines: readonly string[]): MinedLines {
  const scanner = createScanner();
  const miner = new Miner({ redact: (text) => text, bodyOf: (kept) => new TextDecoder().decode(kept.wire) });
  const encoder = new TextEncoder();
  const service: ServiceRef = { key: 's', tenant: 'default', environment: '', namespace: '', name: 's' };
  const signatureOf: string[] = [];
  const firstId: string[] = [];
  const distinct = new Set<string>();
  for (let start = 0; start < lines.length; start += LINES_PER_BUCKET) {
    const bucket = new Map<string, Mutable<SignatureBucket> & { sample: KeptRecord[] }>();
    const end = Math.min(start + LINES_PER_BUCKET, lines.length);
    for (let i = start; i < end; i++) {
      const wire = encoder.encode(lines[i]!);
      scanner.scan(wire, 0, wire.length);
      const signature = hex32(scanner.hashHigh) + hex32(scanner.hashLow);
      signatureOf.push(signature);
      distinct.add(signature);
      add(bucket, signature, keptRecord(wire, i));
    }
    miner.mine(closedBucket(service, start, [...bucket.values()]));
    for (let i = start; i < end; i++) firstId.push(resolve(miner, signatureOf[i]!));
  }
  const templates = signatureOf.map((signature) => miner.template('s', resolve(miner, signature))!.text);
  const reidentified = signatureOf.filter((signature, i) => resolve(miner, signature) !== firstId[i]).length;
  return { templates, reidentified, signatures: distinct.size };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function resolve(miner: Miner, signature: string): string {
  return miner.resolve(
    's',
    Number.parseInt(signature.slice(0, 8), 16),
    Number.parseInt(signature.slice(8), 16),
  )!;
}

function keptRecord(wire: Uint8Array, offset: number): KeptRecord {
  const position = { source: 'bench', topic: '', partition: 0, offset, index: 0 };
  return { timeMs: offset, severityNumber: 9, position, instance: '', version: '', wire, truncated: false };
}

function add(
  bucket: Map<string, Mutable<SignatureBucket> & { sample: KeptRecord[] }>,
  signature: string,
  kept: KeptRecord,
): void {
  const known = bucket.get(signature);
  if (known !== undefined) {
    known.records++;
    known.severity[1]++;
    known.lastMs = kept.timeMs;
    if (known.sample.length < SAMPLE_SIZE) known.sample.push(kept);
    return;
  }
  bucket.set(signature, {
    signature,
    version: '',
    records: 1,
    severity: [0, 1, 0, 0, 0],
    firstMs: kept.timeMs,
    lastMs: kept.timeMs,
    instances: { members: [], censored: false },
    exemplar: kept,
    sample: [kept],
  });
}

function closedBucket(service: ServiceRef, start: number, signatures: SignatureBucket[]): ClosedBucket {
  const records = signatures.reduce((sum, s) => sum + s.records, 0);
  const dropped = { late: 0, malformed: 0, time_out_of_range: 0, no_time: 0, too_large: 0, overflow: 0 };
  return {
    startMs: start * STEP_MS,
    stepMs: STEP_MS,
    watermarkMs: (start + 1) * STEP_MS,
    accounting: { consumed: records, bytes: 0, counted: records, dropped },
    services: [
      {
        service,
        records,
        bytes: 0,
        severity: [0, records, 0, 0, 0],
        frames: 0,
        severityInferred: 0,
        timeInferred: 0,
        versions: [['', records]],
        instances: { members: [], censored: false },
        censored: [0, 0, 0, 0, 0],
        signatures: signatures.sort((a, b) => (a.signature < b.signature ? -1 : 1)),
      },
    ],
  };
}
