import { describe, expect, it } from 'vitest';
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
    '\t... 12 more',
    '\t... 3 common frames omitted',
  ],
  JavaScript: [
    '    at Object.<anonymous> (/srv/app/x.js:10:5)',
    '    at async /srv/app/x.js:3:4',
    '    at node:internal/main:12:3',
  ],
  Python: [
    '  File "/usr/lib/python2.7/site-packages/neutron/db/api.py", line 93, in wrapped',
    '    return f(*args, **kwargs)',
    '    result = method(request=request)',
    '      ^^^^^^^^',
    'neutron_lib.callbacks.manager   File "/usr/lib/manager.py", line 171, in _notify_loop',
    'neutron_lib.callbacks.manager     callback(resource, event, trigger, **kwargs)',
    'nova.compute.manager [instance: 749dcac7-0957-4a86-b9d6-21846d15e7a5]   File "/usr/lib/x.py", line 3, in f',
    'nova.compute.manager [instance: 749dcac7-0957-4a86-b9d6-21846d15e7a5]     self.force_reraise()',
  ],
  Go: [
    'goroutine 17 [running]:',
    'main.(*Server).handle(0xc000186000, {0x7f0, 0xc0})',
    '\t/srv/app/main.go:12 +0x1a',
    'net/http.(*conn).serve(...)',
    'created by net/http.(*Server).Serve in goroutine 1',
  ],
  '.NET': [
    '   at Shop.Cart.Add(String sku) in C:\\src\\Cart.cs:line 42',
    '   at System.Threading.Tasks.Task.Execute()',
    '--- End of stack trace from previous location ---',
  ],
  Ruby: ["/srv/app/cart.rb:12:in `add'", "\tfrom /srv/app/cart.rb:30:in `block in run'"],
  Rust: [
    '   3: std::panicking::begin_panic',
    '             at /rustc/9fc6b431/library/std/src/panicking.rs:12:3',
  ],
  PHP: ['#0 /srv/app/index.php(12): handle()', '#3 {main}'],
};

const LINES = [
  'at 10:30 the server restarted',
  'java.io.IOException: Broken pipe',
  'Caused by: java.net.SocketException: reset',
  'Traceback (most recent call last):',
  'from 10.0.0.1 port 22',
  'File not found: /etc/x.conf',
  '  retry: 5',
  '    timeout: 30s',
  'connection from 10.0.0.1 (unknown)',
  'kernel.panic(now) requested by root',
  'created by root on 2024-01-01',
  '#5 in queue',
  'service.name  started  in 5 ms',
];

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
});
