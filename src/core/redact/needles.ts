/** Digits of the shortest payment card, with single blanks or dashes between them. */
const CARD_DIGITS_MIN = 13;

const ALPHABET = 128;
/** Bounds the automaton, which has at most one state for each character of a needle. */
const STATES_MAX = 8_192;
/** Below this are control bytes, tab aside: text that holds one is looked at more closely. */
const FIRST_PLAIN = 9;
const ZERO = 48;
const NINE = 57;
const BLANK = 32;
const DASH = 45;

/**
 * Looks for the needles of all rules at once, one step per character (Aho and Corasick, "Efficient string matching",
 * 1975), and for the digits of a card. Text without any of them holds nothing to redact, and most text has none.
 */
export class Needles {
  /** Next state by state × 128 + character; -1 = a needle ends here. */
  readonly #next: Int16Array;

  /** Needles are found in any case. With one that is not ASCII, or with very many, every text may match. */
  constructor(needles: readonly string[]) {
    const length = needles.reduce((sum, needle) => sum + needle.length, 0);
    const isUsual = length < STATES_MAX && needles.every((needle) => /^[\0-\x7f]+$/.test(needle));
    this.#next = automaton(isUsual ? needles.map((needle) => needle.toLowerCase()) : ['']);
  }

  /** False: no rule can match in the text. */
  mayMatch(text: string): boolean {
    const next = this.#next;
    let state = 0;
    let digits = 0;
    let gap = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      state = code < ALPHABET ? next[state * ALPHABET + code]! : 0;
      if (state < 0) return true;
      if (code >= ZERO && code <= NINE) {
        gap = 0;
        if (++digits === CARD_DIGITS_MIN) return true;
      } else if (digits > 0 && !((code === BLANK || code === DASH) && ++gap === 1)) digits = 0;
    }
    return false;
  }

  /** True: the bytes are ASCII without control characters, and no rule can match in them. */
  arePlain(bytes: Uint8Array, start: number, end: number): boolean {
    const next = this.#next;
    let state = 0;
    let digits = 0;
    let gap = 0;
    for (let i = start; i < end; i++) {
      const code = bytes[i]!;
      if (code >= ALPHABET || code < FIRST_PLAIN) return false;
      state = next[state * ALPHABET + code]!;
      if (state < 0) return false;
      if (code >= ZERO && code <= NINE) {
        gap = 0;
        if (++digits === CARD_DIGITS_MIN) return false;
      } else if (digits > 0 && !((code === BLANK || code === DASH) && ++gap === 1)) digits = 0;
    }
    return true;
  }
}

/** The automaton of some words of lower case; a letter of upper case goes the way of its lower one. */
function automaton(words: readonly string[]): Int16Array {
  const children: Map<number, number>[] = [new Map()];
  const isEnd: boolean[] = [false];
  for (const word of words) {
    let state = 0;
    for (let i = 0; i < word.length; i++) {
      let child = children[state]!.get(word.charCodeAt(i));
      if (child === undefined) {
        child = children.length;
        children.push(new Map());
        isEnd.push(false);
        children[state]!.set(word.charCodeAt(i), child);
      }
      state = child;
    }
    isEnd[state] = true;
  }
  const next = new Int16Array(children.length * ALPHABET);
  const fallback = new Int16Array(children.length);
  const queue: number[] = [0];
  for (let at = 0; at < queue.length; at++) {
    const state = queue[at]!;
    if (isEnd[fallback[state]!]) isEnd[state] = true;
    for (let code = 0; code < ALPHABET; code++) {
      const back = state === 0 ? 0 : next[fallback[state]! * ALPHABET + code]!;
      const child = children[state]!.get(code);
      next[state * ALPHABET + code] = child ?? back;
      if (child === undefined) continue;
      fallback[child] = back;
      queue.push(child);
    }
  }
  for (let i = 0; i < next.length; i++) if (isEnd[next[i]!]) next[i] = -1;
  for (let i = 0; i < next.length; i += ALPHABET)
    for (let code = 65; code <= 90; code++) next[i + code] = next[i + code + 32]!;
  return next;
}
