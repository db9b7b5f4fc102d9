import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactionRules } from '../../src/core/redact/rules.ts';
import { createRedactor, REDACT_LENGTH_MAX } from '../../src/core/redact.ts';
import { cpuMsOf } from '../support/cpu-time.ts';

describe('each rule of the table', () => {
  for (const rule of redactionRules()) {
    for (const [input, want] of rule.redacts) {
      it(`${rule.name} turns ${JSON.stringify(input)} into ${JSON.stringify(want)}`, () => {
        const redactor = createRedactor();
        expect(redactor.redact(input)).toBe(want);
        expect(redactor.counts()[rule.name]).toBe(1);
        expect(redactor.replacements).toBe(1);
        expect(redactor.redact(want)).toBe(want);
      });
    }
    for (const text of rule.keeps) {
      it(`${rule.name} leaves ${JSON.stringify(text)} as it is`, () => {
        expect(createRedactor().redact(text)).toBe(text);
      });
    }
  }
});

/** Pieces that rules react to, glued at random: boundaries and overlaps are where idempotence breaks. */
const PIECES = [
  ...[
    'password',
    'token',
    'auth',
    'cookie',
    'Bearer ',
    'Basic ',
    '=',
    ':',
    ': ',
    '"',
    "'",
    '\\"',
    '\\',
    '://',
    '@',
    '%40',
  ],
  ...[
    '.com',
    'a',
    'b1',
    ' ',
    ',',
    ';',
    '&',
    '<',
    '>',
    '<redacted:secret>',
    '<redacted:',
    'eyJhbGciOi',
    '.eyJzdWIiO',
  ],
  ...[
    '4111111111111111',
    '4111 1111 1111 1111',
    '-----BEGIN PRIVATE KEY-----',
    '-----END ',
    '\n',
    'AKIAIOSFODNN7EXAMPLE',
  ],
  ...['-', '_', '=>', '%3D', '[', '}', '\u202e', 'ü', '\ud83d\ude00'],
];

describe('redaction as a whole', () => {
  it('is idempotent on hostile mixtures', () => {
    const redactor = createRedactor();
    const mixture = fc.array(fc.constantFrom(...PIECES), { maxLength: 24 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(mixture, (text) => {
        const once = redactor.redact(text);
        expect(redactor.redact(once)).toBe(once);
      }),
      { seed: 20261122, numRuns: 5000 },
    );
  });

  it('takes time in proportion to the length on text made to make it backtrack', () => {
    const redactor = createRedactor();
    const repeated = [
      ...PIECES,
      'a.',
      'a@',
      'password',
      'password=',
      'eyJ-',
      '1 ',
      '1',
      'a-',
      'token"',
      'x:',
      'a=b;',
      'ghp_',
      'AKIA',
      'secret=,',
      'secret=a,b',
      '--token ',
      '<token>',
      'http://a:',
    ];
    for (const piece of repeated) {
      const text = piece.repeat(Math.floor(REDACT_LENGTH_MAX / piece.length));
      expect(
        cpuMsOf(() => redactor.redact(text)),
        `64 KiB of ${JSON.stringify(piece)}`,
      ).toBeLessThan(1500);
    }
  });

  it('cuts what is longer than it looks at and says so', () => {
    const redactor = createRedactor();
    const out = redactor.redact(`${'a '.repeat(REDACT_LENGTH_MAX)}password=hunter2`);
    expect(out.length).toBeLessThanOrEqual(REDACT_LENGTH_MAX);
    expect(out.endsWith('<redacted:overlong>')).toBe(true);
    expect(redactor.redact(out)).toBe(out);
  });

  it('hides a value by its key alone', () => {
    const redactor = createRedactor({ extraKeys: ['ssn'] });
    expect(redactor.redactValue('http.request.header.authorization', 'abc')).toBe('<redacted:secret>');
    expect(redactor.redactValue('userPassword', 'abc')).toBe('<redacted:secret>');
    expect(redactor.redactValue('customer_ssn', '12')).toBe('<redacted:secret>');
    expect(redactor.redactValue('author', 'Bob')).toBe('Bob');
    expect(redactor.redactValue('max_tokens', '512')).toBe('512');
    expect(redactor.redact('SSN: 123-45')).toBe('SSN: <redacted:secret>');
  });

  it('passes text unchanged when switched off', () => {
    expect(createRedactor({ enabled: false }).redact('password=hunter2')).toBe('password=hunter2');
  });

  it('keeps IP addresses, private and public', () => {
    expect(createRedactor().redact('connect 10.4.7.12:5432 from 8.8.8.8')).toBe(
      'connect 10.4.7.12:5432 from 8.8.8.8',
    );
  });

  it('names every rule in docs/window.md', () => {
    const page = readFileSync(new URL('../../docs/window.md', import.meta.url), 'utf8');
    for (const rule of Object.keys(createRedactor().counts())) expect(page).toContain(`\`${rule}\``);
  });
});

it('a key that came before is as secret as it was, also when very many came since', () => {
  const redactor = createRedactor({ extraKeys: ['ssn'] });
  for (const round of [1, 2, 3]) {
    expect(redactor.redactValue('user.ssn', '078-05-1120')).toBe('<redacted:secret>');
    expect(redactor.redactValue('user.name', 'ann')).toBe('ann');
    expect(redactor.redactValue(`${'x'.repeat(500)}_password`, 'pass')).toBe('<redacted:secret>');
    for (let i = 0; i < 2_000; i++) redactor.redactValue(`key${i}`, 'value');
    expect(redactor.counts().secret).toBe(2 * round);
    expect(redactor.replacements).toBe(2 * round);
  }
});
