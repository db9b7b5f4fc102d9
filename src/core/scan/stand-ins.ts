// What stands for a value in a canonical line.
import { asciiBytes } from '../decode/ascii.ts';

/**
 * What stands for a value, told apart as far as a prefix, an amount or a shape tells them apart (`stand-in-kinds.ts` names
 * them in this order). Never longer than what it stands for, so that a canonical line is no longer than the line. The
 * second half is for values of `STEP` bytes and more: the letter `a` follows, up to the whole steps of the value, so that
 * long quotations stay long.
 */
const STAND_INS = [
  ...['7', '77', '7777', '777777', '77777777', '7a', '7.7s', '/7a', '7%', 'a1b2c3', '//7', '//=7', '0x7'],
  ...[
    '7',
    '77',
    '7777',
    '777777',
    '77777777',
    '7aaa',
    '7.a.',
    '/7aa',
    '/7aa',
    'a1b2c3aa',
    '//7a',
    '//=7',
    '0x7a',
  ],
] as const;

export const STAND_IN_LENGTHS: readonly number[] = STAND_INS.map((value) => value.length);
export const STAND_IN_HEADS: readonly number[] = STAND_INS.map((value) => fourBytes(value, 0));
export const STAND_IN_TAILS: readonly number[] = STAND_INS.map((value) => fourBytes(value, 4));

/** What stands for a UUID that is part of a longer word or a key. */
export const STAND_IN_UUID: Uint8Array = asciiBytes('77777777-7777-7777-7777-777777777777');

function fourBytes(text: string, at: number): number {
  let four = 0;
  for (let i = 0; i < 4 && at + i < text.length; i++) four |= text.charCodeAt(at + i) << (8 * i);
  return four;
}
