// Builds closed buckets from plain lines, for tests of the miner: the wire of a kept record is simply its line.
import type {
  AnyStateRow,
  ClosedBucket,
  KeptRecord,
  SeverityCounts,
  SignatureBucket,
} from '../../../src/contracts.ts';
import { hex32 } from '../../../src/core/hash.ts';
import { Miner, type MinerOptions } from '../../../src/core/mine/miner.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';

export const STEP_MS = 10_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const scanner = createScanner();

export function createMiner(options: Partial<MinerOptions> = {}): Miner {
  return new Miner({ redact: (text) => text, bodyOf: (kept) => decoder.decode(kept.wire), ...options });
}

/** Lines by service; `bucket` is the bucket's number. Records are a millisecond apart. */
export function closedBucket(
  bucket: number,
  services: Readonly<Record<string, readonly string[]>>,
): ClosedBucket {
  const startMs = bucket * STEP_MS;
  const names = Object.keys(services).sort();
  const total = names.reduce((sum, name) => sum + services[name]!.length, 0);
  return {
    startMs,
    stepMs: STEP_MS,
    watermarkMs: startMs + STEP_MS + 5_000,
    accounting: {
      consumed: total,
      bytes: 0,
      counted: total,
      dropped: { late: 0, malformed: 0, time_out_of_range: 0, no_time: 0, too_large: 0, overflow: 0 },
    },
    services: names.map((name) => {
      const lines = services[name]!;
      return {
        service: { key: name, tenant: 'default', environment: '', namespace: '', name },
        records: lines.length,
        bytes: 0,
        severity: severity(lines.length),
        frames: 0,
        severityInferred: 0,
        timeInferred: 0,
        versions: [['v1', lines.length] as const],
        instances: { members: [['pod-1', lines.length] as const], censored: false },
        censored: severity(0),
        signatures: signatures(lines, startMs),
      };
    }),
  };
}

/** What a row of text says. */
export function jsonOf({ value }: AnyStateRow): unknown {
  return JSON.parse(value as string);
}

export function signatureOf(line: string): readonly [high: number, low: number] {
  const bytes = encoder.encode(line);
  scanner.scan(bytes, 0, bytes.length);
  return [scanner.hashHigh, scanner.hashLow];
}

/** Text of the template that a line belongs to now. */
export function textOf(miner: Miner, service: string, line: string): string | undefined {
  const id = miner.resolve(service, ...signatureOf(line));
  return id === undefined ? undefined : miner.template(service, id)?.text;
}

function signatures(lines: readonly string[], startMs: number): SignatureBucket[] {
  const kept = new Map<string, KeptRecord[]>();
  const hashes = new Map<string, readonly [number, number]>();
  lines.forEach((line, i) => {
    const [high, low] = signatureOf(line);
    const signature = hex32(high) + hex32(low);
    const list = kept.get(signature) ?? [];
    kept.set(signature, list);
    hashes.set(signature, [high | 0, low | 0]);
    list.push(keptRecord(line, startMs + i, i));
  });
  return [...kept]
    .sort((a, b) => (a[0] < b[0] ? -1 : 1))
    .map(([signature, records]) => ({
      hashHigh: hashes.get(signature)![0],
      hashLow: hashes.get(signature)![1],
      version: 'v1',
      records: records.length,
      severity: 1 as const,
      firstMs: records[0]!.timeMs,
      lastMs: records.at(-1)!.timeMs,
      instances: { members: [['pod-1', records.length] as const], censored: false },
      exemplar: records[0]!,
      sample: records.slice(0, 4),
    }));
}

function keptRecord(line: string, timeMs: number, offset: number): KeptRecord {
  const position = { source: 'test', topic: '', partition: 0, offset, index: 0 };
  const wire = encoder.encode(line);
  return { timeMs, severityNumber: 9, position, instance: 'pod-1', version: 'v1', wire, truncated: false };
}

function severity(records: number): SeverityCounts {
  return [0, records, 0, 0, 0];
}
