// Finds the meaning of a notable word by the hashes that its token has anyway.

import * as meanings from './notable-words.ts';
import { spellings } from './notable-words.ts';
import * as kinds from './token-kinds.ts';
import * as buffers from './tokens.ts';
import { TokenBuffer } from './tokens.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { WORD } = kinds;
const { NOTABLE_MARKS } = buffers;
const { NO_MEANING } = meanings;

/** Slots of the open-addressed table: some eight times the words. */
const TABLE_SIZE = 1024;

/** Meaning of a constant by its hashes. Immutable once built. */
export class Vocabulary {
  private readonly hashes = new Int32Array(TABLE_SIZE * 2);
  private readonly meanings = new Uint8Array(TABLE_SIZE);

  constructor() {
    for (const [word, meaning] of spellings()) this.add(word, meaning);
  }

  meaningOf(hashA: number, hashB: number): number {
    let at = hashA & (TABLE_SIZE - 1);
    while (this.meanings[at] !== NO_MEANING) {
      if (this.hashes[at * 2] === hashA && this.hashes[at * 2 + 1] === hashB) return this.meanings[at]!;
      at = (at + 1) & (TABLE_SIZE - 1);
    }
    return NO_MEANING;
  }

  /** Marks the words, and the bounds of amounts, in a buffer, so that a line without any is known at once. */
  mark(tokens: TokenBuffer): void {
    for (const word of [...spellings().map(([spelling]) => spelling), '<', '>'])
      tokens.mayBeNotable[hashesOf(word).hashA[0]! & (NOTABLE_MARKS - 1)] = 1;
  }

  private add(word: string, meaning: number): void {
    const token = hashesOf(word);
    let at = token.hashA[0]! & (TABLE_SIZE - 1);
    while (this.meanings[at] !== NO_MEANING) at = (at + 1) & (TABLE_SIZE - 1);
    this.hashes[at * 2] = token.hashA[0]!;
    this.hashes[at * 2 + 1] = token.hashB[0]!;
    this.meanings[at] = meaning;
  }
}

/** The word as a token. */
function hashesOf(word: string): TokenBuffer {
  const token = new TokenBuffer(1);
  const bytes = new TextEncoder().encode(word);
  token.reset(bytes);
  token.constant(0, bytes.length, WORD);
  return token;
}
