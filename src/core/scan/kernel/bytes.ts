// Small questions about bytes in memory, by address.
import { DIGIT } from '../byte-class';
import { CLASS_TABLE, HEX, MARK_TABLE } from '../kernel-layout';

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

export function isDigit(at: usize): bool {
  return (classAt(at) & DIGIT) !== 0;
}

/** True when the byte at `at` has this mark. */
export function has(mark: u32, at: usize): bool {
  return (<u32>load<u8>(<usize>load<u8>(at), MARK_TABLE) & mark) !== 0;
}

export function isHex(from: usize, to: usize): bool {
  for (let i = from; i < to; i++) if (!has(HEX, i)) return false;
  return to > from;
}

/** A UUID at `from`; the caller has checked that 36 bytes are there. */
export function isUuid(from: usize): bool {
  const dashes =
    load<u8>(from, 8) === 45 &&
    load<u8>(from, 13) === 45 &&
    load<u8>(from, 18) === 45 &&
    load<u8>(from, 23) === 45;
  return (
    dashes &&
    isHex(from, from + 8) &&
    isHex(from + 9, from + 13) &&
    isHex(from + 14, from + 18) &&
    isHex(from + 19, from + 23) &&
    isHex(from + 24, from + 36)
  );
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
