// The one-pass reader of OTLP/JSON against JSON.parse: whatever it takes, it must take to mean the same.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OtlpJsonWriter } from '../../src/core/decode/otlp-json.ts';
import { OtlpJsonBytes } from '../../src/core/decode/otlp-json-bytes.ts';
import { ProtobufWriter } from '../../src/core/decode/protobuf-writer.ts';
import { oracleDecode } from '../oracle/otlp-logs.ts';

const SEED = 20_261_122;
const MAX_DEPTH = 5;
const encoder = new TextEncoder();

/** Text with what JSON escapes, characters of every length in UTF-8, and halves of pairs. */
const text = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc
    .array(fc.constantFrom('"', '\\', '\n', '/', 'é', '漢', '😀', '\ud800', '\udc00', '\u0000', 'a', ' '), {
      maxLength: 8,
    })
    .map((parts) => parts.join('')),
  fc.integer({ min: 120, max: 135 }).map((length) => 'x'.repeat(length)),
);

const number = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const digits = fc.oneof(fc.bigInt({ min: -(1n << 64n), max: 1n << 64n }).map(String), fc.nat().map(String));

const { value } = fc.letrec<{ value: unknown; odd: unknown; pair: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text.map((stringValue) => ({ stringValue })),
    text.map((string_value) => ({ string_value })),
    fc.oneof(digits, number).map((intValue) => ({ intValue })),
    fc.oneof(number, fc.constantFrom('NaN', '-Infinity', '1e3', '')).map((doubleValue) => ({ doubleValue })),
    fc.boolean().map((boolValue) => ({ boolValue })),
    fc.base64String().map((bytesValue) => ({ bytesValue })),
    fc.array(tie('value'), { maxLength: 3 }).map((values) => ({ arrayValue: { values } })),
    fc.array(tie('pair'), { maxLength: 3 }).map((values) => ({ kvlist_value: { values } })),
    fc.constantFrom({}, { newer: [1, { a: null }] }, { stringValue: null }, { arrayValue: {} }),
    tie('odd'),
  ),
  odd: fc.constantFrom(null, 'bare', 7, true, [], { stringValue: 5 }, { stringValue: 'a', intValue: 1 }),
  pair: fc.oneof(
    { weight: 6, arbitrary: fc.record({ key: text, value: tie('value') }) },
    fc.record({ value: tie('value'), key: text, more: fc.jsonValue() }, { requiredKeys: [] }),
  ),
}));

const pairs = fc.array(fc.record({ key: text, value }), { maxLength: 4 });
const id = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF'), minLength: 30, maxLength: 33 }),
  text,
);

