import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeptRecord } from '../../../src/contracts.ts';
import { quickType } from '../../../src/core/mine/quick-type.ts';
import { createRedactor } from '../../../src/core/redact.ts';
import { slotType } from '../../../src/core/scan/slots.ts';
import { closedBucket, createMiner } from './mine-lines.ts';

const SEED = 20261122;
const encoder = new TextEncoder();

/** Values of all types, and constants, for one format: what its tokens are changes from line to line. */
const VALUES = fc.oneof(
  fc.constantFrom(
    'up',
    'down',
    'Failed',
    '()',
    '[]',
    '"quoted text"',
    'a=b',
    '{"k":1}',
    '',
    ',',
    'ü',
    'x\ty',
  ),
  fc.constantFrom(
    '12ms',
    '5s',
    '3.5',
    '-1',
    '0x1f',
    '10.0.0.1',
    '10.0.0.1:80',
    '/a/b1',
    'a/b',
    'user_17',
    'deadbeef1',
  ),
  fc.constantFrom(
    '2026-11-22 05:13:14',
    '05:13:14',
    'Nov 22',
    '4111111111111111',
    'password=x',
    'a@b.org',
    '12 13 14',
  ),
  fc.integer({ min: 0, max: 1e6 }).map(String),
  fc.uuid(),
);
const FORMATS: readonly ((a: string, b: string) => string)[] = [
  (a, b) => `took ${a} for ${b}`,
  (a, b) => `${a} connected from ${b} to the hub`,
  (a, b) => `state (${a}) of [${b}] is fine`,
  (a, b) => `id=${a}, next: ${b}`,
];
const LINE = fc
  .tuple(fc.constantFrom(...FORMATS), VALUES, VALUES)
  .map(([format, a, b]) => format(a, b).trim() || 'empty');

describe('lines looked at in place', () => {
  it('leave the same templates as lines that are read whole', () => {
    const redactor = createRedactor();
    const plain = {
      start: 0,
      end: 0,
      located: 0,
      locate(kept: KeptRecord): boolean {
        this.end = kept.wire.length;
        const isPlain = redactor.isPlain(kept.wire, 0, this.end);
        if (isPlain) this.located++;
        return isPlain;
      },
    };
    const redact = (text: string): string => redactor.redact(text);
    fc.assert(
      fc.property(fc.array(fc.array(LINE, { minLength: 1, maxLength: 24 }), { maxLength: 6 }), (buckets) => {
        const whole = createMiner({ redact });
        const quick = createMiner({ redact, plain });
        buckets.forEach((lines, i) => {
          const bucket = closedBucket(i + 1, { api: lines });
          expect(quick.mine(bucket)).toEqual(whole.mine(bucket));
          expect(quick.takeChanges()).toEqual(whole.takeChanges());
        });
      }),
      { seed: SEED, numRuns: 300 },
    );
    expect(plain.located).toBeGreaterThan(1_000);
  });
});

describe('the quick type of a value', () => {
  it('knows UUIDs and what is nearly one', () => {
    for (const text of [
      '4adec717-6ad9-4c2a-9471-cea1d5582c8a',
      '4adec717-6ad9-4c2a-9471.cea1d5582c8a',
      '12345678901234567890123456789012345a',
    ]) {
      const bytes = encoder.encode(text);
      expect(quickType(bytes, 0, bytes.length) || slotType(text)).toBe(slotType(text));
    }
  });

  it('is told of what most values are', () => {
    for (const text of [
      '17',
      '92.3%',
      '12ms',
      '8.00s',
      '888.7 MB',
      '64kb',
      '10.5.81.16',
      '10.2.138.29:19227',
      '0x4ab4b264',
      'https://api.example.com/v1/orders/856612?page=34',
      'true',
      'false',
      'user_17',
      '/var/lib/x.dat',
    ]) {
      const bytes = encoder.encode(text);
      expect([text, quickType(bytes, 0, bytes.length)]).toEqual([text, slotType(text)]);
    }
  });

  it('is the type that the patterns give, or none', () => {
    const part = fc.constantFrom(
      ...'0123456789',
      ...'abcdefgmnstuz',
      ...'AEFMST',
      '_',
      '-',
      '.',
      '/',
      '12',
      'ms',
      'jan',
      'null',
      'at',
      '%',
      ':',
      '80',
      '10.0.0',
      ' ',
      'MB',
      'kb',
      '0x',
      'true',
      'false',
      'http',
      '://',
      '@',
      '.go',
      '(',
      'é',
    );
    let told = 0;
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 9 }), (parts) => {
        const text = parts.join('');
        const bytes = encoder.encode(text);
        const type = quickType(bytes, 0, bytes.length);
        if (type !== '') told++;
        expect([text, type || slotType(text)]).toEqual([text, slotType(text)]);
      }),
      { seed: SEED, numRuns: 30_000 },
    );
    expect(told).toBeGreaterThan(4_000);
  });
});
