import { describe, expect, test } from 'vitest';
import type { Encoding } from '../../../src/contracts.ts';
import { readKept } from '../../../src/core/decode/kept.ts';
import { type Collected, decode, recordsOf, TEXT_RESOURCE } from './collect.ts';

const REFERENCE_MS = Date.parse('2026-05-28T20:00:00Z');

function bodies(encoding: Encoding, text: string): string[] {
  return recordsOf(encoding, text, REFERENCE_MS).map((record) => record.body);
}

function attributesOf(record: Collected): Record<string, string> {
  const position = { source: 's', topic: 't', partition: 0, offset: 0, index: 0 };
  const kept = { timeMs: 0, severityNumber: 0, position, instance: '', version: '', truncated: false };
  return Object.fromEntries(readKept({ ...kept, wire: record.wire }).attributes);
}

describe('text lines', () => {
  test('each line is a record with its whole text, in order, with or without carriage returns', () => {
    const records = recordsOf('text', 'first\r\nsecond\nthird  ', REFERENCE_MS);
    expect(records.map((r) => [r.index, r.body])).toEqual([
      [0, 'first'],
      [1, 'second'],
      [2, 'third'],
    ]);
    expect(records[0]).toMatchObject({ timeMs: REFERENCE_MS, timeFrom: 'reference', severityNumber: 0 });
    expect(records[0]?.resource).toBe(TEXT_RESOURCE);
  });

  test('blank lines and an empty message give no records', () => {
    expect(bodies('text', '\n \r\n\t\n')).toEqual([]);
    expect(decode('text', '')).toEqual({ records: [], malformed: null });
  });

  test('time and level are read from the head, and the level is marked as inferred', () => {
    const [record] = recordsOf('text', '2026-05-28T20:26:10.5Z ERROR [main] broken');
    expect(record).toMatchObject({ severityNumber: 17, severityInferred: true, timeFrom: 'record' });
    expect(record?.timeMs).toBe(Date.parse('2026-05-28T20:26:10.5Z'));
  });

  test('a level with a colon right behind the time stamp counts as at the start', () => {
    expect(recordsOf('text', '2026-05-28T20:26:10Z error: broken')[0]?.severityNumber).toBe(17);
  });

  test('without a time of its own and without a reference a line has no time', () => {
    expect(recordsOf('text', 'hello')[0]).toMatchObject({ timeMs: Number.NaN, timeFrom: 'none' });
  });

  test('bytes that are no UTF-8 stay in the body as they are', () => {
    const records = recordsOf('text', new Uint8Array([0x61, 0xff, 0xfe, 0x62, 0x0a, 0x63]));
    expect(records.map((r) => r.body)).toEqual(['a\ufffd\ufffdb', 'c']);
  });

  test('a byte order mark is no part of the first line', () => {
    expect(bodies('text', '\ufeffhello')).toEqual(['hello']);
  });
});

describe('continuation lines', () => {
  const check = (name: string, lines: readonly string[], starts: readonly number[]): void => {
    test(name, () => {
      const want = starts.map((from, i) => lines.slice(from, starts[i + 1]).join('\n'));
      expect(bodies('text', lines.join('\n'))).toEqual(want);
    });
  };
  check(
    'a Java stack trace belongs to the line before it, with its causes',
    [
      '2026-05-28 20:26:10 ERROR broken',
      'java.lang.IllegalStateException: no connection',
      '\tat com.example.Shop.buy(Shop.java:12)',
      'Caused by: java.io.IOException: refused',
      '\tat java.base/java.net.Socket.connect(Socket.java:1)',
      '\t... 12 more',
      '2026-05-28 20:26:11 INFO next',
    ],
    [0, 6],
  );
  check(
    'a Python traceback belongs to the line before it, up to its exception line, chained or not',
    [
      '2026-05-28 20:26:10 ERROR broken',
      'Traceback (most recent call last):',
      '  File "shop.py", line 3, in <module>',
      '    buy()',
      'KeyError: 1',
      'During handling of the above exception, another exception occurred:',
      'Traceback (most recent call last):',
      '  File "shop.py", line 5, in <module>',
      'ValueError: 2',
      'plain line after it',
    ],
    [0, 9],
  );
  check(
    'a traceback that starts a message is a record of its own',
    ['Traceback (most recent call last):', '  File "a.py", line 1', 'ValueError: x', 'next'],
    [0, 3],
  );
  check(
    'a Go panic stays together until a line with a time',
    [
      'goroutine 1 [running]:',
      'main.main()',
      '\t/app/main.go:7 +0x1d',
      'exit status 2',
      '2026-05-28 20:26:11 INFO restarted',
    ],
    [0, 4],
  );
  check(
    'an indented line with its own time stamp is a new record',
    ['2026-05-28 20:26:10 one', '  2026-05-28 20:26:11 two'],
    [0, 1],
  );
  check(
    'an exception class at the start is a record where lines have no times',
    ['java.lang.IllegalStateException: one', 'java.lang.IllegalStateException: two'],
    [0, 1],
  );

  test('at most 512 lines are joined, then a new record begins', () => {
    const text = ['start', ...new Array<string>(1_000).fill(' more')].join('\n');
    expect(bodies('text', text).map((body) => body.split('\n').length)).toEqual([512, 489]);
  });

  test('at most 64 KiB are joined, then a new record begins', () => {
    const text = ['start', ...new Array<string>(100).fill(` ${'x'.repeat(1_000)}`)].join('\n');
    const sizes = bodies('text', text).map((body) => body.length);
    expect(sizes.length).toBe(2);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(65_536);
  });
});

