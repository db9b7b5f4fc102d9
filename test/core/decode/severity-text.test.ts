import { describe, expect, test } from 'vitest';
import { severityNumberOfText, severityOfLevel } from '../../../src/core/decode/severity-name.ts';
import { inferSeverity, severityOfName } from '../../../src/core/decode/severity-text.ts';

function inferred(line: string): number {
  const bytes = new TextEncoder().encode(`..${line}..`);
  return inferSeverity(bytes, 2, bytes.length - 2);
}

describe('the level of a line', () => {
  const rows: readonly (readonly [string, number])[] = [
    ['ERROR something broke', 17],
    ['2026-05-28 20:26:10,123 ERROR [main] c.e.Shop - broken', 17],
    ['2026-05-28 20:26:10,123 [http-nio-8080-exec-1] WARN  c.e.Shop - slow', 13],
    ['2026-05-28T20:26:10Z stdout F INFO: started', 9],
    ['[WARN ] slow', 13],
    ['INFO/MainProcess] ready', 9],
    ['WARNING:root:slow', 13],
    ['CRITICAL broken', 21],
    ['FATAL: password authentication failed', 21],
    ['PANIC: could not write', 21],
    ['SEVERE: Servlet.service() threw', 17],
    ['NOTICE:  relation exists', 10],
    ['TRACE entering', 1],
    ['DEBUG x=1', 5],
    ['2026/05/28 20:26:10 [error] 7#7: *1 open() failed', 17],
    ['2026/05/28 20:26:10 [crit] 7#7: *1 connect() failed', 18],
    ['[Fri Sep 09 10:42:29 2011] [core:error] [pid 1] broken', 17],
    ['time=x level=error msg="broken"', 17],
    ['time=x level="warning" msg="slow"', 13],
    ['level: error', 17],
    ['{"ts":1,"level":"error","msg":"broken"}', 17],
    ['{"severity": "WARNING", "message": "slow"}', 13],
    ['{"log.level":"info","message":"fine, no ERROR"}', 9],
    ['<3>host app: broken', 17],
    ['<14>host app: fine', 9],
    ['<191>host app: verbose', 5],
    ['E0102 12:34:56.789 1 a.go:1] broken', 17],
    ['W0102 12:34:56.789 1 a.go:1] slow', 13],
    ['I0102 12:34:56.789 1 a.go:1] ERROR is in the text', 9],
    ['error: pathspec did not match', 17],
    ['|info| ready', 9],
    ['INFO first ERROR second', 9],
    ['', 0],
    ['an error occurred', 0],
    ['no error', 0],
    ['Error while connecting', 0],
    ['0 errors, 0 warnings', 0],
    ['TERROR', 0],
    ['ERRORS: 3', 0],
    ['ERROR_CODE=5', 0],
    ['NON-FATAL', 0],
    ['NO-ERROR', 0],
    ['com.example.ERROR.x', 0],
    ['status=ERROR', 0],
    ['{"status":"ERROR"}', 0],
    ['path /api/INFO/x', 0],
    ['<200>no priority', 0],
    ['E012 not klog', 0],
    ['in WARNé', 0],
    ['filler '.repeat(30).concat('ERROR beyond the head'), 0],
  ];
  for (const [line, want] of rows) test(`is ${want} in: ${line}`, () => expect(inferred(line)).toBe(want));

  test('a level after 160 bytes is not looked for, one before is', () => {
    const filler = 'word '.repeat(31);
    expect(inferred(`${filler}ERROR`)).toBe(17);
    expect(inferred(`${filler}word ERROR`)).toBe(0);
  });
});

describe('the level of a name', () => {
  const rows: readonly (readonly [string, number])[] = [
    ['ERROR', 17],
    ['error', 17],
    ['Warning', 13],
    [' info ', 9],
    ['Information', 9],
    ['informational', 9],
    ['INFO2', 10],
    ['Error3', 19],
    ['FATAL4', 24],
    ['trace', 1],
    ['crit', 18],
    ['emerg', 21],
    ['ERROR5', 0],
    ['notalevel', 0],
    ['', 0],
  ];
  for (const [name, want] of rows) {
    test(`"${name}" is ${want}`, () => {
      const bytes = new TextEncoder().encode(name);
      expect(severityOfName(bytes, 0, bytes.length)).toBe(want);
    });
  }

  test('enum names and digits are understood where OTLP/JSON has them', () => {
    expect(severityNumberOfText('SEVERITY_NUMBER_ERROR2')).toBe(18);
    expect(severityNumberOfText('SEVERITY_NUMBER_UNSPECIFIED')).toBe(0);
    expect(severityNumberOfText('17')).toBe(17);
    expect(severityNumberOfText('99')).toBe(0);
    expect(severityNumberOfText('x'.repeat(10_000))).toBe(0);
  });

  test('levels of JSON lines are names, syslog numbers, or the numbers of pino and bunyan', () => {
    const levels = ['warn', 0, 3, 7, 10, 20, 30, 35, 40, 50, 60, '50', 8, 70, -1, 1.5, null, {}, ''];
    expect(levels.map(severityOfLevel)).toEqual([
      13, 21, 17, 5, 1, 5, 9, 9, 13, 17, 21, 17, 0, 0, 0, 0, 0, 0, 0,
    ]);
  });
});
