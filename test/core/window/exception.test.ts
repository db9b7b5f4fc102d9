import { describe, expect, it } from 'vitest';
import { exceptionOf } from '../../../src/core/window/exception.ts';
import { cpuMsOf } from '../../support/cpu-time.ts';

describe('the summary of a stack trace', () => {
  const table: [string, string, object][] = [
    [
      'V8',
      'TypeError: x is undefined\n    at get (/app/node_modules/a/b.js:1:2)\n    at Cart.total (/app/src/cart.ts:88:11)',
      {
        type: 'TypeError',
        inAppFrame: { functionName: 'Cart.total', filePath: '/app/src/cart.ts', lineNumber: 88 },
        libraryFramesAbove: 1,
      },
    ],
    [
      'Java',
      'java.net.ConnectException: refused\n\tat java.net.Socket.connect(Socket.java:606)\n\tat com.acme.pay.Repo.open(Repo.java:41)\nCaused by: x',
      {
        type: 'java.net.ConnectException',
        inAppFrame: { functionName: 'com.acme.pay.Repo.open', filePath: 'Repo.java', lineNumber: 41 },
        libraryFramesAbove: 1,
      },
    ],
    [
      'Python, newest last',
      'Traceback (most recent call last):\n  File "/app/main.py", line 3, in <module>\n    run()\n  File "/app/pay.py", line 9, in run\n    get()\n  File "/usr/lib/python3/site-packages/http/client.py", line 7, in get\nConnectionError: refused',
      {
        type: 'ConnectionError',
        inAppFrame: { functionName: 'run', filePath: '/app/pay.py', lineNumber: 9 },
        libraryFramesAbove: 1,
      },
    ],
    [
      'Go',
      'panic: boom\n\ngoroutine 1 [running]:\nmain.run(0x1)\n\t/src/app/main.go:14 +0x1d',
      { inAppFrame: { filePath: '/src/app/main.go', lineNumber: 14 }, libraryFramesAbove: 0 },
    ],
    [
      '.NET',
      'System.InvalidOperationException: no\n   at System.Linq.First(x) in /_/src/First.cs:line 12\n   at Shop.Cart.Total(Int32 n) in /app/Cart.cs:line 31',
      {
        type: 'System.InvalidOperationException',
        inAppFrame: { functionName: 'Shop.Cart.Total', filePath: '/app/Cart.cs', lineNumber: 31 },
        libraryFramesAbove: 1,
      },
    ],
    [
      'Ruby',
      "app.rb:3:in `run': boom (RuntimeError)\n\tfrom app.rb:9:in `<main>'",
      {
        type: 'RuntimeError',
        inAppFrame: { functionName: 'run', filePath: 'app.rb', lineNumber: 3 },
        libraryFramesAbove: 0,
      },
    ],
  ];
  for (const [title, body, want] of table) {
    it(`${title}: type, first frame of the program itself, library frames folded`, () => {
      expect(exceptionOf(body, [])).toMatchObject(want);
    });
  }

  it('prefers the exception attributes to the body', () => {
    const stack = 'Error: x\n    at f (/app/src/f.js:1:2)';
    const found = exceptionOf('request failed', [
      ['exception.type', 'DbError'],
      ['exception.stacktrace', stack],
    ]);
    expect(found).toMatchObject({ type: 'DbError', inAppFrame: { functionName: 'f' } });
  });

  it('gives equal fingerprints to equal paths whose line numbers moved', () => {
    const at = (line: number): string => `Error: x\n    at f (/app/src/f.js:${line}:2)`;
    expect(exceptionOf(at(1), [])?.stackFingerprint).toBe(exceptionOf(at(7), [])?.stackFingerprint);
    expect(exceptionOf(at(1).replace('at f', 'at g'), [])?.stackFingerprint).not.toBe(
      exceptionOf(at(1), [])?.stackFingerprint,
    );
  });

  it('is absent where there is no trace, also when a line speaks of an Error', () => {
    expect(exceptionOf('Error: no such user at all', [])).toBeNull();
    expect(exceptionOf('meet me at noon (tomorrow:1)', [])).toBeNull();
  });

  it('reads hostile text in time in proportion to its length', () => {
    for (const piece of ['at ', 'at a(', ' File "', 'a:1:in `', '\tat x (', 'at (async ', 'x.go:']) {
      const text = `${piece.repeat(20_000)}\n`.repeat(3);
      expect(cpuMsOf(() => exceptionOf(text, []))).toBeLessThan(500);
    }
  });
});
