// Structured payloads reduce to their top-level keys: `Name(k=v, …)`, `{"k": v}`, `{'k': v}`; a list is one variable.

import * as bits from './byte-class.ts';
import { startsWith } from './bytes.ts';
import * as classes from './classes.ts';
import { closingQuote, letters } from './four-bytes.ts';
import type { DigitWords } from './line-kernel.ts';
import type { LookAhead } from './lookahead.ts';
import * as kinds from './token-kinds.ts';
import type { TokenBuffer } from './tokens.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { BYTE_CLASS } = classes;
const { DASH, DIGIT, DOT, LETTER, SPACE, WORD_CHARACTER, WORD_END } = bits;
const { PUNCTUATION, SLOT, WORD } = kinds;

/** Entries remembered of one payload; a larger one is data as a whole: one variable. */
const ENTRIES_MAX = 256;
/** A run of this many digits in a key makes the key data: an id, a port, a date. */
const DIGITS_OF_DATA = 4;

/** Keys whose value is the text of the line: it is read as a line is, since it says what happened. */
const MESSAGE_KEYS = 'msg message Message MSG event log error err reason exception'
  .split(' ')
  .map((key) => new TextEncoder().encode(key));

const MESSAGE_KEY_LENGTH_MAX = 9;
/** 1 for the first byte of any of them: most keys are ruled out by this. */
const BEGINS_MESSAGE_KEY = Uint8Array.from({ length: 256 }, (_, c) =>
  MESSAGE_KEYS.some((key) => key[0] === c) ? 1 : 0,
);

/** Appends the tokens of a stretch of text. */
export interface TextReader {
  readText(from: number, to: number): void;
}

/** Reads one bracketed payload and appends its tokens. Fields are scratch of the payload in hand. */
export class PayloadReader {
  private readonly lookAhead: LookAhead;
  private readonly texts: TextReader;
  private readonly words: DigitWords;
  /** Start of each entry; the last element is the end of the last entry. */
  private readonly cuts = new Int32Array(ENTRIES_MAX + 1);
  private entries = 0;
  private commas = 0;
  private pairs = 0;
  private wordsMax = 0;
  private close = 0;
  /** Pairs inside the first level's brackets. */
  private nested = 0;
  /** The first thing is quoted, so that quotes may hide brackets and commas. */
  private quoted = false;
  /** The keys are quoted: JSON, a Python dict. */
  private keyed = false;
  /** Union of the classes of the key that `separator` found, but for its letters. */
  private keySeen = 0;

  constructor(lookAhead: LookAhead, texts: TextReader, words: DigitWords) {
    this.lookAhead = lookAhead;
    this.texts = texts;
    this.words = words;
  }

  /** Appends the tokens of the payload whose bracket opens at `open`; returns the byte after it, or -1 for no payload. */
  read(bytes: Uint8Array, start: number, open: number, end: number, tokens: TokenBuffer): number {
    if (this.lookAhead.exhausted) return -1;
    this.quoted = bytes[open] !== 40 && quoteAfter(bytes, open + 1, end) >= 0;
    this.keyed = this.quoted && bytes[open] === 123;
    if (!this.measure(bytes, tokens.view, open, end)) return this.lookAhead.spend(this.close - open);
    const before = tokens.count;
    const spaced = tokens.pendingSpace;
    tokens.single(open, bytes[open]!);
    const isObject = this.isObject(bytes, start, open);
    if (isObject) {
      if (!this.appendEntries(bytes, tokens)) {
        tokens.truncate(before);
        tokens.pendingSpace = spaced;
        return this.lookAhead.spend(this.close - open);
      }
    } else if (this.isList(bytes, open)) tokens.slot(open + 1, this.close);
    else {
      tokens.truncate(before);
      tokens.pendingSpace = spaced;
      return this.lookAhead.spend(this.close - open);
    }
    if (this.close >= end) return end;
    tokens.single(this.close, bytes[this.close]!);
    return this.close + 1;
  }

  /**
   * Without a comma, pairs are separated by white space and are read one by one, as outside brackets; only `Name(key=`
   * takes words for its value.
   */
  private isObject(bytes: Uint8Array, start: number, open: number): boolean {
    if (this.keyed) return true;
    if (this.pairs === 0 || this.commas + 1 > this.pairs * 3) return false;
    if (this.commas > 0 || this.wordsMax <= 1) return true;
    return this.pairs === 1 && open > start && (BYTE_CLASS[bytes[open - 1]!]! & WORD_CHARACTER) !== 0;
  }

