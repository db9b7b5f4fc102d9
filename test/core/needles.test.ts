import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Needles } from '../../src/core/redact/needles.ts';
import { redactionRules } from '../../src/core/redact/rules.ts';

const SEED = 20261122;
const EXTRA = ['ssn', 'Pin.Code'];
const rules = redactionRules(EXTRA);
const needles = new Needles(rules.flatMap((rule) => rule.needles));

/** The letters of all hints, with classes and options spelled out in every way. */
const PIECES = [
  ...[
    'pass',
    'word',
    'wd',
    'phrase',
    'code',
    'pwd',
    'secret',
    'token',
    'api',
    'access',
    'key',
    'id',
    'private',
  ],
  ...[
    'encryption',
    'signing',
    'account',
    'auth',
    'orization',
    'credential',
    's',
    'session',
    'j',
    'php',
    'sess',
    'x-amz-signature',
  ],
  ...[
    '-----BEGIN ',
    '://',
    '@',
    'a',
    'eyJ',
    'AKIA',
    'ASIA',
    'ghp_',
    'github_pat_',
    'glpat-',
    'xoxb-',
    'hooks.slack',
    'AIza',
  ],
  ...[
    'sk_live_',
    'rk_test_',
    'npm_',
    'sk-',
    'cookie',
    'bearer ',
    'Basic ',
    '%40',
    '.',
    '_',
    '-',
    ' ',
    '=',
    ':',
    '>',
    '"',
    '%3D',
  ],
  ...['4111', '1111', '12', '7', '  ', 'ssn', 'pin.code', 'ü', 'ſ', '\u212a', '\n'],
];

describe('needles', () => {
  it('are in every text in which the hint of a rule matches', () => {
    const hint = new RegExp(rules.map((rule) => rule.hint).join('|'), 'i');
    let matches = 0;
    let misses = 0;
    const piece = fc
      .tuple(fc.constantFrom(...PIECES), fc.boolean())
      .map(([text, up]) => (up ? text.toUpperCase() : text));
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        const bytes = new TextEncoder().encode(text);
        if (!needles.mayMatch(text)) misses++;
        if (needles.arePlain(bytes, 0, bytes.length))
          expect([text, needles.mayMatch(text)]).toEqual([text, false]);
        if (!hint.test(text)) return;
        matches++;
        expect([text, needles.mayMatch(text)]).toEqual([text, true]);
      }),
      { seed: SEED, numRuns: 30_000 },
    );
    expect(Math.min(matches, misses)).toBeGreaterThan(2_000);
  });

  it('let every text through to the rules when a key of the user cannot be looked for', () => {
    for (const key of ['', 'пароль'])
      expect(new Needles(['token', key]).mayMatch('nothing of the kind')).toBe(true);
    expect(new Needles(['token']).mayMatch('nothing of the kind')).toBe(false);
  });

  it('are not in text with thirteen digits that are not one number, and in text with one', () => {
    expect(needles.mayMatch('took 123456 of 1234567 and 12:34:56.123456')).toBe(false);
    expect(needles.mayMatch('paid 4111 1111-1111 1')).toBe(true);
  });
});