describe('JSON lines', () => {
  const line = (fields: object): Collected => recordsOf('json', JSON.stringify(fields), REFERENCE_MS)[0]!;

  test('the usual keys become time, level, body, ids, service and version; the rest are attributes', () => {
    const record = line({
      timestamp: '2026-05-28T20:26:10.123Z',
      level: 'warn',
      message: 'slow query',
      service: 'orders',
      version: '1.4.2',
      env: 'production',
      hostname: 'node-1',
      trace_id: '5B8EFFF798038103D269B633813FC60C',
      span_id: 'eee19b7ec3c1b174',
      duration: 12.5,
      user: { id: 7 },
    });
    expect(record).toMatchObject({
      body: 'slow query',
      timeMs: Date.parse('2026-05-28T20:26:10.123Z'),
      timeFrom: 'record',
      severityNumber: 13,
      severityInferred: false,
      traceId: '5b8efff798038103d269b633813fc60c',
      resource: {
        version: '1.4.2',
        instance: 'node-1',
        service: { name: 'orders', environment: 'production' },
      },
    });
    expect(attributesOf(record)).toEqual({ duration: '12.5', user: '{"id":7}' });
  });

  const times: readonly (readonly [string, unknown])[] = [
    ['seconds', 1_780_000_000],
    ['seconds with a fraction', 1_780_000_000.0],
    ['milliseconds', 1_780_000_000_000],
    ['microseconds', 1_780_000_000_000_000],
    ['nanoseconds', 1_780_000_000_000_000_000],
    ['seconds as text', '1780000000'],
    ['nanoseconds as text', '1780000000000000000'],
    ['RFC 3339', '2026-05-28T20:26:40Z'],
    ['RFC 3339 with a zone', '2026-05-28T22:26:40+02:00'],
    ['a blank and a comma', '2026-05-28 20:26:40,000'],
  ];
  for (const [name, time] of times) {
    for (const key of ['time', 'timestamp', 'ts', '@timestamp', 't']) {
      test(`${key} in ${name} is understood`, () => {
        expect(line({ [key]: time, msg: 'x' })).toMatchObject({
          timeMs: 1_780_000_000_000,
          timeFrom: 'record',
        });
      });
    }
  }

  test('a key that looks like a time but holds none stays an attribute', () => {
    const record = line({ time: 12, msg: 'took long' });
    expect(record.timeFrom).toBe('reference');
    expect(attributesOf(record)).toEqual({ time: '12' });
  });

  test('pino, bunyan, logrus, zap, ECS, GELF and docker lines are understood', () => {
    expect(line({ level: 50, time: 1_780_000_000_000, pid: 1, hostname: 'h', msg: 'pino' })).toMatchObject({
      severityNumber: 17,
      body: 'pino',
    });
    expect(
      line({ v: 0, level: 30, name: 'app', time: '2026-05-28T20:26:40Z', msg: 'bunyan' }).severityNumber,
    ).toBe(9);
    expect(line({ level: 'warning', msg: 'logrus', time: '2026-05-28T20:26:40Z' }).severityNumber).toBe(13);
    expect(line({ level: 'info', ts: 1_780_000_000.5, msg: 'zap' }).timeMs).toBe(1_780_000_000_500);
    const ecs = line({
      '@timestamp': '2026-05-28T20:26:40Z',
      'log.level': 'ERROR',
      message: 'ecs',
      service: { name: 'pay' },
    });
    expect(ecs).toMatchObject({ severityNumber: 17, resource: { service: { name: 'pay' } } });
    expect(
      line({ version: '1.1', host: 'h', short_message: 'gelf', level: 3, timestamp: 1_780_000_000.1 }),
    ).toMatchObject({
      body: 'gelf',
      severityNumber: 17,
    });
    expect(
      line({ log: 'ERROR from docker\n', stream: 'stderr', time: '2026-05-28T20:26:40Z' }),
    ).toMatchObject({
      body: 'ERROR from docker',
      severityNumber: 17,
      severityInferred: true,
    });
  });

  test('a line without a body key is its own body', () => {
    expect(line({ a: 1 })).toMatchObject({ body: '{"a":1}' });
  });

  test('equal services share one resource, and a line without one has the default', () => {
    const text = [{ service: 'a', msg: '1' }, { msg: '2' }, { service: 'a', msg: '3' }].map((l) =>
      JSON.stringify(l),
    );
    const records = recordsOf('json', text.join('\n'));
    expect(records[0]!.resource).toBe(records[2]!.resource);
    expect(records[1]!.resource).toBe(TEXT_RESOURCE);
  });

  test('where it must be JSON, a line that is none is malformed, and other JSON is read as ever', () => {
    const malformed = (line: string) => decode('auto_json', line).malformed;
    for (const line of ['not json', '{"msg":"cut', '[1, 2', 'a\u0000b', '{not json}'])
      expect(malformed(line), line).toMatchObject({ reason: 'bad_json', at: 0 });
    expect(decode('auto_json', '{"msg":"one"}\nnot json\n{"msg":"three"}')).toMatchObject({
      records: [{ body: 'one' }],
      malformed: { reason: 'bad_json', at: 14 },
    });
    for (const line of ['{"msg":"a"}', '"a"', '[{"msg":"a"}]', '{"resourceLogs":[]}', '\ufeff{"msg":"a"}'])
      expect(malformed(line), line).toBeNull();
    expect(decode('auto', 'not json').malformed).toBeNull();
  });

  test('lines that are no JSON object are text, in their place', () => {
    const text = '{"msg":"one"}\nplain ERROR two\n\tat three\n{"msg":"four"}\n{broken';
    expect(bodies('json', text)).toEqual(['one', 'plain ERROR two\n\tat three', 'four', '{broken']);
    expect(recordsOf('json', text).map((r) => r.index)).toEqual([0, 1, 2, 3]);
  });

  test('one object over several lines and a list of objects are read whole', () => {
    expect(bodies('json', JSON.stringify({ msg: 'pretty', level: 'info' }, null, 2))).toEqual(['pretty']);
    expect(bodies('json', JSON.stringify([{ msg: 'a' }, { msg: 'b' }]))).toEqual(['a', 'b']);
  });

  test('nesting without end is cut at 64 levels, in a body, in attributes and in a list of objects', () => {
    for (const depth of [63, 64, 65, 200_000]) {
      const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`;
      const kept = Math.min(depth, 64);
      const cut = depth > 64 ? 'null' : '';
      expect(bodies('json', `{"msg":${nested}}`)).toEqual([`${'['.repeat(kept)}${cut}${']'.repeat(kept)}`]);
      expect(bodies('json', `[{"msg":"x","a":${nested}}]`)).toEqual(['x']);
      expect(bodies('json', `[{"a":${nested}}]`).length).toBe(1);
    }
  });

  test('deeply nested values are cut, not followed', () => {
    const deep = `{"msg":"x","a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`;
    expect(bodies('json', deep)).toEqual(['x']);
  });
});

describe('raw messages', () => {
  test('a message is one record, line feeds and all', () => {
    expect(bodies('raw', 'one\ntwo\n')).toEqual(['one\ntwo']);
  });

  test('a JSON-quoted body is unquoted, a broken quote is left alone', () => {
    expect(bodies('raw', '"line \\"one\\"\\nERROR"')).toEqual(['line "one"\nERROR']);
    expect(bodies('raw', '"a" and "b"')).toEqual(['"a" and "b"']);
    expect(bodies('raw', '   ')).toEqual([]);
  });
});
