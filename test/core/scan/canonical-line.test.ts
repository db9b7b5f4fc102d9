import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CanonicalLine } from '../../../src/core/scan/canonical-line.ts';
import { CANONICAL } from '../../../src/core/scan/kernel-layout.ts';
import { LineKernel } from '../../../src/core/scan/line-kernel.ts';
import { createScanner } from '../../../src/core/scan/scanner.ts';
import { FAMILY_NAMES, family } from '../../../src/simulator/families.ts';
import { simulate } from '../../../src/simulator/simulate.ts';
import { toText } from '../../../src/simulator/to-text.ts';
import { WholeScanner } from './whole-scanner.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const SEED = 20261126;
const canonical = new CanonicalLine(new LineKernel());

function canonicalOf(line: string): string {
  const bytes = encoder.encode(line);
  canonical.trace(bytes, 0, bytes.length);
  return decoder.decode(canonical.bytes.subarray(0, canonical.length));
}

/** Words with digits, and what stands between them. */
const part = fc.oneof(
  fc.constantFrom(
    ' ',
    '  ',
    '=',
    ': ',
    ':',
    ', ',
    '"',
    "'",
    '(',
    ')',
    '[',
    ']',
    '{',
    '}',
    '<',
    '>',
    '/',
    '//',
    '-',
  ),
  fc.constantFrom(
    'took',
    'eth0',
    'HTTP/1.1',
    'http',
    'req-',
    'blk_',
    '0x',
    '.',
    '\n\tat a.b(C.java:',
    ' MB',
    'u',
  ),
  fc.stringMatching(/^[0-9]{1,12}$/),
  fc.stringMatching(/^[0-9a-f]{4,32}$/),
  fc.uuid(),
  fc.ipV4(),
);
const line = fc.array(part, { minLength: 1, maxLength: 30 }).map((parts) => parts.join(''));

