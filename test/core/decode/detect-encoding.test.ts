import { describe, expect, test } from 'vitest';
import { detectEncoding } from '../../../src/core/decode/detect-encoding.ts';
import { encodeLogsRequest } from '../../../src/core/decode/otlp-encode.ts';
import { decode, recordsOf } from './collect.ts';

const request = encodeLogsRequest([
  { resource: { 'service.name': 'a' }, records: [{ body: 'x' }, { body: 'y' }] },
]);

describe('what a message is', () => {
  const rows: readonly (readonly [string, Uint8Array | string, string])[] = [
    ['a request', request, 'otlp_proto'],
    ['a request that is cut off', request.subarray(0, request.length - 5), 'otlp_proto'],
    ['a request of one empty ResourceLogs', new Uint8Array([0x0a, 0x00]), 'otlp_proto'],
    ['OTLP/JSON', '{"resourceLogs":[]}', 'otlp_json'],
    ['OTLP/JSON in snake case, indented', '\n  {\n  "resource_logs": []}', 'otlp_json'],
    ['OTLP/JSON behind a byte order mark', '\ufeff{"resourceLogs":[]}', 'otlp_json'],
    ['a JSON line that names the key as a value', '{"msg":"resourceLogs"}', 'json'],
    ['a list of JSON objects', ' [ {"msg":"x"}]', 'json'],
    ['text', '2026-05-28 up', 'text'],
    ['text that begins with a bracket', '[2026-05-28] up', 'text'],
    ['text that begins with line feeds', '\n\nhello', 'text'],
    ['text that begins like a request', '\n\t\nplain text that goes on', 'text'],
    ['latin-1 text', new Uint8Array([0x61, 0xe9, 0x62]), 'text'],
    ['coloured text', '\u001b[31mERROR\u001b[0m x', 'text'],
    ['something binary', new Uint8Array([0x1f, 0x8b, 0x08, 0x00, 0x00]), 'unknown'],
  ];
  for (const [name, message, want] of rows) {
    const bytes = typeof message === 'string' ? new TextEncoder().encode(message) : message;
    test(`${name} is ${want}`, () => expect(detectEncoding(bytes)).toBe(want));
  }

  test('detected messages are read as what they are', () => {
    expect(recordsOf('auto', request).map((r) => r.body)).toEqual(['x', 'y']);
    expect(recordsOf('auto', '{"msg":"a"}\n{"msg":"b"}').map((r) => r.body)).toEqual(['a', 'b']);
    expect(recordsOf('auto', 'one\ntwo').map((r) => r.body)).toEqual(['one', 'two']);
    expect(decode('auto', new Uint8Array([0x1f, 0x8b, 0x00])).malformed).toEqual({
      reason: 'not_text',
      at: 0,
    });
  });
});
