import { describe, expect, it } from 'vitest';
import { maskLine } from '../../../src/core/scan/mask.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';

const scanner = createScanner();

function kindOf(line: string): string {
  const bytes = new TextEncoder().encode(line);
  scanner.scan(bytes, 0, bytes.length);
  return scanner.kind;
}

const FRAMES: Readonly<Record<string, readonly string[]>> = {
  Java: [
    '\tat org.apache.zookeeper.server.NIOServerCnxn.doIO(NIOServerCnxn.java:228)',
    'at sun.reflect.GeneratedMethodAccessor1.invoke(Unknown Source)',
    '    at a.b.C.m(C.java:3) ~[lib-1.2.jar:1.2]',
    '\tat java.base/java.lang.Thread.run(Thread.java:1583)',
    '\tat app//com.acme.FooTest.takes two words(FooTest.kt:12)',
    '\tat com.acme.Foo$$Lambda$14/0x0000000800c03000.run(Unknown Source)',
    '\t... 12 more',
    '\t... 3 common frames omitted',
  ],
  JavaScript: [
    '    at Object.<anonymous> (/srv/app/x.js:10:5)',
    '    at async /srv/app/x.js:3:4',
    '    at node:internal/main:12:3',
    '    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1637:16) {',
    '    at async Promise.all (index 0)',
    '    at new Promise (<anonymous>)',
    '    at <anonymous>',
    'at Cart.total (file:///srv/app/cart.js:88:11)',
  ],
  Python: [
    '  File "/usr/lib/python2.7/site-packages/neutron/db/api.py", line 93, in wrapped',
    '    return f(*args, **kwargs)',
    '    result = method(request=request)',
    '      ^^^^^^^^',
    'Traceback (most recent call last):',
    'During handling of the above exception, another exception occurred:',
    '  [Previous line repeated 996 more times]',
    '  File "/app/a.py", line 9, in f\n    x += 1\n    ~~^^~~',
  ],
  'Python behind a prefix': [
    'neutron_lib.callbacks.manager   File "/usr/lib/manager.py", line 171, in _notify_loop',
    'neutron_lib.callbacks.manager     callback(resource, event, trigger, **kwargs)',
    'nova.compute.manager [instance: 749dcac7-0957-4a86-b9d6-21846d15e7a5]   File "/usr/lib/x.py", line 3, in f',
    'nova.compute.manager [instance: 749dcac7-0957-4a86-b9d6-21846d15e7a5]     self.force_reraise()',
    'nova.compute.manager [instance: 749dcac7-0957-4a86-b9d6-21846d15e7a5] Traceback (most recent call last):',
    'ERROR nova.compute.manager [req-1f - - - -] Traceback (most recent call last):',
    '2017-05-16 00:00:04.500 2931 ERROR nova.compute.manager [req-1f - - - -] Traceback (most recent call last):',
    '2017-05-16 00:00:04.500 2931 ERROR nova.compute.manager   File "/usr/lib/x.py", line 3, in f',
    '2017-05-16 00:00:04.500 2931 TRACE nova.compute.manager     return self.run()',
    '2026-11-22T10:00:00.123Z stderr F   File "/app/x.py", line 3, in f',
    '2026-11-22T10:00:00.123Z stderr F Traceback (most recent call last):',
    'Nov 22 10:00:00 web1 app[123]: Traceback (most recent call last):',
    'Nov 22 10:00:00 web1 app[123]:   File "/app/x.py", line 3, in f',
    '2026-11-22 10:00:00,123 [ERROR] shop.cart: Traceback (most recent call last):',
  ],
  'Java behind a prefix': [
    'Nov 22 10:00:00 web1 app[123]: \tat com.acme.Cart.add(Cart.java:12)',
    '2026-11-22 10:00:00.123 ERROR com.acme.Cart \t... 12 more',
  ],
  Go: [
    'goroutine 17 [running]:',
    'main.(*Server).handle(0xc000186000, {0x7f0, 0xc0})',
    '\t/srv/app/main.go:12 +0x1a',
    'net/http.(*conn).serve(...)',
    'panic({0x6f2a40?, 0xc000012345?})',
    'created by net/http.(*Server).Serve in goroutine 1',
  ],
  '.NET': [
    '   at Shop.Cart.Add(String sku) in C:\\src\\Cart.cs:line 42',
    '   at System.Threading.Tasks.Task.Execute()',
    '--- End of stack trace from previous location ---',
    '   --- End of inner exception stack trace ---',
  ],
  Ruby: [
    "/srv/app/cart.rb:12:in `add'",
    "\tfrom /srv/app/cart.rb:30:in `block in run'",
    "app/models/cart.rb:12:in 'Cart#add'",
  ],
  Rust: [
    '   3: std::panicking::begin_panic',
    '   4: main',
    '             at /rustc/9fc6b431/library/std/src/panicking.rs:12:3',
    'stack backtrace:',
    'note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace',
  ],
  PHP: [
    '#0 /srv/app/index.php(12): handle()',
    '#1 [internal function]: App\\Cart->add(Array)',
    '#2 index.php(12): require()',
    '#3 {main}',
    'Stack trace:',
    '  thrown in /srv/app/index.php on line 12',
  ],
};