const record = fc.record(
  {
    timeUnixNano: fc.oneof(digits, number, fc.constant(null)),
    observed_time_unix_nano: digits,
    severityNumber: fc.oneof(
      fc.integer({ min: -1, max: 30 }),
      fc.constantFrom('SEVERITY_NUMBER_WARN', '9', 'x', null),
    ),
    severityText: text,
    body: value,
    attributes: pairs,
    droppedAttributesCount: number,
    flags: fc.oneof(fc.nat(), fc.constant('1')),
    traceId: id,
    spanId: id,
    eventName: text,
    newer: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

const request = fc.record({
  resourceLogs: fc.array(
    fc.record(
      {
        schemaUrl: text,
        scopeLogs: fc.array(
          fc.record({ scope: fc.jsonValue(), logRecords: fc.array(record, { maxLength: 3 }) }),
          {
            maxLength: 2,
          },
        ),
        resource: fc.oneof(fc.record({ attributes: pairs }), fc.constantFrom(null, {})),
      },
      { requiredKeys: ['scopeLogs'] },
    ),
    { maxLength: 2 },
  ),
});

/** What the reader takes the bytes to be: null = not taken. */
function taken(bytes: Uint8Array): unknown {
  const writer = new ProtobufWriter(16);
  const end = new OtlpJsonBytes(writer, MAX_DEPTH).write(bytes, 0, bytes.length);
  if (end < 0 || new TextDecoder().decode(bytes.subarray(end)).trim() !== '') return null;
  return groupsOf(writer);
}

/** The same by way of JSON.parse, which throws where the bytes are no JSON. */
function parsed(bytes: Uint8Array): unknown {
  const writer = new ProtobufWriter(16);
  const defect = new OtlpJsonWriter(writer, MAX_DEPTH).write(JSON.parse(new TextDecoder().decode(bytes)));
  if (defect !== null) throw new Error(`not taken by the other: ${defect}`);
  return groupsOf(writer);
}

/** Resources with their records; a scope without records is nothing. */
function groupsOf(writer: ProtobufWriter): unknown {
  return oracleDecode(writer.finish()).resourceLogs?.map((group) => ({
    resource: group.resource,
    records: group.scopeLogs?.flatMap((scope) => scope.logRecords ?? []) ?? [],
  }));
}

test('a request that is read in one pass means what JSON.parse makes of it', () => {
  let read = 0;
  let all = 0;
  fc.assert(
    fc.property(request, fc.constantFrom(0, 1), (generated, indent) => {
      const bytes = encoder.encode(JSON.stringify(generated, null, indent));
      all++;
      const got = taken(bytes);
      if (got === null) return;
      read++;
      expect(got).toEqual(parsed(bytes));
    }),
    { seed: SEED, numRuns: 1_500 },
  );
  // Odd values are for the other reader; most requests hold none.
  expect(read).toBeGreaterThan(all / 3);
});

test('a request with damaged bytes is not taken, or means what JSON.parse makes of it', () => {
  const damage = fc.array(
    fc.tuple(
      fc.nat(),
      fc.oneof(fc.constantFrom(...encoder.encode('{}[]",:\\0-1eE.u \n\tn')), fc.nat({ max: 255 })),
      fc.boolean(),
    ),
    { minLength: 1, maxLength: 2 },
  );
  let read = 0;
  fc.assert(
    fc.property(request, damage, (generated, places) => {
      let bytes = [...encoder.encode(JSON.stringify(generated))];
      for (const [place, byte, isInsert] of places) {
        const at = place % bytes.length;
        bytes = [...bytes.slice(0, at), byte, ...bytes.slice(isInsert ? at : at + 1)];
      }
      const damaged = Uint8Array.from(bytes);
      const got = taken(damaged);
      if (got === null) return;
      read++;
      expect(got).toEqual(parsed(damaged));
    }),
    { seed: SEED, numRuns: 3_000 },
  );
  expect(read).toBeGreaterThan(50);
});

test('what exporters write is read in one pass', () => {
  const json = {
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
        scopeLogs: [
          {
            scope: { name: 'app', version: '1' },
            logRecords: [
              {
                timeUnixNano: '1780000000123456789',
                observedTimeUnixNano: '1780000000223456789',
                severityNumber: 9,
                severityText: 'INFO',
                body: { stringValue: 'order “17” placed\n' },
                attributes: [
                  { key: 'http.status', value: { intValue: '200' } },
                  {
                    key: 'tags',
                    value: { arrayValue: { values: [{ stringValue: 'a' }, { doubleValue: 1.5 }] } },
                  },
                ],
                droppedAttributesCount: 0,
                flags: 1,
                traceId: '5b8efff798038103d269b633813fc60c',
                spanId: 'EEE19B7EC3C1B174',
              },
            ],
          },
        ],
        schemaUrl: 'https://opentelemetry.io/schemas/1.27.0',
      },
    ],
  };
  for (const indent of [0, 2]) {
    const bytes = encoder.encode(JSON.stringify(json, null, indent));
    expect(taken(bytes)).not.toBeNull();
    expect(taken(bytes)).toEqual(parsed(bytes));
  }
});
