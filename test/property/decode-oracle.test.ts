// Requests are generated, written by protobufjs (an independent implementation) and read by the decoder.
// What the decoder says about every record must equal what protobufjs reads back.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeptContent } from '../../src/contracts.ts';
import { readKept } from '../../src/core/decode/kept.ts';
import { encodeLogsRequest } from '../../src/core/decode/otlp-encode.ts';
import { severityNumberOfText } from '../../src/core/decode/severity-name.ts';
import { inferSeverity } from '../../src/core/decode/severity-text.ts';
import { type Collected, recordsOf } from '../core/decode/collect.ts';
import { jsonOf } from '../oracle/otlp-json.ts';
import {
  type OracleKeyValue,
  type OracleRecord,
  type OracleRequest,
  type OracleValue,
  oracleDecode,
  oracleDecodeRecord,
  oracleEncode,
} from '../oracle/otlp-logs.ts';

const SEED = 20_260_501;
const RUNS = 200;
const REFERENCE_MS = 1_780_000_000_000;
/** Shrinking a large request can take minutes; the limit only ends that, a sound run needs a second. */
const SETTINGS = {
  seed: SEED,
  numRuns: RUNS,
  interruptAfterTimeLimit: 100_000,
  markInterruptAsFailure: true,
};

const nanos = fc.oneof(
  { weight: 4, arbitrary: fc.bigInt({ min: 16n * 10n ** 17n, max: 19n * 10n ** 17n }).map(String) },
  { weight: 1, arbitrary: fc.constantFrom('0', '1', '18446744073709551615') },
  { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(String) },
);
const int64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }).map(String);
const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 40 }), fc.string({ maxLength: 300 }));
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

const { value: anyValue } = fc.letrec<{ value: OracleValue; pair: OracleKeyValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ stringValue: text }),
    fc.record({ boolValue: fc.boolean() }),
    fc.record({ intValue: int64 }),
    fc.record({ doubleValue: fc.double() }),
    fc.record({ bytesValue: bytes(20) }),
    fc.constant({}),
    fc.record({ arrayValue: fc.record({ values: fc.array(tie('value'), { maxLength: 4 }) }) }),
    fc.record({ kvlistValue: fc.record({ values: fc.array(tie('pair'), { maxLength: 4 }) }) }),
  ),
  pair: fc.record({ key: text, value: tie('value') }),
}));

const attributes = fc.array(fc.record({ key: text, value: anyValue }), { maxLength: 5 });

const record: fc.Arbitrary<OracleRecord> = fc.record(
  {
    timeUnixNano: nanos,
    observedTimeUnixNano: nanos,
    severityNumber: fc.oneof(fc.integer({ min: 0, max: 24 }), fc.integer()),
    severityText: fc.oneof(fc.constantFrom('ERROR', 'warn', 'Info', 'TRACE2', 'nonsense', ''), text),
    body: anyValue,
    attributes,
    droppedAttributesCount: fc.nat(),
    flags: fc.nat(),
    traceId: fc.oneof(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      bytes(20),
      fc.constant(new Uint8Array(16)),
    ),
    spanId: fc.oneof(fc.uint8Array({ minLength: 8, maxLength: 8 }), bytes(12)),
    eventName: text,
  },
  { requiredKeys: [] },
);

const request: fc.Arbitrary<OracleRequest> = fc.record({
  resourceLogs: fc.array(
    fc.record(
      {
        resource: fc.record({ attributes, droppedAttributesCount: fc.nat() }),
        scopeLogs: fc.array(
          fc.record(
            {
              scope: fc.record({ name: text, version: text }),
              logRecords: fc.array(record, { maxLength: 5 }),
              schemaUrl: text,
            },
            { requiredKeys: ['logRecords'] },
          ),
          { maxLength: 3 },
        ),
        schemaUrl: text,
      },
      { requiredKeys: ['scopeLogs'] },
    ),
    { maxLength: 3 },
  ),
});

