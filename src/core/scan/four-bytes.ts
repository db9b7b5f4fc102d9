// Looks at four bytes at a time: runs of letters, the end of a quotation.

const HIGH_BITS = 0x80808080 | 0;
const LOW_BITS = 0x7f7f7f7f;
const SMALL = 0x20202020;
/** Added to seven bits of each byte, it sets the eighth of those from `a` on. */
const FROM_A = 0x1f1f1f1f;
/** The same for those beyond `z`. */
const BEYOND_Z = 0x05050505;
const UNDERSCORE = 95;
const BACKSLASH = 92;
const EVERY_BYTE = 0x01010101;
const BACKSLASHES = Math.imul(BACKSLASH, EVERY_BYTE);

/** End of the letters and underscores that begin at `from`. */
export function letters(bytes: Uint8Array, view: DataView, from: number, to: number): number {
  let i = from;
  const limit = bytes.length - 4;
  for (;;) {
    if (i > limit) return lettersOneByOne(bytes, i, to);
    const four = view.getInt32(i, true);
    const folded = (four | SMALL) & LOW_BITS;
    const are = ((folded + FROM_A) | 0) & ~((folded + BEYOND_Z) | 0) & ~four;
    const others = ~are & HIGH_BITS;
    if (others === 0) i += 4;
    else {
      i += (31 - Math.clz32(others & -others)) >> 3;
      if (i >= to) return to;
      if (bytes[i] !== UNDERSCORE) return i;
      i++;
    }
    if (i >= to) return to;
  }
}

/** Offset of the quote that closes the one at `at`, over escapes; `end - 1` when it is cut off. */
export function closingQuote(bytes: Uint8Array, view: DataView, at: number, end: number): number {
  const quote = bytes[at]!;
  const quotes = Math.imul(quote, EVERY_BYTE);
  const limit = bytes.length - 4;
  let i = at + 1;
  while (i < end) {
    if (i <= limit) {
      const four = view.getInt32(i, true);
      const found = zeros(four ^ quotes) | zeros(four ^ BACKSLASHES);
      if (found === 0) {
        i += 4;
        continue;
      }
      i += (31 - Math.clz32(found & -found)) >> 3;
      if (i >= end) break;
    }
    if (bytes[i] === BACKSLASH) i += 2;
    else if (bytes[i] === quote) return i;
    else i++;
  }
  return end - 1;
}

/** Sets the high bit of the lowest byte that is zero; what it says of the bytes above that one means nothing. */
function zeros(four: number): number {
  return ((four - EVERY_BYTE) | 0) & ~four & HIGH_BITS;
}

function lettersOneByOne(bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  while (i < to && (((bytes[i]! | 32) >= 97 && (bytes[i]! | 32) <= 122) || bytes[i] === UNDERSCORE)) i++;
  return i;
}
