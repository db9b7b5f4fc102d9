import { describe, expect, test } from 'vitest';
import { readKept } from '../../../src/core/decode/kept.ts';
import { type Collected, decode, recordsOf, TEXT_RESOURCE } from './collect.ts';

function request(record: unknown, resource: unknown = undefined): string {
  return JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }] });
}

function read(record: unknown): Collected {
  return recordsOf('otlp_json', request(record))[0]!;
}

function attributesOf(record: Collected): readonly (readonly [string, string])[] {
  const position = { source: 's', topic: 't', partition: 0, offset: 0, index: 0 };
  const kept = { timeMs: 0, severityNumber: 0, position, instance: '', version: '', truncated: false };
  return readKept({ ...kept, wire: record.wire }).attributes;
}

describe('OTLP/JSON', () => {
  test('times are 64-bit integers as text or number, in camel or snake case', () => {
    const times = [
      { timeUnixNano: '1780000000123456789' },
      { time_unix_nano: '1780000000123456789' },
      { timeUnixNano: Number('1780000000123456789') },
      { timeUnixNano: 0, observedTimeUnixNano: '1780000000123456789' },
      { timeUnixNano: null, observed_time_unix_nano: '1780000000123456789' },
    ];
    for (const time of times) expect(read(time).timeMs).toBeCloseTo(1_780_000_000_123.4568, 3);
    for (const time of ['', '-1', '1e18', 'now', {}, [], true, -5, '123456789012345678901']) {
      expect(read({ timeUnixNano: time }).timeFrom).toBe('none');
    }
  });

  test('the level is a number, digits, or the name of the enum', () => {
    const levels = [
      17,
      '17',
      'SEVERITY_NUMBER_ERROR',
      'SEVERITY_NUMBER_INFO2',
      'ERROR',
      0,
      25,
      -1,
      'none',
      null,
      {},
    ];
    const got = levels.map((severityNumber) => read({ severityNumber }).severityNumber);
    expect(got).toEqual([17, 17, 17, 10, 17, 0, 0, 0, 0, 0, 0]);
    expect(read({ severity_number: 13 }).severityNumber).toBe(13);
    expect(read({ severity_text: 'warn' }).severityNumber).toBe(13);
  });

  const bodies: readonly (readonly [unknown, string])[] = [
    [{ stringValue: 'text' }, 'text'],
    [{ string_value: 'snake' }, 'snake'],
    [{ boolValue: true }, 'true'],
    [{ boolValue: false }, 'false'],
    [{ intValue: '9223372036854775807' }, '9223372036854775807'],
    [{ intValue: '-9223372036854775808' }, '-9223372036854775808'],
    [{ intValue: -12 }, '-12'],
    [{ int_value: 12.9 }, '12'],
    [{ doubleValue: 1.5 }, '1.5'],
    [{ doubleValue: 'NaN' }, 'NaN'],
    [{ double_value: '-Infinity' }, '-Infinity'],
    [{ bytesValue: 'AP8B' }, 'AP8B'],
    [{ bytes_value: 'AP8' }, 'AP8='],
    [{ bytesValue: '_-8' }, '/+8='],
    [{ bytesValue: '*' }, ''],
    [{ arrayValue: { values: [{ intValue: 1 }, { stringValue: 'a' }, {}] } }, '[1,"a",null]'],
    [{ array_value: { values: [] } }, '[]'],
    [{ kvlistValue: { values: [{ key: 'k', value: { boolValue: true } }] } }, '{"k":true}'],
    [{ kvlist_value: { values: [{ key: 'k', value: { doubleValue: 'Infinity' } }] } }, '{"k":"Infinity"}'],
    [{ stringValue: null }, ''],
    [{ newerValue: { x: 1 } }, ''],
    [{ stringValue: 5 }, ''],
    [{}, ''],
    [null, ''],
    ['bare text', 'bare text'],
    [42, '42'],
    [true, 'true'],
    [['list'], ''],
  ];
  for (const [body, want] of bodies) {
    test(`the body ${JSON.stringify(body)} is "${want}"`, () => expect(read({ body }).body).toBe(want));
  }

  test('ids are hex in either case; anything else counts as absent', () => {
    const hex = '5b8efff798038103d269b633813fc60c';
    expect(read({ traceId: hex }).traceId).toBe(hex);
    expect(read({ traceId: hex.toUpperCase() }).traceId).toBe(hex);
    expect(read({ trace_id: hex }).traceId).toBe(hex);
    for (const traceId of [
      '',
      hex.slice(1),
      `${hex}00`,
      hex.replace('5', 'g'),
      'W47/95gDgQPSabYzgT/GDA==',
      7,
      null,
    ]) {
      expect(read({ traceId }).traceId).toBe('');
    }
  });

  test('attributes of every kind are read, broken ones passed over', () => {
    const attributes = [
      { key: 'a', value: { stringValue: 'x' } },
      { key: 'b', value: { arrayValue: { values: [{ intValue: '1' }] } } },
      { key: 'c' },
      null,
      'no',
      { value: { intValue: 1 } },
    ];
    expect(attributesOf(read({ attributes }))).toEqual([
      ['a', 'x'],
      ['b', '[1]'],
      ['c', ''],
      ['', '1'],
    ]);
  });

  test('the resource is read as from protobuf, and unknown fields are passed over', () => {
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }], newer: [1] };
    const json = JSON.stringify({
      newer: {},
      resource_logs: [
        { resource, scope_logs: [{ scope: {}, log_records: [{ body: { stringValue: 'x' }, newer: 1 }] }] },
      ],
    });
    expect(recordsOf('otlp_json', json)).toMatchObject([
      { body: 'x', resource: { service: { name: 'shop' } } },
    ]);
    expect(recordsOf('otlp_json', request({}))[0]?.resource).toBe(TEXT_RESOURCE);
  });

  test('several requests, one a line, are read in order and numbered through', () => {
    const lines = [
      request({ body: { stringValue: 'a' } }),
      '',
      request({ body: { stringValue: 'b' } }),
      '',
    ].join('\r\n');
    expect(recordsOf('otlp_json', lines).map((r) => [r.index, r.body])).toEqual([
      [0, 'a'],
      [1, 'b'],
    ]);
  });

  test('a broken line ends the message there; the lines before it stand', () => {
    const first = request({ body: { stringValue: 'a' } });
    const { records, malformed } = decode('otlp_json', `${first}\n{"resourceLogs":[`);
    expect(records.map((r) => r.body)).toEqual(['a']);
    expect(malformed).toEqual({ reason: 'bad_json', at: first.length + 1 });
  });

  test('an empty request is empty; JSON that is no request says so', () => {
    expect(decode('otlp_json', '{}')).toEqual({ records: [], malformed: null });
    expect(decode('otlp_json', '{"resourceLogs":[]}')).toEqual({ records: [], malformed: null });
    for (const json of ['{"resourceSpans":[]}', '[]', '"x"', '{"resourceLogs":{}}', 'null']) {
      expect(decode('otlp_json', json).malformed?.reason).toBe('not_otlp');
    }
    expect(decode('otlp_json', '').malformed).toBeNull();
  });

  test('fields of the wrong type anywhere give no exception', () => {
    for (const odd of [null, 1, 'x', true, [], {}, [null], [[]], [1]]) {
      decode('otlp_json', JSON.stringify({ resourceLogs: odd }));
      decode('otlp_json', JSON.stringify({ resourceLogs: [{ resource: odd, scopeLogs: odd }] }));
      decode('otlp_json', JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: odd }] }] }));
      decode(
        'otlp_json',
        request({ body: { kvlistValue: odd, arrayValue: { values: odd } }, attributes: odd, flags: odd }),
      );
      expect(recordsOf('otlp_json', request({ body: { kvlistValue: { values: odd } } })).length).toBe(1);
    }
  });

  test('a body nested beyond the limit is too large', () => {
    const open = '{"arrayValue":{"values":[';
    const deep = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${open.repeat(3_000)}${']}}'.repeat(3_000)}}]}]}]}`;
    expect(decode('otlp_json', deep).malformed?.reason).toBe('too_large');
  });
});
