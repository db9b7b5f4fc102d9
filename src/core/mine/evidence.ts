// How many distinct values at one place of otherwise equal lines make that place a variable.
import type { Element } from './elements.ts';

/**
 * Thresholds by what the values look like. Two or three plain words at a place usually mean different things (begin and
 * end, failed and succeeded), so a word needs more evidence than an identifier. Measured with the accuracy benchmark:
 * the same threshold of 2 for all, as a similarity tree has it, costs .16 of grouping accuracy.
 */
const DISTINCT_IDENTIFIERS = 3;
/** Letters with one or two digits: `eth0`, `worker3`. */
const DISTINCT_WEAK = 4;
const DISTINCT_PLAIN = 5;
/** States and commands are written in capitals: `LOOKING`, `LEADING`. */
const DISTINCT_UPPER = 8;
/** The same in `[key: VALUE]`, where the line says that it is a value. */
const DISTINCT_UPPER_VALUES = 4;
/** `-ed` and `-ing` words say what happened: `opened`, `closing`. */
const DISTINCT_VERBS = 12;
/** Right behind `=`, in `[key: value]`, and behind words such as `user`: the line itself says that a value follows. */
const DISTINCT_VALUES = 2;
const DISTINCT_QUOTED = 3;
/** The first word says what a line is about; only overwhelming evidence makes it a variable. */
const DISTINCT_FIRST = 24;
/** The first word of a long line that is equal otherwise and whose values look like names of things. */
const DISTINCT_FIRST_LONG = 4;
const LONG_LINE_WORDS = 5;
/** What a value already masked elsewhere counts: it was seen to vary. */
const DISTINCT_OF_SLOT = 3;
/** Words that announce a name. */
const ANNOUNCING = new Set(
  'user username users account login host hostname file filename folder directory named called'.split(' '),
);

type Look = 'identifier' | 'weak' | 'plain' | 'upper' | 'verb';

/** True when `values` (slots count as seen to vary) are enough to make place `at` of the form a variable. */
export function isVariable(
  values: ReadonlyMap<string, Element>,
  form: readonly Element[],
  at: number,
  isFirst: boolean,
  equalWords: number,
  differences: number,
): boolean {
  const looks = new Set<Look>();
  let seen = 0;
  for (const value of values.values()) {
    if (value.kind === 'slot') {
      seen += DISTINCT_OF_SLOT;
      continue;
    }
    seen++;
    looks.add(lookOf(value));
  }
  return seen >= distinctNeeded(looks, form, at, isFirst, equalWords, differences);
}

function distinctNeeded(
  looks: ReadonlySet<Look>,
  form: readonly Element[],
  at: number,
  isFirst: boolean,
  equalWords: number,
  differences: number,
): number {
  if (isFirst) {
    const isWord = looks.has('plain') || looks.has('upper') || looks.has('verb');
    return !isWord && equalWords >= LONG_LINE_WORDS && differences === 1
      ? DISTINCT_FIRST_LONG
      : DISTINCT_FIRST;
  }
  const before = form[at - 1];
  const after = form[at + 1];
  if (before?.text === '=') return DISTINCT_VALUES;
  if (
    before?.text === ':' &&
    after !== undefined &&
    '])},'.includes(after.text) &&
    after.kind === 'punctuation'
  ) {
    if (!looks.has('verb')) return looks.has('upper') ? DISTINCT_UPPER_VALUES : DISTINCT_VALUES;
  }
  if (before !== undefined && ANNOUNCING.has(before.text.toLowerCase())) return DISTINCT_VALUES;
  if ((before?.text === '"' || before?.text === "'") && after?.text === before.text) return DISTINCT_QUOTED;
  if (looks.has('verb')) return DISTINCT_VERBS;
  if (looks.has('plain')) return DISTINCT_PLAIN;
  if (looks.has('upper')) return DISTINCT_UPPER;
  return looks.has('weak') ? DISTINCT_WEAK : DISTINCT_IDENTIFIERS;
}

/** Lexical class of a constant. */
export function lookOf(element: Element): Look {
  const { text } = element;
  if (element.kind === 'quoted') return 'identifier';
  if (/\d/.test(text)) return /^[^\d]+\d{1,2}$|^\D{2,}\d\D*$|^\D+\d\D+$/.test(text) ? 'weak' : 'identifier';
  if (/^[A-Z_-]{2,}$/.test(text)) return 'upper';
  if (!/^[A-Z]?[a-z]*$/.test(text)) return 'identifier';
  return text.length > 4 && /(ed|ing)$/.test(text) ? 'verb' : 'plain';
}
