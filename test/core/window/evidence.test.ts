import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeptRecord, TemplateCount } from '../../../src/contracts.ts';
import { createDecoder } from '../../../src/core/decode/decoder.ts';
import { encodeKept } from '../../../src/core/decode/kept.ts';
import { KeptReader, OUTSIDE } from '../../../src/core/decode/kept-reader.ts';
import { encodeLogsRequest } from '../../../src/core/decode/otlp-encode.ts';
import { createTextResource } from '../../../src/core/decode/resource.ts';
import { createRedactor } from '../../../src/core/redact.ts';
import { EvidenceReader } from '../../../src/core/window/evidence.ts';
import { addPairs, CountedPair, emptyPairTable } from '../../../src/core/window/lift.ts';
import { PAIRS_MAX } from '../../../src/core/window/limits.ts';

function keep(attributes: Readonly<Record<string, string | number>>): KeptRecord {
  const wire = new Uint8Array(8_192);
  let length = 0;
  createDecoder('otlp_proto').decode(
    {
      value: encodeLogsRequest([{ resource: {}, records: [{ body: 'x', attributes }] }]),
      offset: 0,
      referenceTimeMs: Number.NaN,
    },
    createTextResource('', ''),
    {
      onRecord: (record) => {
        length = encodeKept(record, wire, 0, wire.length);
      },
    },
  );
  const position = { source: 's', topic: 't', partition: 0, offset: 0, index: 0 };
  const rest = { timeMs: 0, severityNumber: 9, instance: '', version: '', truncated: false };
  return { ...rest, position, wire: wire.subarray(0, length) };
}

/** With a memory of pairs, or with none: a reader of its own for every record. */
function evidenceReader(remembers: boolean): EvidenceReader {
  const reader = new KeptReader();
  return new EvidenceReader({
    readKept: (kept) => reader.read(kept),
    readAttributes: (kept, filter) =>
      remembers ? reader.attributes(kept, filter) : new KeptReader().attributes(kept),
    redactor: createRedactor(),
    templates: { size: 0, template: () => undefined, parameters: () => [] },
  });
}

function idsOf(reader: EvidenceReader, kept: KeptRecord): string[] {
  return reader.comparedPairs(kept).map(({ id }) => id);
}

test('pairs that came before are told and counted as if they had not', () => {
  const value = fc.constantFrom(
    'GET',
    '/orders',
    'me@example.com',
    '<redacted:secret>',
    '',
    'x'.repeat(200),
    'Bearer abcdef0123456789abcdef',
    '4111 1111 1111 1111',
    'grün',
  );
  const key = fc.constantFrom('http.method', 'password', 'trace_id', 'user', 'api_key', 'exception.message');
  fc.assert(
    fc.property(fc.array(fc.dictionary(key, value, { maxKeys: 4 }), { maxLength: 30 }), (records) => {
      const once = evidenceReader(false);
      const again = evidenceReader(true);
      for (const record of records) {
        const kept = keep(record);
        expect(idsOf(again, kept)).toEqual(idsOf(once, kept));
        expect(again.redactionCounts()).toEqual(once.redactionCounts());
      }
    }),
    { numRuns: 200, seed: 2026 },
  );
});

test('a secret in an attribute is counted each time it comes', () => {
  const reader = evidenceReader(true);
  for (let i = 1; i <= 5; i++) {
    expect(idsOf(reader, keep({ password: 'hunter2' }))).toEqual(['password\u0000<redacted:secret>']);
    expect(reader.redactionCounts().secret).toBe(i);
  }
});

/** Samples of one template each. */
function countsOf(groups: readonly (readonly KeptRecord[])[]): TemplateCount[] {
  return groups.map((sample, i) => ({
    templateId: `t${i}`,
    records: 3 + i,
    severity: [0, 3 + i, 0, 0, 0],
    versions: [],
    firstMs: 0,
    lastMs: 0,
    instances: { distinct: 0, members: [], censored: false },
    created: false,
    candidate: false,
    exemplar: sample[0]!,
    sample,
  }));
}

test('a table is the same whether its pairs are read one by one, remembered or passed over unread', () => {
  const id = fc.oneof(
    fc.integer({ min: 0, max: 900 }).map((n) => `session-${n}`),
    fc.constantFrom(
      'me@example.com',
      'you@example.com',
      '',
      'x'.repeat(129),
      'grün',
      'a\u0000b',
      '<redacted:email>',
    ),
    fc.integer({ min: 0, max: 5 }),
  );
  const key = fc.constantFrom(
    'session.id',
    'user',
    'password',
    'trace_id',
    'méthode',
    'k'.repeat(70),
    'me@example.com',
  );
  const group = fc.array(fc.dictionary(key, id, { maxKeys: 7 }), { minLength: 1, maxLength: 7 });
  // Nearly full, so that it fills up within a bucket.
  const before = Array.from(
    { length: PAIRS_MAX - 10 },
    (_, i) => new CountedPair('session.id', `session-${i}`),
  );
  fc.assert(
    fc.property(fc.array(fc.array(group, { maxLength: 8 }), { minLength: 1, maxLength: 4 }), (buckets) => {
      const plain = evidenceReader(false);
      const quick = evidenceReader(true);
      const [want, got] = [emptyPairTable(), emptyPairTable()];
      for (const table of [want, got]) for (const pair of before) addPairs(table, [pair], 0.1);
      for (const groups of buckets) {
        const counts = countsOf(groups.map((records) => records.map(keep)));
        for (const { records, sample } of counts)
          for (const kept of sample) addPairs(want, plain.comparedPairs(kept), records / sample.length);
        quick.compare(got, counts);
        expect([...got.pairs]).toEqual([...want.pairs]);
        expect({ ...got, pairs: null }).toEqual({ ...want, pairs: null });
      }
    }),
    { numRuns: 30, seed: 2026 },
  );
});

test('an id that a full table has no place for is not read at all', () => {
  const reader = evidenceReader(true);
  const table = emptyPairTable();
  for (let i = 0; i < PAIRS_MAX; i++) addPairs(table, reader.comparedPairs(keep({ id: `known-${i}` })), 1);
  const passed: number[] = [];
  const kept = new KeptReader();
  const spying = new EvidenceReader({
    readKept: (record) => kept.read(record),
    readAttributes: (record, filter) => {
      const pairs = kept.attributes(record, filter);
      passed.push(pairs.filter((pair) => pair === OUTSIDE).length);
      return pairs;
    },
    redactor: createRedactor(),
    templates: { size: 0, template: () => undefined, parameters: () => [] },
  });
  const records = ['known-7', 'nobody knows', 'me@example.com', 'grün'].map((id) => keep({ id }));
  spying.compare(table, countsOf([records]));
  expect(passed).toEqual([0, 1, 0, 0]);
  expect(table.pairs.get('id\u0000known-7')).toBe(1 + 3 / 4);
});
