// Small questions about bytes in memory, by address.
import { DIGIT } from '../byte-class';
import { CLASS_TABLE, MARK_TABLE } from '../kernel-layout';

/** Digits of a UUID in its usual form, 8-4-4-4-12. */
export const UUID_LENGTH: usize = 36;

/** Class of the byte at `at`. */
export function classAt(at: usize): u32 {
  return load<u16>((<usize>load<u8>(at)) << 1, CLASS_TABLE);
}

/** Union of the classes of the bytes `[from, to)`. */
export function classesOf(from: usize, to: usize): u32 {
  let seen: u32 = 0;
  for (let i = from; i < to; i++) seen |= classAt(i);
  return seen;
}

/** As many ones as there are bytes, sixteen at most. */
export function firstBits(bytes: usize): u32 {
  return 0xffff >> (16 - min(<u32>bytes, 16));
}

/** A bit for each of sixteen bytes between `first` and `first + more`. */
export function isIn(bytes: v128, first: u8, more: u8): u32 {
  return i8x16.bitmask(i8x16.le_u(i8x16.sub(bytes, i8x16.splat(first)), i8x16.splat(more)));
}

/** A bit for each of sixteen bytes that is `c`. */
export function equalTo(bytes: v128, c: u8): u32 {
  return i8x16.bitmask(i8x16.eq(bytes, i8x16.splat(c)));
}

export function isDigit(at: usize): bool {
  return (classAt(at) & DIGIT) !== 0;
}

/** True when the byte at `at` has this mark. */
export function has(mark: u32, at: usize): bool {
  return (<u32>load<u8>(<usize>load<u8>(at), MARK_TABLE) & mark) !== 0;
}

export function isHex(from: usize, to: usize): bool {
  for (let i = from; i < to; i += 16) if ((firstBits(to - i) & ~hexIn(i)) !== 0) return false;
  return to > from;
}

/** A bit for each of the sixteen bytes at `at` that is a hexadecimal digit. */
function hexIn(at: usize): u32 {
  const bytes = v128.load(at);
  return isIn(bytes, 48, 9) | isIn(v128.or(bytes, i8x16.splat(32)), 97, 5);
}

/** A UUID at `from`; the caller has checked that 36 bytes are there. */
export function isUuid(from: usize): bool {
  if (load<u8>(from, 8) !== 45 || load<u8>(from, 13) !== 45) return false;
  if (load<u8>(from, 18) !== 45 || load<u8>(from, 23) !== 45) return false;
  // Three times sixteen bytes; the last overlap, so that none behind the UUID counts.
  const first = hexIn(from) | ((1 << 8) | (1 << 13));
  const second = hexIn(from + 16) | ((1 << 2) | (1 << 7));
  const last = hexIn(from + 20) | (1 << 3);
  return (first & second & last) === 0xffff;
}

/** True when `second` follows `first` somewhere in `[from, to)`. */
export function hasPair(from: usize, to: usize, first: u32, second: u32): bool {
  for (let i = from + 1; i < to; i++) if (load<u8>(i) === second && load<u8>(i - 1) === first) return true;
  return false;
}

/** Copies `[from, to)` to `into`; returns where it ends there. May write up to fifteen bytes more. */
export function copy(from: usize, to: usize, into: usize): usize {
  let target = into;
  for (let i = from; i < to; i += 16) {
    v128.store(target, v128.load(i));
    target += 16;
  }
  return into + (to - from);
}

/** As in `core/hash.ts`, of `length` bytes. */
export function hashBytes(from: usize, length: u32, seed: u32): u32 {
  let h = seed;
  for (let i: u32 = 0; i < length; i++) h = (h ^ load<u8>(from + i)) * 0x01000193;
  h ^= length;
  h = (h ^ (h >> 16)) * 0x85ebca6b;
  h = (h ^ (h >> 13)) * 0xc2b2ae35;
  return h ^ (h >> 16);
}
