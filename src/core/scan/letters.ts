// Runs of ASCII letters and underscores, four bytes at a time.

const HIGH_BITS = 0x80808080 | 0;
const LOW_BITS = 0x7f7f7f7f;
const SMALL = 0x20202020;
/** Added to seven bits of each byte, it sets the eighth of those from `a` on. */
const FROM_A = 0x1f1f1f1f;
/** The same for those beyond `z`. */
const BEYOND_Z = 0x05050505;
const UNDERSCORE = 95;

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

function lettersOneByOne(bytes: Uint8Array, from: number, to: number): number {
  let i = from;
  while (i < to && (((bytes[i]! | 32) >= 97 && (bytes[i]! | 32) <= 122) || bytes[i] === UNDERSCORE)) i++;
  return i;
}
