// Masking rules of the user: literal text and classes of bytes, `ACME-<digits>`. No regular expression: a rule reads a
// line once, never back, so that no pattern can be slow.
import { WinnowError } from '../../errors.ts';
import { hashString, hex32 } from '../hash.ts';
import { DIGIT, LETTER, UNDERSCORE, WORD_CHARACTER } from './byte-class.ts';
import { BYTE_CLASS, IS_HEX } from './classes.ts';

export interface UserMask {
  readonly name: string;
  /** Begins with literal text and holds at least one of `<digits>`, `<hex>`, `<alnum>`, `<word>`. */
  readonly pattern: string;
}

/** Every word of every line that begins like a rule is tried against it: this bounds what that costs. */
export const USER_MASKS_MAX = 32;
export const PATTERN_LENGTH_MAX = 64;
/** Bytes that one class may cover; a longer run is no match. Keeps the work of a word constant. */
const RUN_MAX = 256;

const VERSION_SEED = 0x2f6b1d05;

/** Bytes of each class, one or more of which stand for it. `<word>` is `<alnum>` and the underscore. */
const CLASSES: ReadonlyMap<string, Uint8Array> = new Map([
  ['digits', bytesWhere((c) => (BYTE_CLASS[c]! & DIGIT) !== 0)],
  ['hex', IS_HEX],
  ['alnum', bytesWhere((c) => (BYTE_CLASS[c]! & (DIGIT | LETTER)) !== 0)],
  ['word', bytesWhere((c) => (BYTE_CLASS[c]! & (DIGIT | LETTER | UNDERSCORE)) !== 0)],
]);

/** A literal byte or a class of bytes. */
type Step = number | Uint8Array;

/** What is wrong with a pattern, or null. */
export function patternProblem(pattern: string): string | null {
  if (pattern.length > PATTERN_LENGTH_MAX) return `longer than ${PATTERN_LENGTH_MAX} characters`;
  if (!/^[!-~]*$/.test(pattern)) return 'only printable ASCII characters without blanks';
  const steps = parse(pattern);
  if (steps === null) return 'only <digits>, <hex>, <alnum> and <word> may stand in angle brackets';
  if (typeof steps[0] !== 'number' || (BYTE_CLASS[steps[0]]! & (LETTER | DIGIT)) === 0)
    return 'must begin with a letter or digit of its own';
  if (!steps.some((step) => typeof step !== 'number')) return 'holds no class such as <digits>';
  const isGreedy = steps.some((step, i) => {
    const next = steps[i + 1];
    if (typeof step === 'number' || next === undefined) return false;
    return typeof next !== 'number' || step[next] === 1;
  });
  return isGreedy ? 'a class must be followed by a character that it does not hold' : null;
}

/** Matches the rules at the start of a word; the first rule that fits wins. Immutable. */
export class UserMasks {
  /** Belongs to the scanner's version: other rules make other signatures. */
  readonly version: string;
  /** 1 for the first byte of any rule. */
  readonly begins: Uint8Array = new Uint8Array(256);
  private readonly rules: readonly (readonly Step[])[];

  /** Throws WINNOW_CONFIG_INVALID for a pattern that `patternProblem` objects to, or too many. */
  constructor(masks: readonly UserMask[]) {
    if (masks.length > USER_MASKS_MAX) throw invalid(`${masks.length} rules exceed ${USER_MASKS_MAX}`);
    this.rules = masks.map(({ name, pattern }) => {
      const problem = patternProblem(pattern);
      if (problem !== null) throw invalid(`rule ${name}, pattern ${pattern}: ${problem}`);
      return parse(pattern)!;
    });
    for (const [first] of this.rules) this.begins[first as number] = 1;
    const patterns = masks.map(({ pattern }) => pattern).join('\n');
    this.version = masks.length === 0 ? '' : `+${hex32(hashString(patterns, VERSION_SEED))}`;
  }

  /** End of the variable that begins at `at`, or -1. It must end where a word may end. */
  match(bytes: Uint8Array, at: number, end: number): number {
    for (let i = 0; i < this.rules.length; i++) {
      const stop = matchSteps(this.rules[i]!, bytes, at, end);
      if (stop > 0 && (stop === end || (BYTE_CLASS[bytes[stop]!]! & WORD_CHARACTER) === 0)) return stop;
    }
    return -1;
  }
}

function matchSteps(steps: readonly Step[], bytes: Uint8Array, at: number, end: number): number {
  let i = at;
  for (let n = 0; n < steps.length; n++) {
    const step = steps[n]!;
    if (i >= end) return -1;
    if (typeof step === 'number') {
      if (bytes[i] !== step) return -1;
      i++;
      continue;
    }
    const limit = Math.min(end, i + RUN_MAX);
    const from = i;
    while (i < limit && step[bytes[i]!] === 1) i++;
    if (i === from) return -1;
  }
  return i;
}

/** Null for an unknown class or a bracket that stands alone. */
function parse(pattern: string): Step[] | null {
  const steps: Step[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    if (c === '>') return null;
    if (c !== '<') {
      steps.push(c.charCodeAt(0));
      continue;
    }
    const close = pattern.indexOf('>', i);
    const bytes = CLASSES.get(pattern.slice(i + 1, Math.max(close, i + 1)));
    if (close < 0 || bytes === undefined) return null;
    steps.push(bytes);
    i = close;
  }
  return steps;
}

function bytesWhere(holds: (c: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, c) => (holds(c) ? 1 : 0));
}

function invalid(message: string): WinnowError {
  return new WinnowError('WINNOW_CONFIG_INVALID', `compile masking: ${message}`);
}