  /** Words or quoted texts between commas; also one record alone, since `[]` and `[a, b]` are lists of records too. */
  private isList(bytes: Uint8Array, open: number): boolean {
    if (this.wordsMax > 1) return false;
    if (this.commas >= 1) return true;
    const last = this.close > open ? bytes[this.close - 1]! : 0;
    return bytes[open] === 91 && this.nested > 0 && (last === 41 || last === 125 || last === 93);
  }

  /** Finds the closing bracket (or the end of a line cut off inside) and what stands at the top level. */
  private measure(bytes: Uint8Array, view: DataView, open: number, end: number): boolean {
    const { cuts, quoted, keyed } = this;
    let depth = 0;
    let words = 0;
    let inWord = false;
    let entries = 0;
    let commas = 0;
    let pairs = 0;
    let nested = 0;
    let wordsMax = 0;
    cuts[0] = open + 1;
    let i = open;
    for (; i < end; i++) {
      const c = bytes[i]!;
      if ((BYTE_CLASS[c]! & WORD_END) === 0) {
        if (depth === 1) {
          if (!inWord) words++;
          inWord = true;
          if (words === 2 && commas === 0 && pairs === 0 && !keyed) break;
        }
        i = letters(bytes, view, i, end);
        while (i < end && (BYTE_CLASS[bytes[i]!]! & WORD_END) === 0) i++;
        i--;
      } else if (quoted && (c === 34 || c === 39)) {
        i = closingQuote(bytes, view, i, end);
        if (!inWord && depth === 1) words++;
        inWord = true;
      } else if (c === 40 || c === 91 || c === 123) {
        if (depth++ === 1 && c === 123) nested++;
        inWord = false;
      } else if (c === 41 || c === 93 || c === 125) {
        if (--depth === 0) break;
        inWord = false;
      } else if (depth !== 1) {
        if (depth === 2 && c === 61) nested++;
      } else if (c === 44) {
        commas++;
        if (entries < ENTRIES_MAX - 1) cuts[++entries] = i + 1;
        if (words > wordsMax) wordsMax = words;
        words = 0;
        inWord = false;
      } else if (c <= 32) inWord = false;
      else {
        if (c === 61 && i > open + 1 && bytes[i - 1]! > 32 && !(i + 1 < end && bytes[i + 1] === 61)) pairs++;
        if (!inWord) words++;
        inWord = true;
        if (words === 2 && commas === 0 && pairs === 0 && !keyed) break;
      }
    }
    this.close = i < end ? i : end;
    // With two words neither a list of single words nor one that begins with `key=`: its end was not looked for.
    if (i < end && depth > 0) return false;
    cuts[++entries] = this.close + 1;
    this.entries = entries;
    this.commas = commas;
    this.pairs = pairs;
    this.nested = nested;
    this.wordsMax = words > wordsMax ? words : wordsMax;
    return this.close - open >= 3;
  }

  /** Appends `key = slot` for every entry with a name; false when this is no list of `key=value` after all. */
  private appendEntries(bytes: Uint8Array, tokens: TokenBuffer): boolean {
    const first = tokens.count;
    let dataKeys = 0;
    let keys = 0;
    for (let n = 0; n < this.entries; n++) {
      const stop = this.cuts[n + 1]! - 1;
      const from = skipSpace(bytes, this.cuts[n]!, stop);
      const separator = this.separator(bytes, tokens.view, from, stop);
      const named = separator > from;
      if (!named && n === 0 && !this.keyed) return false;
      if (named) keys++;
      const isData = named && (this.keySeen & DIGIT) !== 0 && isDataKey(bytes, from, separator, this.words);
      if (isData) dataKeys++;
      if (named && !isData) this.appendEntry(bytes, tokens, n, from, separator, stop);
      else if (tokens.count > first && tokens.kind[tokens.count - 1] === SLOT)
        tokens.to[tokens.count - 1] = stop;
      else tokens.slot(from, stop);
    }
    if (keys === 0) return false;
    if (dataKeys * 2 > keys || this.entries >= ENTRIES_MAX) {
      tokens.truncate(first);
      tokens.slot(this.cuts[0]!, this.close);
    }
    return true;
  }

