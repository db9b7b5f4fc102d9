// What was found of canonical lines before: the same line is not scanned again. Forgetting any of it changes no result.

import * as layout from '../kernel-layout';
import { copy } from './bytes';

const SEED_A: u64 = 0x2545f4914f6cdd1d;
const SEED_B: u64 = 0x9e3779b97f4a7c15;

/** Half of it times a power of two is `KNOWN_MAX`. */
const PLACES_FIRST: usize = 1024;

/** Steps of memory that a place can name; 0 = the place is free. The bits above are a mark: bits of the hash. */
const STEPS: u32 = layout.KNOWN_BYTES / layout.KNOWN_STEP;

/** Places in use, a power of two: few, where few lines are known, so that they stay in the cache. */
let places: usize = PLACES_FIRST;
let lines: u32 = 0;
/** The first step that is free. */
let next: u32 = 1;
/** Hash of the line last looked for. */
let wanted: u64 = 0;

/** Address of what is known of the line in `CANONICAL`, or 0. Equal hashes are not enough: bytes are compared. */
export function findKnown(length: usize): usize {
  if (length === 0 || length > <usize>layout.KNOWN_LINE_MAX) return 0;
  wanted = hashOf(layout.CANONICAL, length);
  const mark = markOf(wanted);
  let place = placeOf(<usize>wanted);
  for (let at = load<u32>(place); at !== 0; at = load<u32>(place)) {
    if ((at ^ mark) < STEPS) {
      const known = addressOf(at);
      if (load<u32>(known, layout.KNOWN_LENGTH) === <u32>length && isSame(known, length)) return known;
    }
    place = placeOf((place >> 2) + 1);
  }
  return 0;
}

/** Puts the line at step `at`, which is in no place, into the first one that is free. */
function put(hash: u64, at: u32): void {
  let place = placeOf(<usize>hash);
  while (load<u32>(place) !== 0) place = placeOf((place >> 2) + 1);
  store<u32>(place, markOf(hash) | at);
}

function placeOf(number: usize): usize {
  return <usize>layout.PLACE_TABLE + ((number & (places - 1)) << 2);
}

function markOf(hash: u64): u32 {
  return <u32>(hash >> 32) & ~(STEPS - 1);
}

function addressOf(at: u32): usize {
  return <usize>layout.KNOWN + <usize>(at & (STEPS - 1)) * layout.KNOWN_STEP;
}

/** Remembers the line that `findKnown` has just not found. True: it was full, and everything else is forgotten. */
export function addKnown(length: usize, high: u32, low: u32, kind: u32): bool {
  if (length === 0 || length > <usize>layout.KNOWN_LINE_MAX) return false;
  const steps = stepsOf(<u32>length);
  const isFull = lines === layout.KNOWN_MAX || next + steps > STEPS;
  if (isFull) {
    places = PLACES_FIRST;
    memory.fill(layout.PLACE_TABLE, 0, places << 2);
    lines = 0;
    next = 1;
  }
  put(wanted, next);
  const known = addressOf(next);
  store<u32>(known, <u32>length, layout.KNOWN_LENGTH);
  store<u32>(known, high, layout.KNOWN_HIGH);
  store<u32>(known, low, layout.KNOWN_LOW);
  store<u32>(known, kind, layout.KNOWN_KIND);
  copy(layout.CANONICAL, <usize>layout.CANONICAL + length, known + layout.KNOWN_TEXT);
  next += steps;
  if (<usize>++lines * 2 > places) spread();
  return isFull;
}

/** Twice as many places; there is room for them, as no more lines than `KNOWN_MAX` are known. */
function spread(): void {
  places *= 2;
  memory.fill(layout.PLACE_TABLE, 0, places << 2);
  for (let at: u32 = 1; at < next; ) {
    const known = addressOf(at);
    const length = load<u32>(known, layout.KNOWN_LENGTH);
    put(hashOf(known + layout.KNOWN_TEXT, length), at);
    at += stepsOf(length);
  }
}

/** Steps of memory that a line takes. */
function stepsOf(length: u32): u32 {
  return (length + layout.KNOWN_TEXT + layout.KNOWN_STEP - 1) / layout.KNOWN_STEP;
}

/** Sixteen bytes a step; behind a line in hand and behind a known one there are zeros. */
function isSame(known: usize, length: usize): bool {
  for (let i: usize = 0; i < length; i += 16) {
    const text = v128.load(known + i, layout.KNOWN_TEXT);
    if (v128.any_true(v128.xor(text, v128.load(i, layout.CANONICAL)))) return false;
  }
  return true;
}

/** Two lanes, so that one multiplication need not wait for the other. */
function hashOf(text: usize, length: usize): u64 {
  let a = SEED_A ^ <u64>length;
  let b = SEED_B;
  for (let i: usize = 0; i < length; i += 16) {
    a = (a ^ load<u64>(text + i)) * 0xff51afd7ed558ccd;
    b = (b ^ load<u64>(text + i, 8)) * 0xc4ceb9fe1a85ec53;
    a ^= a >> 32;
    b ^= b >> 29;
  }
  a ^= rotl<u64>(b, 23);
  a *= 0x9fb21c651e98df25;
  return a ^ (a >> 28);
}
