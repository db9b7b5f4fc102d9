import { describe, expect, test } from 'vitest';
import { createRedactor } from '../../src/core/redact.ts';
import { redactMessage } from '../../src/sources/redact-message.ts';

function redacted(text: string, redactor = createRedactor()): string {
  return Buffer.from(redactMessage(redactor)(Buffer.from(text))).toString();
}

function request(attributes: readonly object[], body = 'hello'): string {
  const resource = { attributes: [{ key: 'db.password', value: { stringValue: 'hunter2hunter2' } }] };
  const logRecord = { timeUnixNano: '4111111111111111111', body: { stringValue: body }, attributes };
  return JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [logRecord] }] }] });
}

describe('OTLP/JSON', () => {
  test('a secret key hides the value of its pair, in records and resources, and the request stays one', () => {
    const text = redacted(
      request(
        [
          { key: 'password', value: { stringValue: 'plain words' } },
          { key: 'api_key', value: { intValue: '1234567' } },
          { key: 'credentials', value: { arrayValue: { values: [{ stringValue: 'first' }] } } },
          { key: 'note', value: { stringValue: 'ask bob@example.com' } },
          { key: 'n', value: { intValue: '9007199254740993' } },
        ],
        'login with password=swordfish',
      ),
    );
    for (const secret of ['hunter2', 'plain words', '1234567"', 'first', 'bob@', 'swordfish'])
      expect(text).not.toContain(secret);
    const { resource, scopeLogs } = JSON.parse(text).resourceLogs[0];
    const hidden = { stringValue: '<redacted:secret>' };
    expect(resource.attributes).toEqual([{ key: 'db.password', value: hidden }]);
    const record = scopeLogs[0].logRecords[0];
    expect(record.timeUnixNano).toBe('4111111111111111111');
    expect(record.attributes.slice(0, 3)).toEqual(
      ['password', 'api_key', 'credentials'].map((key) => ({ key, value: hidden })),
    );
    expect(record.attributes[4]).toEqual({ key: 'n', value: { intValue: '9007199254740993' } });
    expect(redacted(text)).toBe(text);
  });

  test('a pair list inside a value is looked into, and so is a request laid out for people', () => {
    const values = [{ key: 'token', value: { stringValue: 'abc def' } }];
    const text = request([{ key: 'user', value: { kvlistValue: { values } } }]);
    expect(redacted(text)).not.toContain('abc def');
    expect(redacted(JSON.stringify(JSON.parse(text), null, 2))).not.toContain('abc def');
  });
});

describe('JSON lines', () => {
  test.each([
    ['{"password":"two words","user":"ann"}', '{"password":"<redacted:secret>","user":"ann"}'],
    ['{"a":{"api_key":["k1 x","k2 y"]}}', '{"a":{"api_key":["<redacted:secret>","<redacted:secret>"]}}'],
    ['{"token":12345,"ok":true}', '{"token":"<redacted:secret>","ok":true}'],
    ['{"bob@example.com":1}', '{"<redacted:email>":1}'],
    ['{"__proto__":{"password":"x y"}}', '{"__proto__":{"password":"<redacted:secret>"}}'],
  ])('%s', (text, want) => expect(redacted(text)).toBe(want));

  test('numbers stay as they were written, also those that are no double', () => {
    expect(redacted('{"id":12345678901234567890,"x":1.0,"password":"p q"}')).toBe(
      '{"id":12345678901234567890,"x":1.0,"password":"<redacted:secret>"}',
    );
  });

  test('a message without secrets, or without redaction, keeps its very bytes', () => {
    const value = Buffer.from('{ "id": 12345678901234567890,\t"u" : "\\u0041" }\n[1, 2]\nplain');
    expect(redactMessage(createRedactor())(value)).toBe(value);
    const secret = Buffer.from('{"password":"x"}');
    expect(redactMessage(createRedactor({ enabled: false }))(secret)).toBe(secret);
  });

  test('every line of a block is read by itself, and text lines together', () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----';
    expect(redacted(`${pem}\n{"password":"a b"}\npassword=c`)).toBe(
      '<redacted:pem>\n{"password":"<redacted:secret>"}\npassword=<redacted:secret>',
    );
  });

  test('what is nested too deep to walk, or no JSON, is redacted as text', () => {
    const deep = `${'['.repeat(200_000)}"password=hunter2"`;
    expect(redacted(deep)).not.toContain('hunter2');
    expect(redacted('{"password":"hunter2"')).not.toContain('hunter2');
  });

  test('a further secret key of the configuration counts as well', () => {
    expect(redacted('{"ssn":"123-45"}', createRedactor({ extraKeys: ['ssn'] }))).not.toContain('123-45');
  });
});
