// From tokens to the canonical form: runs of variables, lists and repeated blocks become one.

import * as kinds from './token-kinds.ts';
import type { TokenBuffer } from './tokens.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { PUNCTUATION, SLOT, WEAK_WORD, WORD } = kinds;

/** Longest block of tokens whose repetitions are read as one, as in `a=1 b=2, a=3 b=4`. */
const BLOCK_MAX = 8;
/** Fewest neighbours that are a list; two of them must be weak words (`sda1 sdb1 sdc1`). */
const LIST_MIN = 3;

/** Fills `tokens.key*`. Linear: one pass per reduction, and at most one per block length. */
export function reduce(bytes: Uint8Array, tokens: TokenBuffer): void {
  if (joinSlots(bytes, tokens)) {
    joinLists(tokens);
    findSlots(tokens);
  }
  if (tokens.slots < 2) return;
  const distances = slotDistances(tokens);
  if (distances === 0) return;
  for (let length = 2; length <= BLOCK_MAX; length++) {
    if ((distances & (1 << length)) !== 0 && hasBlock(tokens, length)) joinBlocks(tokens, length);
  }
}

/** Slots beside each other, or with one separator between, are one element. True when two weak words may be a list. */
function joinSlots(bytes: Uint8Array, tokens: TokenBuffer): boolean {
  const { kind, keyFirst, keyLast, slotAt, count } = tokens;
  let n = 0;
  let weak = 0;
  let slots = 0;
  // Kinds of the last two elements.
  let last = WORD;
  let beforeLast = WORD;
  for (let i = 0; i < count; i++) {
    const is = kind[i]!;
    if (is === SLOT) {
      if (last === SLOT) {
        keyLast[n - 1] = i;
        continue;
      }
      if (beforeLast === SLOT && isSeparator(bytes, tokens, keyFirst[n - 1]!)) {
        n--;
        keyLast[n - 1] = i;
        last = SLOT;
        beforeLast = n > 1 ? kind[keyFirst[n - 2]!]! : WORD;
        continue;
      }
      slotAt[slots++] = n;
    } else if (is === WEAK_WORD) weak++;
    keyFirst[n] = i;
    keyLast[n++] = i;
    beforeLast = last;
    last = is;
  }
  tokens.keyCount = n;
  tokens.slots = slots;
  return weak >= 2;
}

/** `, : . - / | # + ; _ ##` and the `x` of `640 x 480`. */
function isSeparator(bytes: Uint8Array, tokens: TokenBuffer, at: number): boolean {
  const from = tokens.from[at]!;
  const length = tokens.to[at]! - from;
  const c = bytes[from]!;
  if (length === 2) return c === 35 && bytes[from + 1] === 35;
  if (length !== 1) return false;
  if (c === 120) return true;
  if (tokens.kind[at] !== PUNCTUATION) return false;
  return (
    c === 44 ||
    c === 58 ||
    c === 46 ||
    c === 45 ||
    c === 47 ||
    c === 124 ||
    c === 35 ||
    c === 43 ||
    c === 59 ||
    c === 95
  );
}

/** Three or more weak words or slots in a row, two of them weak words, are one slot. */
function joinLists(tokens: TokenBuffer): void {
  const { kind, keyFirst, keyLast } = tokens;
  const count = tokens.keyCount;
  let write = 0;
  for (let i = 0; i < count; ) {
    let stop = i;
    let weak = 0;
    while (stop < count) {
      const is = kind[keyFirst[stop]!]!;
      if (is === WEAK_WORD) weak++;
      else if (is !== SLOT) break;
      stop++;
    }
    if (stop - i >= LIST_MIN && weak >= 2) {
      const first = keyFirst[i]!;
      kind[first] = SLOT;
      tokens.hashA[first] = 0;
      tokens.hashB[first] = 0;
      keyFirst[write] = first;
      keyLast[write++] = keyLast[stop - 1]!;
      i = stop;
      continue;
    }
    stop = Math.max(stop, i + 1);
    for (; i < stop; i++) {
      keyFirst[write] = keyFirst[i]!;
      keyLast[write++] = keyLast[i]!;
    }
  }
  tokens.keyCount = write;
}

function findSlots(tokens: TokenBuffer): void {
  const { kind, keyFirst, slotAt, keyCount } = tokens;
  tokens.slots = 0;
  for (let i = 0; i < keyCount; i++) if (kind[keyFirst[i]!] === SLOT) slotAt[tokens.slots++] = i;
}

/**
 * Bit d is set when two slots stand d elements apart with the same element in front of or behind both: only then can a
 * block of length d repeat.
 */
function slotDistances(tokens: TokenBuffer): number {
  const { slotAt, slots } = tokens;
  let distances = 0;
  for (let n = 1; n < slots; n++) {
    const at = slotAt[n]!;
    for (let m = n - 1; m >= 0; m--) {
      const distance = at - slotAt[m]!;
      if (distance > BLOCK_MAX) break;
      if ((distances & (1 << distance)) !== 0) continue;
      if (isSameAt(tokens, at - 1, at - 1 - distance) || isSameAt(tokens, at + 1, at + 1 - distance))
        distances |= 1 << distance;
    }
  }
  return distances & ~3;
}

function isSameAt(tokens: TokenBuffer, i: number, j: number): boolean {
  if (j < 0 || i >= tokens.keyCount) return false;
  const { hashA, hashB, keyFirst } = tokens;
  const a = keyFirst[i]!;
  const b = keyFirst[j]!;
  return hashA[a] === hashA[b] && hashB[a] === hashB[b];
}

/** True when `length` elements in a row equal those `length` places before them. */
function hasBlock(tokens: TokenBuffer, length: number): boolean {
  const { hashA, hashB, keyFirst, keyCount } = tokens;
  let run = 0;
  for (let i = length; i < keyCount; i++) {
    const a = keyFirst[i]!;
    const b = keyFirst[i - length]!;
    if (hashA[a] !== hashA[b] || hashB[a] !== hashB[b]) run = 0;
    else if (++run === length) return true;
  }
  return false;
}

/** Drops each block of `length` elements that equals the block before it; the block's last slot grows over it. */
function joinBlocks(tokens: TokenBuffer, length: number): void {
  const { keyFirst, keyLast } = tokens;
  const count = tokens.keyCount;
  let write = Math.min(length, count);
  let read = write;
  while (read < count) {
    if (read + length <= count && isSameBlock(tokens, write - length, read, length)) {
      const slot = lastSlot(tokens, write - length, length);
      keyLast[slot] = keyLast[read + slot - (write - length)]!;
      read += length;
      continue;
    }
    keyFirst[write] = keyFirst[read]!;
    keyLast[write++] = keyLast[read++]!;
  }
  tokens.keyCount = write;
}

function isSameBlock(tokens: TokenBuffer, first: number, second: number, length: number): boolean {
  const { kind, hashA, hashB, keyFirst } = tokens;
  let slots = 0;
  let words = 0;
  for (let i = 0; i < length; i++) {
    const a = keyFirst[first + i]!;
    const b = keyFirst[second + i]!;
    if (hashA[a] !== hashA[b] || hashB[a] !== hashB[b]) return false;
    if (kind[a] === SLOT) slots++;
    else if (kind[a] !== PUNCTUATION) words++;
  }
  return slots > 0 && (words > 0 || length > 2);
}

function lastSlot(tokens: TokenBuffer, first: number, length: number): number {
  let i = first + length - 1;
  while (tokens.kind[tokens.keyFirst[i]!] !== SLOT) i--;
  return i;
}
