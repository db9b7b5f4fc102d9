// From tokens to the canonical form: runs of variables, lists and repeated blocks become one.
import { PUNCTUATION, SLOT, type TokenBuffer, WEAK_WORD } from './tokens.ts';

/** Longest block of tokens whose repetitions are read as one, as in `a=1 b=2, a=3 b=4`. */
const BLOCK_MAX = 8;
/** Fewest neighbours that are a list; two of them must be weak words (`sda1 sdb1 sdc1`). */
const LIST_MIN = 3;

/** Fills `tokens.key*`. Linear: one pass per reduction, and at most one per block length. */
export function reduce(bytes: Uint8Array, tokens: TokenBuffer): void {
  const weak = joinSlots(bytes, tokens);
  if (weak >= 2) joinLists(tokens);
  const distances = slotDistances(tokens);
  if (distances === 0) return;
  for (let length = 2; length <= BLOCK_MAX; length++) {
    if ((distances & (1 << length)) !== 0) joinBlocks(tokens, length);
  }
}

/** Slots beside each other, or with one separator between, are one element. Returns the number of weak words. */
function joinSlots(bytes: Uint8Array, tokens: TokenBuffer): number {
  const { kind, keyFirst, keyLast } = tokens;
  let n = 0;
  let weak = 0;
  for (let i = 0; i < tokens.count; i++) {
    if (kind[i] === SLOT && n > 0) {
      if (kind[keyFirst[n - 1]!] === SLOT) {
        keyLast[n - 1] = i;
        continue;
      }
      if (n >= 2 && kind[keyFirst[n - 2]!] === SLOT && isSeparator(bytes, tokens, keyFirst[n - 1]!)) {
        n--;
        keyLast[n - 1] = i;
        continue;
      }
    } else if (kind[i] === WEAK_WORD) weak++;
    keyFirst[n] = i;
    keyLast[n++] = i;
  }
  tokens.keyCount = n;
  return weak;
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

/** Bit d is set when two slots stand d elements apart: only then can a block of length d repeat. */
function slotDistances(tokens: TokenBuffer): number {
  let distances = 0;
  let recent = 0;
  for (let i = 0; i < tokens.keyCount; i++) {
    recent <<= 1;
    if (tokens.kind[tokens.keyFirst[i]!] !== SLOT) continue;
    distances |= recent;
    recent |= 1;
  }
  return distances & ((1 << (BLOCK_MAX + 1)) - 4);
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
