import { SINCE_MINUTE } from './cusum.ts';
import { type Numbers, newNumbers } from './numbers.ts';
import { DOWN, FOLD, LAST_MINUTE, RATE_NUMBERS, RECENT, SELDOM, SPARSE, SURGE, UP } from './rate-places.ts';
import { FALL_SUM, RISE_SUM } from './recent.ts';

/** A bit for each number from `SELDOM` on; set = it is there, behind those before it. */
const MASKS = FOLD;
const MASK_BITS = 32;

/** The same constants as this file's own: loops over imported ones take a seventh longer. */
const FIRST = SELDOM;
const END = RATE_NUMBERS;

/** Folded numbers give back what is too much by so many: less than what a sum has, which comes and goes. */
const ROOM_SPARE = 4;

/** Where the minutes stand since which sums run. */
const SINCES = [UP, DOWN, SPARSE, SURGE, RECENT + FALL_SUM, RECENT + RISE_SUM].map(
  (sum) => sum + SINCE_MINUTE,
);

/**
 * The numbers of a series as they are kept between its minutes. Sums at rest, arms that are not in use and spreads that
 * nothing is known of are zeros, three quarters of the numbers of a young series and a third of an old one's: they are left out.
 * Uses up `whole`; the result is in `room` where that is about as large as it must be.
 */
export function foldNumbers(whole: Numbers, room: Numbers | null): Numbers {
  const since = restsSince(whole);
  for (let i = 0; i < SINCES.length; i++) whole[SINCES[i]!]! -= since;
  let end = FIRST;
  for (let from = FIRST, mask = MASKS; from < END; from += MASK_BITS, mask++) {
    const until = Math.min(from + MASK_BITS, END);
    let bits = 0;
    for (let i = from; i < until; i++) {
      const value = whole[i]!;
      if (value === 0) continue;
      bits |= 1 << (i - from);
      whole[end++] = value;
    }
    whole[mask] = bits >>> 0;
  }
  const folded = room !== null && fits(end, room) ? room : newNumbers(end);
  for (let i = 0; i < end; i++) folded[i] = whole[i]!;
  for (let i = end; i < folded.length; i++) folded[i] = 0;
  return folded;
}

/** The opposite; writes all numbers of `whole`. */
export function unfoldNumbers(folded: Numbers, whole: Numbers): Numbers {
  for (let i = 0; i < FIRST; i++) whole[i] = folded[i]!;
  for (let i = FIRST; i < END; i++) whole[i] = 0;
  let at = FIRST;
  for (let from = FIRST, mask = MASKS; from < END; from += MASK_BITS, mask++) {
    for (let bits = folded[mask]! | 0; bits !== 0; bits &= bits - 1)
      whole[from + MASK_BITS - 1 - Math.clz32(bits & -bits)] = folded[at++]!;
  }
  const since = restsSince(whole);
  for (let i = 0; i < SINCES.length; i++) whole[SINCES[i]!]! += since;
  return whole;
}

/** One of the numbers, which must be among the first `MASK_BITS` from `SELDOM` on, without unfolding them. */
export function foldedNumber(folded: Numbers, place: number): number {
  const mask = folded[MASKS]! | 0;
  const bit = 1 << (place - FIRST);
  if ((mask & bit) === 0) return 0;
  let at = FIRST;
  for (let bits = mask & (bit - 1); bits !== 0; bits &= bits - 1) at++;
  return folded[at]!;
}

/** How many of the folded numbers are in use; behind them is room, which is zeros as none of them from `SELDOM` on is. */
export function foldedLength(folded: Numbers): number {
  let { length } = folded;
  while (length > FIRST && folded[length - 1] === 0) length--;
  return length;
}

/** The minute since which a sum at rest runs, if it was judged with the last record. */
function restsSince(whole: Numbers): number {
  return whole[LAST_MINUTE]! + 1;
}

/** Large enough, and giving back what is too much would not be worth a copy. */
function fits(length: number, { length: room }: Numbers): boolean {
  return length <= room && length > room - ROOM_SPARE;
}