describe('the decoder against protobufjs', () => {
  test('every field of every record of a generated request is what protobufjs reads', () => {
    let seen = 0;
    fc.assert(
      fc.property(request, (generated) => {
        const wire = oracleEncode(generated);
        const want = recordsIn(oracleDecode(wire));
        const got = recordsOf('otlp_proto', wire, REFERENCE_MS);
        expect(got.length).toBe(want.length);
        for (const [i, one] of got.entries()) expectSame(one, want[i]!, i);
        seen += got.length;
      }),
      SETTINGS,
    );
    expect(seen).toBeGreaterThan(RUNS);
  });

  test('the same request as OTLP/JSON gives the same records as its protobuf', () => {
    fc.assert(
      fc.property(request, fc.boolean(), (generated, snakeCase) => {
        const wire = oracleEncode(generated);
        const json = JSON.stringify(jsonOf(oracleDecode(wire), snakeCase));
        const fromJson = recordsOf('otlp_json', json, REFERENCE_MS);
        const fromProtobuf = recordsOf('otlp_proto', wire, REFERENCE_MS);
        expect(fromJson.map(withoutWire)).toEqual(fromProtobuf.map(withoutWire));
        expect(fromJson.map((one) => readAll(one.wire))).toEqual(
          fromProtobuf.map((one) => readAll(one.wire)),
        );
      }),
      SETTINGS,
    );
  });

  test('a kept record shows what protobufjs reads of the same bytes', () => {
    fc.assert(
      fc.property(record, (generated) => {
        const sent = oracleEncode({ resourceLogs: [{ scopeLogs: [{ logRecords: [generated] }] }] });
        const wire = recordsOf('otlp_proto', sent)[0]!.wire;
        const want = oracleDecodeRecord(wire);
        const got = readAll(wire);
        expect(got.body).toBe(bodyText(want.body));
        expect(got.traceId).toBe(want.traceId?.length === 16 ? hex(want.traceId) : '');
        expect(got.spanId).toBe(want.spanId?.length === 8 ? hex(want.spanId) : '');
        expect(got.eventName).toBe(want.eventName ?? '');
        expect(got.timeUnixNano).toBe(want.timeUnixNano === '0' ? '' : (want.timeUnixNano ?? ''));
        expect(got.attributes).toEqual((want.attributes ?? []).map((a) => [a.key ?? '', bodyText(a.value)]));
      }),
      SETTINGS,
    );
  });

  test('what the encoder writes, protobufjs reads', () => {
    const plain = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.integer(),
      fc.boolean(),
      fc.double({ noNaN: true }),
    );
    const group = fc.record({
      resource: fc.dictionary(fc.string(), plain),
      records: fc.array(
        fc.record({
          timeUnixNano: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
          severityNumber: fc.integer({ min: 0, max: 24 }),
          body: plain,
          attributes: fc.dictionary(fc.string(), plain),
        }),
        { maxLength: 4 },
      ),
    });
    fc.assert(
      fc.property(fc.array(group, { maxLength: 3 }), (groups) => {
        const decoded = oracleDecode(encodeLogsRequest(groups)).resourceLogs ?? [];
        expect(decoded.length).toBe(groups.length);
        for (const [g, sent] of groups.entries()) {
          const read = decoded[g]?.scopeLogs?.[0]?.logRecords ?? [];
          expect(attributeText(decoded[g]?.resource?.attributes)).toEqual(asText(sent.resource));
          expect(read.map((one) => one.timeUnixNano ?? '0')).toEqual(
            sent.records.map((one) => one.timeUnixNano.toString()),
          );
          expect(read.map((one) => bodyText(one.body))).toEqual(sent.records.map((one) => String(one.body)));
          expect(read.map((one) => attributeText(one.attributes))).toEqual(
            sent.records.map((one) => asText(one.attributes)),
          );
        }
      }),
      SETTINGS,
    );
  });
});

function recordsIn(decoded: OracleRequest): OracleRecord[] {
  const scopes = (decoded.resourceLogs ?? []).flatMap((group) => group.scopeLogs ?? []);
  return scopes.flatMap((scope) => scope.logRecords ?? []);
}

