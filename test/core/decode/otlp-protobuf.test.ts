import { describe, expect, test } from 'vitest';
import { createDecoder } from '../../../src/core/decode/decoder.ts';
import { encodeLogsRequest } from '../../../src/core/decode/otlp-encode.ts';
import { ProtobufWriter } from '../../../src/core/decode/protobuf-writer.ts';
import { oracleEncode } from '../../oracle/otlp-logs.ts';
import { decode, decodeWith, recordsOf, TEXT_RESOURCE } from './collect.ts';

/** A message written field by field. */
function written(write: (writer: ProtobufWriter) => void): Uint8Array {
  const writer = new ProtobufWriter();
  write(writer);
  return writer.finish();
}

function nest(writer: ProtobufWriter, fields: readonly number[], write: () => void): void {
  const [field, ...rest] = fields;
  if (field === undefined) {
    write();
    return;
  }
  const start = writer.begin(field);
  nest(writer, rest, write);
  writer.end(start);
}

/** A request with one record whose fields `write` appends. */
function withRecord(write: (writer: ProtobufWriter) => void): Uint8Array {
  return written((writer) => nest(writer, [1, 2, 2], () => write(writer)));
}

function writeBody(writer: ProtobufWriter, text: string): void {
  nest(writer, [5], () => writer.stringField(1, text));
}