const LINES = [
  'at 10:30 the server restarted',
  'at startup the cache was cold (again)',
  'java.io.IOException: Broken pipe',
  'Caused by: java.net.SocketException: reset',
  'sync failed: Traceback (most recent call last):',
  "neutron_lib.callbacks.manager KeyError: 'n_agents'",
  "2017-05-16 00:00:04.500 2931 ERROR nova.compute.manager [req-1f -] KeyError: 'n_agents'",
  'nova.compute.manager Unable to sync (now):',
  'INFO  at startup (ok)',
  '2026-11-22 10:00:00 INFO  com.acme.Bar              : Started on port(s): 8080 (http)',
  'INFO  com.acme.Cart  added (3)',
  'service.name [started]',
  'from 10.0.0.1 port 22',
  'File not found: /etc/x.conf',
  '  retry: 5',
  '    timeout: 30s',
  'connection from 10.0.0.1 (unknown)',
  'kernel.panic(now) requested by root',
  'created by root on 2024-01-01',
  '#5 in queue',
  '#5 in queue (now)',
  'note that it runs',
  'service.name  started  in 5 ms',
  "thread 'main' panicked at src/main.rs:4:5:",
  'panic: runtime error: index out of range [5] with length 3',
  "app.rb:3:in `run': boom (RuntimeError)",
];

/** A logger's prefix whose message is missing: what the empty lines of a trace leave. */
const EMPTY = [
  'neutron_lib.callbacks.manager ',
  'nova.compute.manager [instance: 749dcac7-0957-4a86-b9d6-21846d15e7a5] ',
  '2017-05-16 00:00:04.500 2931 ERROR nova.compute.manager [instance: 749dcac7-0957-4a86-b9d6-21846d15e7a5]',
  '2017-05-16 00:00:04.500 2931 ERROR nova.compute.manager',
];

/** Whole traces in one body, and what is left of them. */
const WHOLE: Readonly<Record<string, string>> = {
  Go: 'panic: boom\n\ngoroutine 1 [running]:\nshop/cart.Add({0xc0, 0x1}, "x")\n\t/app/main.go:14 +0x1d\nmain.main()\n\t/app/main.go:3 +0x5\nexit status 2',
  Rust: "thread 'main' panicked at src/main.rs:4:5:\nboom\nstack backtrace:\n   0: rust_begin_unwind\n             at /rustc/9fc6/library/std/src/panicking.rs:645:5\n   1: shop::cart::add\n             at ./src/cart.rs:12:9\n   2: main\nnote: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.",
  Python:
    'Traceback (most recent call last):\n  File "/app/a.py", line 9, in f\n    "text".upper\n    ^^^^^^^^^^^^\nKeyError: \'a\'\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  File "/app/b.py", line 3, in g\n    pass\nValueError: bad',
  Node: "Error: connect ECONNREFUSED\n    at f (/app/a.js:1:2)\n    at g (node:net:3:4) {\n  code: 'ECONNREFUSED'\n}",
  PHP: 'PHP Fatal error:  Uncaught Exception: boom in /app/a.php:3\nStack trace:\n#0 /app/a.php(12): add()\n#1 {main}\n  thrown in /app/a.php on line 3',
};
const MASKED: Readonly<Record<string, string>> = {
  Go: 'panic: boom <stack> exit status <num>',
  Rust: "thread 'main' panicked at src/main.rs:<list>: boom <stack>",
  Python: "Traceback (most recent call last): <stack> KeyError: 'a' <stack> ValueError: bad",
  Node: "Error: connect ECONNREFUSED <stack> code: 'ECONNREFUSED' }",
  PHP: 'PHP Fatal error: Uncaught Exception: boom in <list>',
};

describe('stack frames', () => {
  for (const [language, frames] of Object.entries(FRAMES)) {
    for (const frame of frames) {
      it(`of ${language} are told from lines: ${JSON.stringify(frame)}`, () => {
        expect(kindOf(frame)).toBe('frame');
      });
    }
  }
  for (const line of LINES) {
    it(`are not seen in ${JSON.stringify(line)}`, () => {
      expect(kindOf(line)).toBe('line');
    });
  }

  for (const line of EMPTY) {
    it(`are as little in ${JSON.stringify(line)}, which is empty`, () => {
      expect(kindOf(line)).toBe('empty');
    });
  }

  it('in one record with their head line make it a line', () => {
    expect(kindOf('java.io.IOException: x\n\tat a.b.C.m(C.java:3)')).toBe('line');
  });

  it('in any number behind a head line give one signature', () => {
    const signature = (text: string) => {
      kindOf(text);
      return `${scanner.hashHigh} ${scanner.hashLow}`;
    };
    const one = signature('IOException: x\n\tat a.b.C.m(C.java:3)');
    expect(signature('IOException: x\n\tat d.e.F.n(F.java:9)\n\tat g.H.o(H.java:1)\n')).toBe(one);
    expect(signature('TimeoutException: x\n\tat a.b.C.m(C.java:3)')).not.toBe(one);
  });

  for (const [language, trace] of Object.entries(WHOLE)) {
    it(`of ${language}, in any number, leave their record's words to the head and the last line`, () => {
      expect(maskLine(scanner, trace)).toBe(MASKED[language]);
    });
  }
});
