// What was found of canonical lines before: the same line is not scanned again. Forgetting any of it changes no result.

import * as layout from '../kernel-layout';
import { copy } from './bytes';

const SEED_A: u64 = 0x2545f4914f6cdd1d;
const SEED_B: u64 = 0x9e3779b97f4a7c15;

let lines: u32 = 0;
let textEnd: usize = 0;
/** Of the line last looked for. */
let wanted: u64 = 0;
let free: usize = 0;

/** Address of the place of the line in `CANONICAL`, or 0. Equal hashes are not enough: bytes are compared. */
export function findKnown(length: usize): usize {
  if (length === 0 || length > <usize>layout.KNOWN_LINE_MAX) return 0;
  const hash = hashOf(length);
  let place = placeOf(<usize>hash);
  while (load<u32>(place, layout.KNOWN_LENGTH) !== 0) {
    if (
      load<u64>(place, layout.KNOWN_HASH) === hash &&
      load<u32>(place, layout.KNOWN_LENGTH) === <u32>length
    ) {
      if (isSame(load<u32>(place, layout.KNOWN_START), length)) return place;
    }
    place = placeOf((place - layout.PLACE_TABLE) / layout.PLACE_BYTES + 1);
  }
  wanted = hash;
  free = place;
  return 0;
}

function placeOf(number: usize): usize {
  return <usize>layout.PLACE_TABLE + (number & (layout.PLACES - 1)) * layout.PLACE_BYTES;
}

/** Remembers the line that `findKnown` has just not found. Everything is forgotten when it is full. */
export function addKnown(length: usize, high: u32, low: u32, kind: u32): void {
  if (length === 0 || length > <usize>layout.KNOWN_LINE_MAX) return;
  const room = (length + 15) & ~15;
  if (lines === layout.KNOWN_MAX || textEnd + room > <usize>layout.KNOWN_TEXT_BYTES) {
    memory.fill(layout.PLACE_TABLE, 0, layout.PLACES * layout.PLACE_BYTES);
    lines = 0;
    textEnd = 0;
  }
  store<u32>(free, <u32>length, layout.KNOWN_LENGTH);
  store<u32>(free, <u32>textEnd, layout.KNOWN_START);
  store<u64>(free, wanted, layout.KNOWN_HASH);
  store<u32>(free, high, layout.KNOWN_HIGH);
  store<u32>(free, low, layout.KNOWN_LOW);
  store<u32>(free, kind, layout.KNOWN_KIND);
  copy(layout.CANONICAL, <usize>layout.CANONICAL + room, <usize>layout.KNOWN_TEXT + textEnd);
  textEnd += room;
  lines++;
}

/** Sixteen bytes a step; behind a line in hand and behind a known one there are zeros. */
function isSame(start: usize, length: usize): bool {
  for (let i: usize = 0; i < length; i += 16) {
    const known = v128.load(start + i, layout.KNOWN_TEXT);
    if (v128.any_true(v128.xor(known, v128.load(i, layout.CANONICAL)))) return false;
  }
  return true;
}

/** Two lanes, so that one multiplication need not wait for the other. */
function hashOf(length: usize): u64 {
  let a = SEED_A ^ <u64>length;
  let b = SEED_B;
  for (let i: usize = 0; i < length; i += 16) {
    a = (a ^ load<u64>(i, layout.CANONICAL)) * 0xff51afd7ed558ccd;
    b = (b ^ load<u64>(i, layout.CANONICAL + 8)) * 0xc4ceb9fe1a85ec53;
    a ^= a >> 32;
    b ^= b >> 29;
  }
  a ^= rotl<u64>(b, 23);
  a *= 0x9fb21c651e98df25;
  return a ^ (a >> 28);
}
