import { Needles } from './redact/needles.ts';
import { type RedactionRule, redactionRules, secretKeyPattern } from './redact/rules.ts';

/** What a text must pass before it leaves the process: store, journal, dead letters, feeds, logs, windows. */
export interface Redactor {
  /** Idempotent: `redact(redact(x)) === redact(x)`. Linear in the text's length, which is capped. */
  redact(text: string): string;
  /** For a value whose key is known apart from it (an attribute, a parameter): a secret key hides the whole value. */
  redactValue(key: string, value: string): string;
  /** True: bytes of ASCII text that `redact` leaves alone; a look at each byte. False says nothing. */
  isPlain(bytes: Uint8Array, start: number, end: number): boolean;
  /** Replacements made so far, every rule listed, also at 0. */
  counts(): Record<string, number>;
  /** Their sum. */
  readonly replacements: number;
}

export interface RedactorOptions {
  /** False: text passes unchanged. Default true. */
  readonly enabled?: boolean;
  /** Further key names whose values are secret, e.g. `ssn`; compared without case, at the end of a key. */
  readonly extraKeys?: readonly string[];
}

/**
 * Longest text that is looked at, in UTF-16 units. A kept record is capped far below it; what is longer is cut, because
 * an unread tail could hold a secret.
 */
export const REDACT_LENGTH_MAX = 65_536;

/** Stands in for the tail of a text that was cut at `REDACT_LENGTH_MAX`. */
const CUT_MARK = '<redacted:overlong>';

/** Keys whose nature is remembered: whether a key is secret is asked for every value, and keys are few. */
const KEYS_MAX = 1_024;
/** A longer key is not remembered, UTF-16 units. */
const KEY_LENGTH_MAX = 128;

/** Passes until nothing changes. Real text needs two (the second confirms); what still changes after that is hostile. */
const PASSES_MAX = 6;

export function createRedactor(options: RedactorOptions = {}): Redactor {
  if (options.enabled === false) {
    const needles = new Needles([]);
    return {
      redact: (text) => text,
      redactValue: (_, value) => value,
      isPlain: (bytes, start, end) => needles.arePlain(bytes, start, end),
      counts: () => ({}),
      replacements: 0,
    };
  }
  return new RuleRedactor(options.extraKeys ?? []);
}

/** Applies the rule table in its order until the text no longer changes. */
class RuleRedactor implements Redactor {
  readonly #rules: readonly RedactionRule[];
  readonly #needles: Needles;
  readonly #hint: RegExp;
  readonly #secretKey: RegExp;
  /** Answers of `#secretKey`; all are forgotten when there are too many. */
  readonly #secretKeys = new Map<string, boolean>();
  readonly #counts = new Map<string, number>();
  replacements = 0;

  constructor(extraKeys: readonly string[]) {
    this.#rules = redactionRules(extraKeys);
    // Two tests decide for most text that no rule can match, the cheaper one first.
    this.#needles = new Needles(this.#rules.flatMap((rule) => rule.needles));
    this.#hint = new RegExp(this.#rules.map((rule) => rule.hint).join('|'), 'i');
    this.#secretKey = secretKeyPattern(extraKeys);
    for (const rule of this.#rules) this.#counts.set(rule.name, 0);
    this.#counts.set('overlong', 0);
    this.#counts.set('unstable', 0);
  }

  redact(text: string): string {
    if (text.length <= REDACT_LENGTH_MAX && !(this.#needles.mayMatch(text) && this.#hint.test(text)))
      return text;
    let current = text;
    for (let pass = 0; pass < PASSES_MAX; pass++) {
      const next = this.#pass(current);
      if (next === current) return current;
      current = next;
    }
    // Redacting it uncovers more to redact, again and again: built to do so. Hiding all of it keeps redact idempotent.
    this.#count('unstable');
    return '<redacted:unstable>';
  }

  redactValue(key: string, value: string): string {
    if (value === '' || !this.#isSecret(key) || /^<redacted:[a-z_]+>$/.test(value)) return this.redact(value);
    this.#count('secret');
    return '<redacted:secret>';
  }

  isPlain(bytes: Uint8Array, start: number, end: number): boolean {
    return end - start <= REDACT_LENGTH_MAX && this.#needles.arePlain(bytes, start, end);
  }

  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  #isSecret(key: string): boolean {
    const known = this.#secretKeys.get(key);
    if (known !== undefined) return known;
    const isSecret = this.#secretKey.test(key);
    if (key.length > KEY_LENGTH_MAX) return isSecret;
    if (this.#secretKeys.size === KEYS_MAX) this.#secretKeys.clear();
    this.#secretKeys.set(key, isSecret);
    return isSecret;
  }

  #pass(text: string): string {
    let current = text.length > REDACT_LENGTH_MAX ? this.#cut(text) : text;
    for (const rule of this.#rules) current = rule.apply(current, () => this.#count(rule.name));
    return current;
  }

  #cut(text: string): string {
    this.#count('overlong');
    let end = REDACT_LENGTH_MAX - CUT_MARK.length;
    const last = text.charCodeAt(end - 1);
    if (last >= 0xd800 && last <= 0xdbff) end -= 1; // never half of a surrogate pair
    return text.slice(0, end) + CUT_MARK;
  }

  #count(rule: string): void {
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1);
    this.replacements++;
  }
}