function expectSame(got: Collected, want: OracleRecord, index: number): void {
  expect(got.index).toBe(index);
  expect(got.body).toBe(bodyText(want.body));
  expect(oracleDecodeRecord(got.wire)).toEqual(want);
  const time = millis(want.timeUnixNano);
  const observed = millis(want.observedTimeUnixNano);
  expect(got.observedMs).toBe(observed);
  expect(got.timeMs).toBe(Number.isNaN(time) ? (Number.isNaN(observed) ? REFERENCE_MS : observed) : time);
  expect(got.timeFrom).toBe(
    Number.isNaN(time) ? (Number.isNaN(observed) ? 'reference' : 'observed') : 'record',
  );
  const isTrace = want.traceId?.length === 16 && want.traceId.some((byte) => byte !== 0);
  expect(got.traceId).toBe(isTrace ? hex(want.traceId!) : '');
  const given = want.severityNumber ?? 0;
  const stated = given >= 1 && given <= 24 ? given : namedSeverity(want.severityText ?? '');
  const body = new TextEncoder().encode(got.body);
  expect(got.severityNumber).toBe(stated > 0 ? stated : inferSeverity(body, 0, body.length));
  expect(got.severityInferred).toBe(stated === 0 && got.severityNumber > 0);
}

/** Digits are a number to OTLP/JSON, but no level's name in a severity text. */
function namedSeverity(name: string): number {
  return Number.isNaN(Number(name)) && !name.startsWith('SEVERITY_NUMBER_') ? severityNumberOfText(name) : 0;
}

function millis(nanoseconds: string | undefined): number {
  if (nanoseconds === undefined || nanoseconds === '0') return Number.NaN;
  const value = BigInt(nanoseconds);
  return (Number(value >> 32n) * 4294967296 + Number(value & 0xffffffffn)) / 1e6;
}

function readAll(wire: Uint8Array): KeptContent {
  return readKept({
    timeMs: 0,
    severityNumber: 0,
    position: { source: 's', topic: 't', partition: 0, offset: 0, index: 0 },
    instance: '',
    version: '',
    wire,
    truncated: false,
  });
}

function withoutWire({ wire: _, ...rest }: Collected): Omit<Collected, 'wire'> {
  return rest;
}

/** The text of a value as documented, stated a second time over plain objects. */
function bodyText(value: OracleValue | undefined): string {
  if (value?.stringValue !== undefined) return value.stringValue;
  if (value?.bytesValue !== undefined) return Buffer.from(value.bytesValue).toString('base64');
  if (value?.doubleValue !== undefined) return String(value.doubleValue);
  const json = jsonText(value);
  return json === 'null' ? '' : json;
}

function jsonText(value: OracleValue | undefined): string {
  if (value?.stringValue !== undefined) return JSON.stringify(value.stringValue);
  if (value?.bytesValue !== undefined)
    return JSON.stringify(Buffer.from(value.bytesValue).toString('base64'));
  if (value?.boolValue !== undefined) return String(value.boolValue);
  if (value?.intValue !== undefined) return value.intValue;
  if (value?.doubleValue !== undefined) {
    return Number.isFinite(value.doubleValue) ? String(value.doubleValue) : `"${value.doubleValue}"`;
  }
  if (value?.arrayValue !== undefined) return `[${(value.arrayValue.values ?? []).map(jsonText).join(',')}]`;
  if (value?.kvlistValue === undefined) return 'null';
  const pairs = (value.kvlistValue.values ?? []).map(
    (pair) => `${JSON.stringify(pair.key ?? '')}:${jsonText(pair.value)}`,
  );
  return `{${pairs.join(',')}}`;
}

function hex(value: Uint8Array): string {
  return Buffer.from(value).toString('hex');
}

function attributeText(list: readonly OracleKeyValue[] | undefined): Record<string, string> {
  return Object.fromEntries((list ?? []).map((a) => [a.key ?? '', bodyText(a.value)]));
}

function asText(values: Readonly<Record<string, string | number | boolean>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}
