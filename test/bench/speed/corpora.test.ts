import { readFileSync, rmSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import {
  prepareLines,
  prepareRequests,
  type RequestSpec,
  readRequests,
} from '../../../bench/speed/corpora.ts';
import { OffsetsWalk, shiftTimes } from '../../../bench/speed/walk.ts';
import { oracleDecode } from '../../oracle/otlp-logs.ts';

const SPEC: RequestSpec = {
  name: 'test-corpus',
  seed: 7,
  kind: 'short',
  services: 2,
  formatsPerService: 40,
  exponent: 1.3,
  recordsPerBucket: 1_000,
  buckets: 2,
  recordBytes: 504,
  partitions: 2,
};
const path = prepareRequests(SPEC);
const file = prepareLines('mixed', 50, 7);

afterAll(() => {
  for (const made of [`${path}.bin`, `${path}.json`, file]) rmSync(made);
});

test('a corpus holds what it says, half of its rows are rare, and records have the size asked for', () => {
  const { facts, requests } = readRequests(path);
  const records = requests
    .flatMap((request) => oracleDecode(request).resourceLogs ?? [])
    .flatMap((group) => group.scopeLogs ?? [])
    .flatMap((scope) => scope.logRecords ?? []);
  expect(records).toHaveLength(2_000);
  expect(facts.records).toBe(2_000);
  const bodyBytes = records.reduce((sum, { body }) => sum + Buffer.byteLength(body?.stringValue ?? ''), 0);
  expect(facts.bodyBytes).toBe(bodyBytes);
  expect(facts.rareShare).toBeGreaterThan(0.5);
  expect(Math.abs(facts.wireBytes / facts.records - 504)).toBeLessThan(8);
});

test('the walk over offsets finds every record and all of its body', () => {
  const { facts, requests } = readRequests(path);
  const walk = new OffsetsWalk();
  for (const request of requests) walk.request(request);
  expect([walk.records, walk.bodyBytes]).toEqual([facts.records, facts.bodyBytes]);
});

test('shifting moves both times of every record and nothing else', () => {
  const { requests } = readRequests(path);
  const before = oracleDecode(requests[0]!);
  shiftTimes(requests, 20_000);
  const after = oracleDecode(requests[0]!);
  for (const [g, group] of (after.resourceLogs ?? []).entries()) {
    for (const [i, record] of (group.scopeLogs?.[0]?.logRecords ?? []).entries()) {
      const old = before.resourceLogs![g]!.scopeLogs![0]!.logRecords![i]!;
      expect(BigInt(record.timeUnixNano!) - BigInt(old.timeUnixNano!)).toBe(20_000_000_000n);
      expect(BigInt(record.observedTimeUnixNano!) - BigInt(old.observedTimeUnixNano!)).toBe(20_000_000_000n);
      expect(record.body).toEqual(old.body);
    }
  }
});

test('a file of lines holds as many as asked for, none like another', () => {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  expect(new Set(lines).size).toBe(50);
});