describe('an OTLP request', () => {
  test('the resource may come after the records it belongs to', () => {
    const bytes = written((writer) =>
      nest(writer, [1], () => {
        nest(writer, [2, 2], () => writeBody(writer, 'early'));
        nest(writer, [1, 1], () => {
          writer.stringField(1, 'service.name');
          nest(writer, [2], () => writer.stringField(1, 'late'));
        });
      }),
    );
    expect(recordsOf('otlp_proto', bytes)).toMatchObject([
      { body: 'early', resource: { service: { name: 'late' } } },
    ]);
  });

  test('records without a resource, or with an empty one, have the default resource', () => {
    const absent = withRecord((writer) => writeBody(writer, 'x'));
    const empty = encodeLogsRequest([{ resource: {}, records: [{ body: 'x' }] }]);
    expect(recordsOf('otlp_proto', absent)[0]?.resource).toBe(TEXT_RESOURCE);
    expect(recordsOf('otlp_proto', empty)[0]?.resource).toBe(TEXT_RESOURCE);
  });

  test('equal resources are one object, across messages and requests', () => {
    const decoder = createDecoder('otlp_proto');
    const group = (pod: string) => ({
      resource: { 'service.name': 'a', 'k8s.pod.name': pod },
      records: [{ body: 'x' }],
    });
    const bytes = encodeLogsRequest([group('p1'), group('p2'), group('p1')]);
    const [first, second, third] = [
      ...decodeWith(decoder, bytes).records,
      ...decodeWith(decoder, bytes).records,
    ];
    expect(first!.resource).toBe(third!.resource);
    expect(first!.resource).not.toBe(second!.resource);
    expect(first!.resource.service).toBe(second!.resource.service);
    expect(decodeWith(decoder, bytes).records[0]!.resource).toBe(first!.resource);
  });

  test('more resources than the cache holds are still told apart', () => {
    const decoder = createDecoder('otlp_proto');
    const groups = Array.from({ length: 9_000 }, (_, i) => ({
      resource: { 'service.name': `s${i}` },
      records: [{ body: 'x' }],
    }));
    const names = decodeWith(decoder, encodeLogsRequest(groups)).records.map((r) => r.resource.service.name);
    expect(names).toEqual(groups.map((_, i) => `s${i}`));
  });

  test('zero-length ids, ids of the wrong length and a zero trace id count as absent', () => {
    const ids = [
      new Uint8Array(0),
      new Uint8Array(15).fill(1),
      new Uint8Array(17).fill(1),
      new Uint8Array(16),
    ];
    for (const traceId of ids) {
      const bytes = oracleEncode({
        resourceLogs: [{ scopeLogs: [{ logRecords: [{ traceId, spanId: traceId }] }] }],
      });
      expect(recordsOf('otlp_proto', bytes)).toMatchObject([{ traceId: '', body: '' }]);
    }
  });

  test('unknown fields of every wire type, groups included, are passed over', () => {
    const bytes = withRecord((writer) => {
      writer.varintField(100, 300);
      writer.fixed64Field(101, 1, 2);
      writer.fixed32Field(102, 3);
      writer.stringField(103, 'newer');
      // Field 104 as a group that holds a field and another group.
      writer.raw(new Uint8Array([0xc3, 0x06, 0x08, 0x01, 0xcb, 0x06, 0xcc, 0x06, 0xc4, 0x06]), 0, 10);
      writeBody(writer, 'known');
    });
    expect(recordsOf('otlp_proto', bytes).map((r) => r.body)).toEqual(['known']);
  });

  test('an AnyValue of a newer kind and a key from a string table are empty, not broken', () => {
    const bytes = withRecord((writer) => {
      nest(writer, [5], () => writer.varintField(8, 7));
      nest(writer, [6], () => writer.varintField(3, 9));
    });
    expect(recordsOf('otlp_proto', bytes)).toMatchObject([{ body: '' }]);
  });

  test('tags and lengths in more bytes than needed are read', () => {
    // Body tag 0x2a as 0xaa 0x00, its length 3 as 0x83 0x00.
    const record = [0xaa, 0x00, 0x83, 0x00, 0x0a, 0x01, 0x78];
    const bytes = withRecord((writer) => writer.raw(new Uint8Array(record), 0, record.length));
    expect(recordsOf('otlp_proto', bytes).map((r) => r.body)).toEqual(['x']);
  });

  test('the observed time stands in for a time of 0, the message time for both', () => {
    const record = { timeUnixNano: '0', observedTimeUnixNano: '1780000000000000000' };
    const bytes = encodeLogsRequest([{ resource: {}, records: [record, {}] }]);
    expect(recordsOf('otlp_proto', bytes, 42)).toMatchObject([
      { timeMs: 1_780_000_000_000, timeFrom: 'observed', observedMs: 1_780_000_000_000 },
      { timeMs: 42, timeFrom: 'reference', observedMs: Number.NaN },
    ]);
  });

  test('the level comes from the number, else the text, else the head of the body', () => {
    const records = [
      { severityNumber: 9, severityText: 'ERROR', body: 'FATAL x' },
      { severityNumber: 99, severityText: 'Error', body: 'FATAL x' },
      { severityText: 'custom', body: 'FATAL x' },
      { body: { level: 'error', msg: 'structured' } },
      { body: 'nothing' },
    ];
    const got = recordsOf('otlp_proto', encodeLogsRequest([{ resource: {}, records }]));
    expect(got.map((r) => [r.severityNumber, r.severityInferred])).toEqual([
      [9, false],
      [17, false],
      [21, true],
      [17, true],
      [0, false],
    ]);
  });

  test('records before a defect stand, and the defect says where it is', () => {
    const good = encodeLogsRequest([{ resource: { 'service.name': 'a' }, records: [{ body: 'stands' }] }]);
    const bytes = new Uint8Array([...good, 0x0a, 0x05, 0x0f]);
    const { records, malformed } = decode('otlp_proto', bytes);
    expect(records.map((r) => r.body)).toEqual(['stands']);
    expect(malformed).toEqual({ reason: 'bad_wire_type', at: good.length + 3 });
  });

  test('a request that is cut off before its resource gives no records under a wrong name', () => {
    const bytes = written((writer) =>
      nest(writer, [1], () => {
        nest(writer, [2, 2], () => writeBody(writer, 'whose?'));
        nest(writer, [1, 1], () => writer.stringField(1, 'service.name'));
      }),
    );
    const { records, malformed } = decode('otlp_proto', bytes.subarray(0, bytes.length - 4));
    expect(records).toEqual([]);
    expect(malformed?.reason).toBe('truncated');
  });

  const defects: readonly (readonly [string, readonly number[], string])[] = [
    ['a varint of eleven bytes', new Array<number>(11).fill(0xff), 'bad_varint'],
    ['field number zero', [0x00, 0x01], 'bad_tag'],
    ['wire type six', [0x0e], 'bad_wire_type'],
    ['an end without its group', [0x0c], 'bad_wire_type'],
    ['a group closed by another', [0x13, 0x1c], 'bad_group'],
    ['a group that never ends', [0x13, 0x08, 0x01], 'truncated'],
    ['a length beyond the end', [0x12, 0x05, 0x01], 'truncated'],
    ['a length of 2^63', [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], 'truncated'],
    ['groups nested without end', new Array<number>(5_000).fill(0x13), 'too_large'],
  ];
  for (const [name, bytes, reason] of defects) {
    test(`${name} is ${reason}`, () => {
      expect(decode('otlp_proto', new Uint8Array(bytes))).toMatchObject({
        records: [],
        malformed: { reason },
      });
    });
  }

  test('a body nested deeper than the limit is too large, one as deep as it is not', () => {
    const nested = (depth: number): Uint8Array => {
      let body: unknown = 'core';
      for (let i = 0; i < depth; i++) body = [body];
      return encodeLogsRequest([{ resource: {}, records: [{ body: body as string }] }]);
    };
    expect(decode('otlp_proto', nested(64)).records.map((r) => r.body.length)).toEqual([64 * 2 + 6]);
    expect(decode('otlp_proto', nested(5), 0, { maxDepth: 4 }).malformed?.reason).toBe('too_large');
  });

  test('a message over the limit is too large and not read; an empty one is empty', () => {
    const bytes = encodeLogsRequest([{ resource: {}, records: [{ body: 'x' }] }]);
    expect(decode('otlp_proto', bytes, 0, { maxMessageBytes: bytes.length }).records.length).toBe(1);
    expect(decode('otlp_proto', bytes, 0, { maxMessageBytes: bytes.length - 1 })).toEqual({
      records: [],
      malformed: { reason: 'too_large', at: 0 },
    });
    expect(decode('otlp_proto', new Uint8Array(0))).toEqual({ records: [], malformed: null });
  });
});
