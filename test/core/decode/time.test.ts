import { describe, expect, test } from 'vitest';
import { dateMs } from '../../../src/core/decode/calendar.ts';
import { TimeParser } from '../../../src/core/decode/time.ts';

const REFERENCE = Date.parse('2026-01-02T12:00:00Z');

function headTime(line: string, referenceMs = REFERENCE): string | null {
  const bytes = new TextEncoder().encode(line);
  const parser = new TimeParser();
  return parser.parseHead(bytes, 0, bytes.length, referenceMs) ? new Date(parser.timeMs).toISOString() : null;
}

describe('the time at the head of a line', () => {
  const known: readonly (readonly [string, string])[] = [
    ['2026-05-28T20:26:10Z up', '2026-05-28T20:26:10.000Z'],
    ['2026-05-28T20:26:10.123456789Z up', '2026-05-28T20:26:10.123Z'],
    ['2026-05-28T20:26:10,123 up', '2026-05-28T20:26:10.123Z'],
    ['2026-05-28 20:26:10.5+02:00 up', '2026-05-28T18:26:10.500Z'],
    ['2026-05-28T20:26:10-0530 up', '2026-05-29T01:56:10.000Z'],
    ['2026-05-28 20:26:10 +0200 up', '2026-05-28T18:26:10.000Z'],
    ['2026-05-28 20:26:10 -12 items', '2026-05-28T20:26:10.000Z'],
    ['2026-05-28 20:26 up', '2026-05-28T20:26:00.000Z'],
    ['2026/05/28 20:26:10 [error] 7#7: up', '2026-05-28T20:26:10.000Z'],
    ['[2026-05-28 20:26:10,123] up', '2026-05-28T20:26:10.123Z'],
    ['[INFO] 2026-05-28 20:26:10,123 up', '2026-05-28T20:26:10.123Z'],
    ['ERROR 2026-05-28 20:26:10,123 up', '2026-05-28T20:26:10.123Z'],
    ['I, [2026-05-28T20:26:10.123456 #42]  INFO -- : up', '2026-05-28T20:26:10.123Z'],
    ['time="2026-05-28T20:26:10Z" level=info msg=up', '2026-05-28T20:26:10.000Z'],
    ['level=info ts=2026-05-28T20:26:10.5Z msg=up', '2026-05-28T20:26:10.500Z'],
    ['127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.0" 200', '2000-10-10T20:55:36.000Z'],
    ['[Fri Sep 09 10:42:29.902022 2011] [core:error] up', '2011-09-09T10:42:29.902Z'],
    ['<34>1 2003-10-11T22:14:15.003Z host su - ID47 - up', '2003-10-11T22:14:15.003Z'],
    ['1780000000 up', '2026-05-28T20:26:40.000Z'],
    ['ts=1111111111 up', '2005-03-18T01:58:31.000Z'],
    ['1780000000.25 up', '2026-05-28T20:26:40.250Z'],
    ['1780000000123 up', '2026-05-28T20:26:40.123Z'],
    ['1780000000123456 up', '2026-05-28T20:26:40.123Z'],
    ['1780000000123456789 up', '2026-05-28T20:26:40.123Z'],
    ['Dec 31 23:59:59 host sshd[1]: up', '2025-12-31T23:59:59.000Z'],
    ['Jan  3 00:00:01 host sshd[1]: up', '2026-01-03T00:00:01.000Z'],
    ['<13>Jan  3 00:00:01 host sshd[1]: up', '2026-01-03T00:00:01.000Z'],
    ['E0102 12:34:56.789012       1 server.go:9] up', '2026-01-02T12:34:56.789Z'],
    ['2024-02-29T00:00:00Z leap day', '2024-02-29T00:00:00.000Z'],
  ];
  for (const [line, want] of known) test(`is read from: ${line}`, () => expect(headTime(line)).toBe(want));

  const unknown: readonly string[] = [
    '',
    'no time at all',
    'certificate expires 2030-01-01 00:00:00',
    'retry after 2030-01-01T00:00:00Z',
    '2026-13-01 00:00:00 no such month',
    '2026-05-28 25:00:00 no such hour',
    '2026-05-28 is a date only',
    '123456789 too small for an epoch',
    '9999999999 beyond the range of epochs',
    '1780000000-abc is an id',
    '12345678901 eleven digits',
    'May be a problem',
    'Mars 12 12:00:00',
    '10/Oct/2000',
    '1365301360 double-hummer alignment exceptions',
  ];
  for (const line of unknown) test(`is not found in: "${line}"`, () => expect(headTime(line)).toBeNull());

  test('a stamp without a year is no time when there is no reference', () => {
    expect(headTime('Oct  3 12:34:56 host app: up', Number.NaN)).toBeNull();
    expect(headTime('E0102 12:34:56.789 1 a.go:1] up', Number.NaN)).toBeNull();
  });

  test('ten digits at the start are no time when there is no reference, with a fraction they are', () => {
    expect(headTime('1780000000 up', Number.NaN)).toBeNull();
    expect(headTime('1780000000.5 up', Number.NaN)).toBe('2026-05-28T20:26:40.500Z');
  });

  test('days are counted as Date.UTC counts them', () => {
    for (let year = 1970; year < 2110; year++) {
      for (let month = 1; month <= 12; month++) {
        expect(dateMs(year, month, 28)).toBe(Date.UTC(year, month - 1, 28));
        expect(dateMs(year, month, 1)).toBe(Date.UTC(year, month - 1, 1));
      }
    }
  });
});
