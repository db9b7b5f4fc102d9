import { readFileSync } from 'node:fs';
import type { ClosedBucket } from '../../../src/contracts.ts';
import { Counting } from '../../../src/core/counting.ts';
import { KeptReader } from '../../../src/core/decode/kept-reader.ts';
import { encodeLogsRequest } from '../../../src/core/decode/otlp-encode.ts';
import { Miner } from '../../../src/core/mine/miner.ts';
import { createRedactor } from '../../../src/core/redact.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';
import { type Facts, START_MS } from '../corpora.ts';
import { mustBe, type Round, type Subject, timedPasses } from '../subject.ts';
import { Feed } from './stage1.ts';

/** A busy service: a thousand lines a second. */
const LINES_PER_BUCKET = 10_000;
const LINES_PER_REQUEST = 1_000;
/** Buckets before the first round. A template's first 16 are dearer, see SHAPE_CHECKS; `learningNs` says by how much. */
const BUCKETS_LEARNT = 24;

/**
 * Lines to templates as the pipeline does it, which is more than a miner does: each line is the body of an OTLP record
 * that is decoded, scanned, counted and sampled; closed buckets are redacted and mined.
 */
export function mining(settings: Readonly<Record<string, string>>): Subject {
  const { facts, requests } = requestsOf(settings.lines!);
  const feed = new Feed(facts, requests);
  const redactor = createRedactor({ enabled: true });
  const counting = new Counting({ tenant: 'default', decode: {} }, createScanner());
  const reader = new KeptReader();
  const miner = new Miner({ redact: (text) => redactor.redact(text), bodyOf: (kept) => reader.line(kept) });
  const sums = { mined: 0, censored: 0, frames: 0, rows: 0, buckets: 0 };
  const mine = (bucket: ClosedBucket): void => {
    sums.buckets++;
    for (const service of miner.mine(bucket).services) {
      for (const template of service.templates) sums.mined += template.records;
      for (const count of service.censored) sums.censored += count;
      sums.frames += service.frames;
    }
    for (const service of bucket.services) sums.rows += service.signatures.length;
    // As at a checkpoint: what changed is handed over.
    miner.takeChanges();
  };
  const passes = (budgetMs: number): Round =>
    timedPasses(
      budgetMs,
      () => feed.nextPass(),
      () => {
        feed.pass((batch) => counting.accept(batch, mine));
        return { records: facts.records, bytes: facts.bodyBytes };
      },
    );
  const first = passes(0.001);
  while (sums.buckets < BUCKETS_LEARNT) passes(0.001);
  return {
    round: passes,
    end: () => {
      counting.drain(mine);
      mustBe(
        'lines mined, censored or frames',
        sums.mined + sums.censored + sums.frames,
        feed.passes * facts.records,
      );
      return {
        templates: miner.size,
        censoredShare: sums.censored / (feed.passes * facts.records),
        rowsPerBucket: sums.rows / sums.buckets,
        learningNs: (first.cpuMs * 1e6) / first.records,
      };
    },
  };
}

/** The scanner alone over the bytes of the lines: the signature of each. */
export function scanning(settings: Readonly<Record<string, string>>): Subject {
  const bytes = new Uint8Array(readFileSync(settings.lines!));
  const starts = [0];
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) starts.push(at + 1);
  const lines = starts.length - 1;
  const scanner = createScanner();
  let first = 0;
  let last = 0;
  let passes = 0;
  return {
    round: (budgetMs) =>
      timedPasses(
        budgetMs,
        () => undefined,
        () => {
          let sum = 0;
          for (let i = 0; i < lines; i++) {
            scanner.scan(bytes, starts[i]!, starts[i + 1]! - 1);
            sum = (sum + scanner.hashLow) | 0;
          }
          if (passes++ === 0) first = sum;
          last = sum;
          return { records: lines, bytes: bytes.length - lines };
        },
      ),
    end: () => {
      mustBe('sum of the signatures', last, first);
      return {};
    },
  };
}

const LINE_FEED = 10;

/** The lines of a file as requests of one service, at the rate that `LINES_PER_BUCKET` says. */
function requestsOf(file: string): { facts: Facts; requests: Uint8Array[] } {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  if (lines.length % LINES_PER_BUCKET !== 0)
    throw new Error(`${lines.length} lines do not fill their buckets`);
  const requests: Uint8Array[] = [];
  let bodyBytes = 0;
  const nanosPerLine = 10_000_000_000n / BigInt(LINES_PER_BUCKET);
  for (let from = 0; from < lines.length; from += LINES_PER_REQUEST) {
    const records = lines.slice(from, from + LINES_PER_REQUEST).map((body, i) => {
      bodyBytes += Buffer.byteLength(body);
      const nanos = BigInt(START_MS) * 1_000_000n + BigInt(from + i) * nanosPerLine;
      return { timeUnixNano: nanos, observedTimeUnixNano: nanos, severityNumber: 9, body };
    });
    requests.push(encodeLogsRequest([{ resource: { 'service.name': 'bench' }, records }]));
  }
  const facts: Facts = {
    records: lines.length,
    wireBytes: requests.reduce((sum, request) => sum + request.length, 0),
    bodyBytes,
    durationMs: (lines.length / LINES_PER_BUCKET) * 10_000,
    partitions: 1,
    rareShare: Number.NaN,
    formats: Number.NaN,
  };
  return { facts, requests };
}
