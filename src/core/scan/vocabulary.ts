// The few words that mean something to the scanner, found by the hash that a token has anyway.
import { TokenBuffer, WORD } from './tokens.ts';

export const NO_MEANING = 0;
/** `true`, `false`: always a value. */
export const BOOLEAN = 1;
/** `null`, `None`: a value after `=` or `:`. */
export const NULL = 2;
export const MONTH = 3;
export const WEEKDAY = 4;
/** A unit that may stand apart from its number: `1.16 KB`. */
export const UNIT = 5;
/** `bytes (1.2 KB)`: the same amount said twice. */
export const BYTES = 6;
/** A time zone's abbreviation: part of the time in front of it. */
export const ZONE = 7;

const WORDS: readonly (readonly [meaning: number, words: string])[] = [
  [BOOLEAN, 'true false True False TRUE FALSE'],
  [NULL, 'null none nil None NULL nullptr undefined'],
  [MONTH, 'jan feb mar apr may jun jul aug sep sept oct nov dec'],
  [MONTH, 'january february march april june july august september october november december'],
  [WEEKDAY, 'mon tue wed thu fri sat sun'],
  [WEEKDAY, 'monday tuesday wednesday thursday friday saturday sunday'],
  [UNIT, 'B KB MB GB TB KiB MiB GiB TiB kB ms us ns sec secs s min hrs Hz kHz MHz GHz'],
  [BYTES, 'bytes byte Bytes octets'],
  [ZONE, 'UTC GMT PST PDT MST MDT CST CDT EST EDT CET CEST EET EEST BST IST JST AEST AEDT'],
];

/** Longest word in the table, in bytes. */
export const LONGEST_WORD = 9;
const TABLE_SIZE = 1024;

/** Meaning of a constant by its hashes. Immutable once built. */
export class Vocabulary {
  private readonly hashes = new Int32Array(TABLE_SIZE * 2);
  /** Bit n is set for the first byte of a word of n bytes. */
  private readonly lengths = new Uint16Array(256);
  private readonly meanings = new Uint8Array(TABLE_SIZE);

  constructor() {
    for (const [meaning, words] of WORDS) {
      for (const word of words.split(' ')) {
        this.add(word, meaning);
        if (meaning !== MONTH && meaning !== WEEKDAY) continue;
        this.add(word[0]!.toUpperCase() + word.slice(1), meaning);
        this.add(word.toUpperCase(), meaning);
      }
    }
  }

  /** Cheap test before `meaningOf`: false for most words, by first byte and length alone. */
  mayMean(firstByte: number, length: number): boolean {
    return (this.lengths[firstByte]! & (1 << length)) !== 0;
  }

  meaningOf(hashA: number, hashB: number): number {
    let at = hashA & (TABLE_SIZE - 1);
    while (this.meanings[at] !== NO_MEANING) {
      if (this.hashes[at * 2] === hashA && this.hashes[at * 2 + 1] === hashB) return this.meanings[at]!;
      at = (at + 1) & (TABLE_SIZE - 1);
    }
    return NO_MEANING;
  }

  private add(word: string, meaning: number): void {
    const token = new TokenBuffer(1);
    const bytes = new TextEncoder().encode(word);
    token.constant(bytes, 0, bytes.length, WORD, 0);
    this.lengths[bytes[0]!]! |= 1 << bytes.length;
    let at = token.hashA[0]! & (TABLE_SIZE - 1);
    while (this.meanings[at] !== NO_MEANING) at = (at + 1) & (TABLE_SIZE - 1);
    this.hashes[at * 2] = token.hashA[0]!;
    this.hashes[at * 2 + 1] = token.hashB[0]!;
    this.meanings[at] = meaning;
  }
}
