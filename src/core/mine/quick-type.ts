// The types of the values that slots hold most often, told from their bytes without trying a list of patterns.

const DASH = 45;
const SLASH = 47;
const UUID_LENGTH = 36;
const DOT = 46;
const BLANK = 32;
const PERCENT = 37;
const PARENTHESIS = 40;
const COLON = 58;
const AT = 64;
const ZERO = 48;
/** Makes a letter a small one. */
const CASE = 32;
const SMALL_B = 98;
const SMALL_M = 109;
const SMALL_S = 115;
const SMALL_X = 120;
const TRUE = new TextEncoder().encode('true');
const FALSE = new TextEncoder().encode('false');
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
  const first = KINDS[bytes[from]!]!;
  if ((seen & OTHER) !== 0) return first === DIGIT ? numberType(bytes, from, to) : urlType(bytes, from, to);
  if (seen === DIGIT) return 'num';
  if (length === UUID_LENGTH && (seen & ~(DIGIT | HEX_LETTER | PATH)) === 0 && isUuid(bytes, from))
    return 'uuid';
  if (first === DIGIT) return digitType(bytes, from, to, seen);
  if ((seen & PATH) !== 0) {
    const isRooted =
      bytes[from] === SLASH && length > 1 && (KINDS[bytes[from + 1]!]! & (HEX_LETTER | LETTER)) !== 0;
    return isRooted ? 'path' : '';
  }
  if ((seen & DIGIT) === 0)
    return isWord(bytes, from, to, TRUE) || isWord(bytes, from, to, FALSE) ? 'bool' : '';
  if ((first & (HEX_LETTER | LETTER)) === 0) return '';
  if ((seen & (LETTER | UNDERSCORE)) !== 0) return 'id';
  return length >= 6 ? 'hex' : 'id';
}

/** Of a text that begins with a digit and is not all digits. */
function digitType(bytes: Uint8Array, from: number, to: number, seen: number): string {
  let letters = 0;
  for (let i = from; i < to; i++) if (KINDS[bytes[i]!] === HEX_LETTER) letters++;
  // With one letter it may be `5e3`, `10d` or `64b`.
  if ((seen & ~(DIGIT | HEX_LETTER)) === 0) return letters > 1 && to - from >= 6 ? 'hex' : '';
  if (bytes[from + 1] === SMALL_X) return isHex(bytes, from, to) ? 'hex' : '';
  return numberType(bytes, from, to);
}

/** Of one to four numbers with dots between them, and what may stand behind: `%`, `s`, `ms`, ` MB`, or a port. */
function numberType(bytes: Uint8Array, from: number, to: number): string {
  let parts = 0;
  let longest = 0;
  let at = from;
  for (;;) {
    const begin = at;
    while (at < to && KINDS[bytes[at]!] === DIGIT) at++;
    if (at === begin) return '';
    parts++;
    longest = Math.max(longest, at - begin);
    if (at === to || bytes[at] !== DOT) break;
    at++;
  }
  if (at === to) return parts === 4 && longest <= 3 ? 'ip' : 'num';
  if (parts === 4) return isPort(bytes, at, to) ? 'endpoint' : '';
  return parts <= 2 ? unitType(bytes, at, to) : '';
}

/** A colon and two to five digits. */
function isPort(bytes: Uint8Array, at: number, to: number): boolean {
  if (bytes[at] !== COLON || to - at < 3 || to - at > 6) return false;
  for (let i = at + 1; i < to; i++) if (KINDS[bytes[i]!] !== DIGIT) return false;
  return true;
}

/** Of a number with this behind it. */
function unitType(bytes: Uint8Array, at: number, to: number): string {
  const length = to - at;
  const first = bytes[at]!;
  const last = bytes[to - 1]!;
  if (length === 1 && first === PERCENT) return 'num';
  if (last === SMALL_S) return length === 1 || (length === 2 && first === SMALL_M) ? 'dur' : '';
  const letter = first === BLANK ? at + 1 : at;
  return to - letter === 2 && (last | CASE) === SMALL_B && isThousands(bytes[letter]! | CASE) ? 'size' : '';
}

/** `k`, `m`, `g` or `t`. */
function isThousands(code: number): boolean {
  return code === 107 || code === SMALL_M || code === 103 || code === 116;
}

/** `0x` and digits. */
function isHex(bytes: Uint8Array, from: number, to: number): boolean {
  if (bytes[from] !== ZERO || to - from < 3) return false;
  for (let i = from + 2; i < to; i++) if ((KINDS[bytes[i]!]! & (DIGIT | HEX_LETTER)) === 0) return false;
  return true;
}

/** A scheme, `://`, and nothing that may make it an address of mail, a place in a file or a frame. */
function urlType(bytes: Uint8Array, from: number, to: number): string {
  let at = from;
  while (at < to && (KINDS[bytes[at]!]! & (HEX_LETTER | LETTER)) !== 0) at++;
  if (at === from || bytes[at] !== COLON || bytes[at + 1] !== SLASH || bytes[at + 2] !== SLASH) return '';
  for (let i = at + 3; i < to; i++) {
    const code = bytes[i]!;
    if (code <= BLANK || code > 126 || code === AT || code === COLON || code === PARENTHESIS) return '';
  }
  return at + 3 <= to ? 'url' : '';
}

function isWord(bytes: Uint8Array, from: number, to: number, word: Uint8Array): boolean {
  if (to - from !== word.length) return false;
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return false;
  return true;
}

/** Groups of 8, 4, 4, 4 and 12 with dashes between them, of 36 digits, letters to `f`, dots, slashes and dashes. */
function isUuid(bytes: Uint8Array, from: number): boolean {
  for (let i = 0; i < UUID_LENGTH; i++) {
    const isDash = i === 8 || i === 13 || i === 18 || i === 23;
    if (isDash ? bytes[from + i] !== DASH : KINDS[bytes[from + i]!] === PATH) return false;
  }
  return true;
}
