import { describe, expect, it } from 'vitest';
import type { Element } from '../../../src/core/mine/elements.ts';
import { isVariable, lookOf } from '../../../src/core/mine/evidence.ts';

function word(text: string): Element {
  return { text, type: '', kind: 'word', spaced: true };
}

function punctuation(text: string): Element {
  return { text, type: '', kind: 'punctuation', spaced: false };
}

/** Fewest of `values` that make the place behind `before` a variable; 0 = all of them are not enough. */
function needed(values: readonly string[], before: Element[] = [word('the')], after: Element[] = []): number {
  const form = [word('about'), ...before, word(values[0]!), ...after];
  for (let n = 1; n <= values.length; n++) {
    const some = new Map(values.slice(0, n).map((value) => [value, word(value)]));
    if (isVariable(some, form, before.length + 1, false, 3, 1)) return n;
  }
  return 0;
}

describe('evidence', () => {
  it('tells what words look like', () => {
    const check = (text: string, look: string) => expect(lookOf(word(text)), text).toBe(look);
    check('lobby', 'plain');
    check('Lobby', 'plain');
    check('eth0', 'weak');
    check('com.example.Lobby', 'identifier');
    check('PacketResponder', 'identifier');
    check('LOOKING', 'upper');
    check('opened', 'verb');
    check('closing', 'verb');
    check('red', 'plain');
    check('naïve', 'identifier');
  });

  it('asks for the more values the more they look like words with a meaning', () => {
    const letters = 'abcdefghijklm';
    const many = (make: (letter: string) => string) => [...letters].map(make);
    expect(needed(many((c) => `com.${c}.Main`))).toBe(3);
    expect(needed(many((c) => `${c}th0`))).toBe(4);
    expect(needed(many((c) => `${c}orange`))).toBe(5);
    expect(needed(many((c) => `STATE${c.toUpperCase()}`))).toBe(8);
    expect(needed(many((c) => `${c}opened`))).toBe(12);
  });

  it('asks for two where the line says that a value follows', () => {
    const verbs = ['opened', 'closed', 'failed'];
    expect(needed(verbs, [word('state'), punctuation('=')])).toBe(2);
    expect(needed(verbs, [word('user')])).toBe(2);
    expect(needed(['a', 'b', 'c'], [word('state'), punctuation(':')], [punctuation(']')])).toBe(2);
    expect(needed(verbs, [word('state'), punctuation(':')], [punctuation(']')])).toBe(0);
    expect(needed(['a', 'b', 'c'], [punctuation('"')], [punctuation('"')])).toBe(3);
  });

  it('takes a value already masked elsewhere for three', () => {
    const slot: Element = { text: '', type: 'num', kind: 'slot', spaced: true };
    const form = [word('about'), word('the'), slot];
    const values = (...words: string[]) => new Map([['', slot], ...words.map((w) => [w, word(w)] as const)]);
    expect(isVariable(values('one'), form, 2, false, 2, 1)).toBe(false);
    expect(isVariable(values('one', 'two'), form, 2, false, 2, 1)).toBe(true);
  });

  it('lets the first word vary only in long lines of names, or with overwhelming evidence', () => {
    const names = (n: number) =>
      new Map(Array.from({ length: n }, (_, i) => [`n${i}.x`, word(`${String.fromCharCode(97 + i)}.x`)]));
    const form = [word('a.x'), word('is'), word('here')];
    expect(isVariable(names(4), form, 0, true, 5, 1)).toBe(true);
    expect(isVariable(names(4), form, 0, true, 4, 1)).toBe(false);
    expect(isVariable(names(23), form, 0, true, 2, 1)).toBe(false);
    expect(isVariable(names(24), form, 0, true, 2, 1)).toBe(true);
  });
});