  private appendEntry(
    bytes: Uint8Array,
    tokens: TokenBuffer,
    n: number,
    from: number,
    separator: number,
    stop: number,
  ): void {
    if (n > 0) tokens.single(this.cuts[n]! - 1, bytes[this.cuts[n]! - 1]!);
    tokens.pendingSpace = from > this.cuts[n]! && n > 0 ? 1 : 0;
    tokens.constant(from, separator, WORD);
    tokens.single(separator, bytes[separator]!);
    const value = skipSpace(bytes, separator + 1, stop);
    tokens.pendingSpace = value > separator + 1 ? 1 : 0;
    const quote = value < stop ? bytes[value]! : 0;
    if ((quote === 34 || quote === 39) && isMessageKey(bytes, from, separator)) {
      const close = closingQuote(bytes, tokens.view, value, stop);
      tokens.single(value, quote);
      this.texts.readText(value + 1, close);
      tokens.constant(close, close + 1, PUNCTUATION);
    } else tokens.slot(value, trimSpace(bytes, value, stop));
  }

  /** Place of the `=` (or `:` where keys are quoted) behind the key at `from`; `from` itself when there is no key. */
  private separator(bytes: Uint8Array, view: DataView, from: number, stop: number): number {
    const { keyed } = this;
    let seen = 0;
    let i = from;
    if (keyed) {
      const quote = quoteAfter(bytes, from, stop);
      if (quote >= 0) {
        // Most keys are letters alone.
        i = letters(bytes, view, quote + 1, stop);
        if (i === stop || bytes[i] !== bytes[quote]) {
          i = closingQuote(bytes, view, quote, stop);
          for (let j = quote; j < i; j++) seen |= BYTE_CLASS[bytes[j]!]!;
        }
        i = Math.min(i + 1, stop);
      }
    }
    i = letters(bytes, view, i, stop);
    for (; i < stop; i++) {
      const c = bytes[i]!;
      if (c === 61 || (keyed && c === 58)) {
        this.keySeen = seen;
        return i;
      }
      const is = BYTE_CLASS[c]!;
      seen |= is;
      if ((is & (WORD_CHARACTER | DOT | DASH)) === 0 && c !== 34 && c !== 91 && c !== 93) return from;
    }
    return from;
  }
}

/** The key `[from, to)`, with or without quotes, names the text of the line. */
export function isMessageKey(bytes: Uint8Array, from: number, to: number): boolean {
  let start = from;
  let end = trimSpace(bytes, from, to);
  const quote = quoteAfter(bytes, from, end);
  if (quote >= 0 && end - quote > 2) {
    start = quote + 1;
    end--;
  }
  if (end - start > MESSAGE_KEY_LENGTH_MAX || BEGINS_MESSAGE_KEY[bytes[start]!] === 0) return false;
  for (let i = 0; i < MESSAGE_KEYS.length; i++) {
    const key = MESSAGE_KEYS[i]!;
    if (key.length === end - start && startsWith(bytes, start, end, key)) return true;
  }
  return false;
}

/** Offset of a quote at `at`, over blanks and a `u` or `b` prefix as in Python's `{u'k': 1}`; -1 when there is none. */
function quoteAfter(bytes: Uint8Array, at: number, end: number): number {
  let i = skipSpace(bytes, at, end);
  if (bytes[i] === 117 || bytes[i] === 98) i++;
  return i < end && (bytes[i] === 34 || bytes[i] === 39) ? i : -1;
}

/** A key that is an id, a number or a date itself, with or without quotes. */
function isDataKey(bytes: Uint8Array, from: number, to: number, words: DigitWords): boolean {
  let start = from;
  let end = trimSpace(bytes, from, to);
  const quote = quoteAfter(bytes, from, end);
  if (quote >= 0 && end - quote > 2) {
    start = quote + 1;
    end--;
  }
  let run = 0;
  let seen = 0;
  for (let i = start; i < end; i++) {
    const is = BYTE_CLASS[bytes[i]!]!;
    seen |= is;
    run = (is & DIGIT) !== 0 ? run + 1 : 0;
    if (run >= DIGITS_OF_DATA) return true;
  }
  return (seen & DIGIT) !== 0 && ((seen & LETTER) === 0 || words.classifyDigits(start, end, seen) === SLOT);
}

function skipSpace(bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  while (i < to && (BYTE_CLASS[bytes[i]!]! & SPACE) !== 0) i++;
  return i;
}

function trimSpace(bytes: Uint8Array, from: number, to: number): number {
  let i = to;
  while (i > from && (BYTE_CLASS[bytes[i - 1]!]! & SPACE) !== 0) i--;
  return i;
}
