// The bytes of JSON strings: which stand for themselves, what escapes mean, and characters as UTF-8.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** 1 for the bytes of a string that stand for themselves: printable ASCII but quote and backslash. */
export const IS_PLAIN: Uint8Array = Uint8Array.from({ length: 256 }, (_, c) =>
  c >= 0x20 && c < 0x80 && c !== QUOTE && c !== BACKSLASH ? 1 : 0,
);

/** Value of a hex digit in either case; 255 = none. */
export const HEX_DIGITS: Uint8Array = Uint8Array.from({ length: 256 }, (_, c) => {
  const digit = Number.parseInt(String.fromCharCode(c), 16);
  return Number.isNaN(digit) ? 255 : digit;
});

/** What stands behind a backslash, and what for; 0 = none. */
export const ESCAPES: Uint8Array = escapes();

/**
 * All four bytes are plain. A byte below 0x20, a quote or a backslash sets its own highest bit in one of the terms, and
 * the borrow of a subtraction can only take more words for not plain ("Bit Twiddling Hacks", S. E. Anderson, zero byte).
 */
export function isPlainWord(word: number): boolean {
  const quote = word ^ 0x22222222;
  const backslash = word ^ 0x5c5c5c5c;
  const bits =
    word | (word - 0x20202020) | ((quote - 0x01010101) & ~quote) | ((backslash - 0x01010101) & ~backslash);
  return (bits & 0x80808080) === 0;
}

/** Writes the character to `out[to…]` as UTF-8; returns where it ends. */
export function putCharacter(out: DataView, to: number, code: number): number {
  let at = to;
  if (code < 0x80) out.setUint8(at++, code);
  else if (code < 0x800) {
    out.setUint8(at++, 0xc0 | (code >> 6));
    out.setUint8(at++, 0x80 | (code & 63));
  } else {
    if (code < 0x10000) out.setUint8(at++, 0xe0 | (code >> 12));
    else {
      out.setUint8(at++, 0xf0 | (code >> 18));
      out.setUint8(at++, 0x80 | ((code >> 12) & 63));
    }
    out.setUint8(at++, 0x80 | ((code >> 6) & 63));
    out.setUint8(at++, 0x80 | (code & 63));
  }
  return at;
}

function escapes(): Uint8Array {
  const table = new Uint8Array(256);
  const pairs = ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t'];
  for (const pair of pairs) table[pair.charCodeAt(0)] = pair.charCodeAt(1);
  return table;
}