describe('the canonical line', () => {
  it.each([
    ['user 17 took 1250ms', 'user 4711 took 8ms'],
    ['took 1.5s at 10.0.0.1:8080', 'took 22.75s at 192.168.100.101:5432'],
    ['id=3f2a9c81d0 ok', 'id=00ff8e7711 ok'],
    ['req-7396a591-dfdb-4f65-9c1e-0123456789ab done', 'req-00000000-1111-2222-3333-abcdefabcdef done'],
    [
      'get https://api.example.com/v1/orders/17?page=2',
      'get https://api.example.com/v3/orders/99817?page=40',
    ],
    ['{"n":17,"id":"a1b2c3d4e5"}', '{"n":4,"id":"ffe2c3d4e9"}'],
    ['2026-11-22 02:47:13,001 x', '2025-01-02 23:59:59,999 x'],
  ])('of %s is that of %s', (one, other) => {
    expect(canonicalOf(one)).toBe(canonicalOf(other));
  });

  it.each([
    ['disk sda1 full', 'disk sdb2 full'],
    ['up eth0', 'up eth1'],
    ['call log4j(', 'call log5j('],
    ['a 1', 'a x'],
  ])('of %s is not that of %s', (one, other) => {
    expect(canonicalOf(one)).not.toBe(canonicalOf(other));
  });

  // Short ones are read sixteen bytes at once.
  it.each([
    ['a:1.2.3', 'a:7.7.7'],
    ['a:1.2.', 'a:7.7.'],
    ['a:.1.2', 'a:.7.7'],
    ['a:1..2', 'a:7..7'],
    ['a:1.2.3.4.5.6.7.8', 'a:7.7.7.7.7.7.7.7'],
    ['a:1.2.3.4.5.6.7.8.9', 'a:7.7.7.7.7.7.7.7.7'],
    ['a:1234567.12345678', 'a:7.7'],
    ['a:1234567.123456789', 'a:7.7'],
    ['at 10.2.3.4:9092,', 'at 7.7.7.7:7777,'],
    ['at 1.2. or 17. or .5', 'at 7. or 7. or 7'],
  ])('of %s is %s, whether or not its values are noted', (text, expected) => {
    const kernel = new LineKernel();
    const bytes = encoder.encode(text);
    const at = kernel.place(bytes, 0, bytes.length);
    const found = (): string =>
      decoder.decode(kernel.bytes.subarray(CANONICAL, CANONICAL + kernel.canonicalLength));
    kernel.find(at, at + bytes.length);
    expect(found()).toBe(expected);
    kernel.trace(at, at + bytes.length);
    expect(found()).toBe(expected);
  });

  it('is no longer than the line, ends in zeros up to four bytes', () => {
    fc.assert(
      fc.property(line, (text) => {
        const bytes = encoder.encode(text);
        canonical.trace(bytes, 0, bytes.length);
        expect(canonical.length).toBeLessThanOrEqual(bytes.length);
        for (let i = canonical.length; i % 4 !== 0; i++) expect(canonical.bytes[i]).toBe(0);
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });

  it('keeps everything but values: what is left out of both lines is the same', () => {
    fc.assert(
      fc.property(line, (text) => {
        const bytes = encoder.encode(text);
        canonical.trace(bytes, 0, bytes.length);
        let at = 0;
        let n = 0;
        for (let i = 0; i < canonical.values; i++) {
          const kept = bytes.subarray(at, canonical.valueStart(i));
          expect(canonical.bytes.subarray(n, canonical.from[i]!)).toEqual(kept);
          const value = decoder.decode(bytes.subarray(canonical.valueStart(i), canonical.valueEnd(i)));
          expect(value).toMatch(/\d|^[\da-f]+$/i);
          at = canonical.valueEnd(i);
          n = canonical.to[i]!;
        }
        expect(canonical.bytes.subarray(n, canonical.length)).toEqual(bytes.subarray(at));
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });

  it('does not depend on what was written before, nor on where in its buffer a line stands', () => {
    fc.assert(
      fc.property(line, line, fc.nat({ max: 9 }), (before, text, offset) => {
        const alone = canonicalOf(text);
        canonicalOf(before);
        const bytes = encoder.encode(text);
        const larger = new Uint8Array(bytes.length + offset + 5).fill(55);
        larger.set(bytes, offset);
        canonical.trace(larger, offset, offset + bytes.length);
        expect(decoder.decode(canonical.bytes.subarray(0, canonical.length))).toBe(alone);
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });

  // Each of these was once read as another line than the one it stands for.
  it.each([
    'offsets {9b3e4cad-770a-4891-874d-b914dd40ae26=383, aea4da9d-0d26-4294-9d11-74ef1b78cd7f=853} sent',
    'm {u-1001=5, u-1002=7}',
    '<name>tempest-SAMPLE_X-1530132337</name>',
    'goroutine 1 [running]:',
    'shop/cart.(*T).cart(0xc000000000001)',
    'get "GET /productpage HTTP/1.1" 200 - via "-" 0 4183 35 34 "-"',
    'payload={"a":"b","u":https://api.example.com/v0/orders/715894?page=25} items=[09, 9338ms]',
    'CMD "sudo rootwrap /etc/nova/rootwrap.conf touch -c /var/lib/nova/instances/_base/07085a5129ac9c38274d8a1b1f0c2f5a" returned',
    '2026/11/22 02:47:13 ERROR shop.cart.Basket [req-7396a591-dfdb-4f65-9c1e-0123456789ab - -]   File "a.py", line 3, in f',
  ])('scans to the signature of the line itself: %s', (text) => {
    const whole = new WholeScanner();
    const scanner = createScanner();
    const bytes = encoder.encode(text);
    scanner.scan(bytes, 0, bytes.length);
    expect([scanner.kind, scanner.hashHigh, scanner.hashLow]).toEqual(whole.scan(bytes));
  });

  it('scans to the signature of the line itself, on every line of the simulated families', () => {
    const whole = new WholeScanner();
    const scanner = createScanner();
    for (const name of FAMILY_NAMES) {
      let lines = 0;
      for (const text of toText(simulate(family(name, 7)))) {
        const bytes = encoder.encode(text);
        const [kind, high, low] = whole.scan(bytes);
        scanner.scan(bytes, 0, bytes.length);
        if (scanner.hashHigh !== high || scanner.hashLow !== low || scanner.kind !== kind)
          expect.fail(`${text}\nis read as ${canonicalOf(text)}`);
        if (++lines === 20_000) break;
      }
      expect(lines).toBeGreaterThan(1000);
    }
  });
});
