import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { KeptRecord } from '../../../src/contracts.ts';
import { createDecoder } from '../../../src/core/decode/decoder.ts';
import { encodeKept } from '../../../src/core/decode/kept.ts';
import { KeptReader } from '../../../src/core/decode/kept-reader.ts';
import { encodeLogsRequest } from '../../../src/core/decode/otlp-encode.ts';
import { createTextResource } from '../../../src/core/decode/resource.ts';
import { createRedactor } from '../../../src/core/redact.ts';
import { EvidenceReader } from '../../../src/core/window/evidence.ts';

function keep(attributes: Readonly<Record<string, string | number>>, body = 'x'): KeptRecord {
  const wire = new Uint8Array(8_192);
  let length = 0;
  createDecoder('otlp_proto').decode(
    {
      value: encodeLogsRequest([{ resource: {}, records: [{ body, attributes }] }]),
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
    readAttributes: (kept) => (remembers ? reader : new KeptReader()).attributes(kept),
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

test('parameters are read where they are wanted, and of every line that holds something to redact', () => {
  const kept = new KeptReader();
  const redactor = createRedactor();
  const reader = new EvidenceReader({
    readKept: (one) => kept.read(one),
    redactor,
    templates: {
      size: 1,
      template: () => undefined,
      parameters: (_, __, line) => [{ name: 'n', type: 'num', value: line.slice(-1) }],
    },
  });
  const service = { key: 's', tenant: 't', environment: 'e', namespace: '', name: 'shop' };
  const valuesOf = (body: string, isWanted: boolean): string[] =>
    reader
      .read(service, 't_1', keep({}, body), new Map(), () => isWanted)
      .parameters.map(({ value }) => value);
  expect(valuesOf('took 7', true)).toEqual(['7']);
  expect(valuesOf('took 7', false)).toEqual([]);
  expect(valuesOf('token=abcdef0123456789 took 7', true)).toEqual(['7']);
  expect(valuesOf('token=abcdef0123456789 took 7', false)).toEqual(['7']);
});
