// The types of the values that slots hold most often, told from their bytes without trying a list of patterns.

const DASH = 45;
const SLASH = 47;
const UUID_LENGTH = 36;
const SMALL_M = 109;
const SMALL_S = 115;
const VALUE_LENGTH_MAX = 200;

/** Kinds of bytes as bits; `OTHER` = none of the rest. */
const DIGIT = 1;
const HEX_LETTER = 2;
const LETTER = 4;
const UNDERSCORE = 8;
const PATH = 16;
const OTHER = 32;

const KINDS = Uint8Array.from({ length: 256 }, (_, code) => kindOf(code));

function kindOf(code: number): number {
  const char = String.fromCharCode(code);
  if (/[0-9]/.test(char)) return DIGIT;
  if (/[a-f]/i.test(char)) return HEX_LETTER;
  if (/[g-z]/i.test(char)) return LETTER;
  if (char === '_') return UNDERSCORE;
  return /[./-]/.test(char) ? PATH : OTHER;
}

/** What `slotType` says of the ASCII text `bytes[from, to)`, where that is quickly told; else empty. */
export function quickType(bytes: Uint8Array, from: number, to: number): string {
  const length = to - from;
  if (length === 0 || length > VALUE_LENGTH_MAX) return '';
  let seen = 0;
  for (let i = from; i < to; i++) seen |= KINDS[bytes[i]!]!;
  if ((seen & OTHER) !== 0) return '';
  const first = KINDS[bytes[from]!]!;
  if (seen === DIGIT) return 'num';
  if (length === UUID_LENGTH && (seen & ~(DIGIT | HEX_LETTER | PATH)) === 0 && isUuid(bytes, from))
    return 'uuid';
  if (first === DIGIT) return digitType(bytes, from, to, seen);
  if ((seen & PATH) !== 0) {
    const isRooted =
      bytes[from] === SLASH && length > 1 && (KINDS[bytes[from + 1]!]! & (HEX_LETTER | LETTER)) !== 0;
    return isRooted ? 'path' : '';
  }
  if ((first & (HEX_LETTER | LETTER)) === 0 || (seen & DIGIT) === 0) return '';
  if ((seen & (LETTER | UNDERSCORE)) !== 0) return 'id';
  return length >= 6 ? 'hex' : 'id';
}

/** Of a text that begins with a digit and is not all digits. */
function digitType(bytes: Uint8Array, from: number, to: number, seen: number): string {
  let letters = 0;
  for (let i = from; i < to; i++) if (KINDS[bytes[i]!] === HEX_LETTER) letters++;
  // With one letter it may be `5e3`, `10d` or `64b`.
  if ((seen & ~(DIGIT | HEX_LETTER)) === 0) return letters > 1 && to - from >= 6 ? 'hex' : '';
  return isDuration(bytes, from, to) ? 'dur' : '';
}

/** Groups of 8, 4, 4, 4 and 12 with dashes between them, of 36 digits, letters to `f`, dots, slashes and dashes. */
function isUuid(bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < UUID_LENGTH; i++) {
    const isDash = i === 8 || i === 13 || i === 18 || i === 23;
    if (isDash ? bytes[from + i] !== DASH : KINDS[bytes[from + i]!] === PATH) return false;
  }
  return true;
}

/** Digits, then `s` or `ms`. */
function isDuration(bytes: Uint8Array, from: number, to: number): boolean {
  let end = to - 1;
  if (bytes[end] !== SMALL_S) return false;
  if (bytes[end - 1] === SMALL_M) end--;
  for (let i = from; i < end; i++) if (KINDS[bytes[i]!] !== DIGIT) return false;
  return true;
}
