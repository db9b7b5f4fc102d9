// What each byte is to the scanner. One table look-up a byte replaces every regular expression.

import {
  BACKSLASH,
  CUT,
  DASH,
  DELIMITER,
  DIGIT,
  DOT,
  LOWER,
  OTHER,
  PLAIN_END,
  SLASH,
  SPACE,
  UNDERSCORE,
  UPPER,
} from './byte-class.ts';

/** Bytes that stand on their own. `_ . - / + $ %` are not among them: they are inside names and numbers. */
const DELIMITERS = '=:,;()[]{}<>"\'|@#&!?*`';

/** Class of every byte value. Shared and never written to. */
export const BYTE_CLASS: Uint16Array = buildByteClasses();

/** 1 for 0–9, a–f, A–F. */
export const IS_HEX: Uint8Array = buildHex();

function buildByteClasses(): Uint16Array {
  const classes = new Uint16Array(256).fill(OTHER);
  for (let c = 0; c <= 32; c++) classes[c] = SPACE;
  classes[127] = SPACE;
  for (let c = 48; c <= 57; c++) classes[c] = DIGIT;
  for (let c = 65; c <= 90; c++) classes[c] = UPPER;
  for (let c = 97; c <= 122; c++) classes[c] = LOWER;
  classes[46] = DOT;
  classes[45] = DASH;
  classes[95] = UNDERSCORE;
  classes[47] = SLASH;
  classes[92] = BACKSLASH;
  for (const c of '+$%') classes[c.charCodeAt(0)] = CUT;
  for (const c of DELIMITERS) classes[c.charCodeAt(0)] = DELIMITER;
  for (const c of ',;)]}=') classes[c.charCodeAt(0)]! |= PLAIN_END;
  for (let c = 0; c < 256; c++) if ((classes[c]! & SPACE) !== 0) classes[c]! |= PLAIN_END;
  return classes;
}

function buildHex(): Uint8Array {
  const hex = new Uint8Array(256);
  for (const c of '0123456789abcdefABCDEF') hex[c.charCodeAt(0)] = 1;
  return hex;
}
