import { SINCE_MINUTE } from './cusum.ts';
import { type Numbers, newNumbers } from './numbers.ts';
import { DISPERSION, DOWN, FOLD, RATE_NUMBERS, RECENT, SPARSE, SURGE, UP } from './rate-places.ts';
import { FALL_SUM, RISE_SUM } from './recent.ts';

/** The minute since which most sums run: those at rest began together. */
const SINCE = FOLD;
/** A bit for each number that may be left out; set = it is there. */
const MASKS = FOLD + 1;
const MASK_BITS = 32;

/** Folded numbers have room for a multiple of so many, so that they seldom need more. */
const ROOM = 4;

/** Where the minutes stand since which sums run. */
const SINCES = [UP, DOWN, SPARSE, SURGE, RECENT + FALL_SUM, RECENT + RISE_SUM].map(
  (sum) => sum + SINCE_MINUTE,
);

/**
 * The numbers of a series as they are kept between its minutes. Sums at rest, arms that are not in use and spreads that
 * nothing is known of are zeros, two thirds of the numbers of a young series and a third of an old one's: they are left out.
 * Uses up `whole`; the result is in `room` where that is about as large as it must be.
 */
export function foldNumbers(whole: Numbers, room: Numbers | null): Numbers {
  const since = whole[UP + SINCE_MINUTE]!;
  whole[SINCE] = since;
  for (let i = 0; i < SINCES.length; i++) whole[SINCES[i]!]! -= since;
  let end = DISPERSION;
  for (let from = DISPERSION, mask = MASKS; from < RATE_NUMBERS; from += MASK_BITS, mask++) {
    const until = Math.min(from + MASK_BITS, RATE_NUMBERS);
    let bits = 0;
    for (let i = from; i < until; i++) {
      const value = whole[i]!;
      if (value === 0) continue;
      bits |= 1 << (i - from);
      whole[end++] = value;
    }
    whole[mask] = bits >>> 0;
  }
  const folded = room !== null && fits(end, room) ? room : newNumbers(Math.ceil(end / ROOM) * ROOM);
  for (let i = 0; i < end; i++) folded[i] = whole[i]!;
  return folded;
}

/** The opposite; writes all numbers of `whole`. */
export function unfoldNumbers(folded: Numbers, whole: Numbers): Numbers {
  for (let i = 0; i < DISPERSION; i++) whole[i] = folded[i]!;
  for (let i = DISPERSION; i < RATE_NUMBERS; i++) whole[i] = 0;
  let at = DISPERSION;
  for (let from = DISPERSION, mask = MASKS; from < RATE_NUMBERS; from += MASK_BITS, mask++) {
    for (let bits = folded[mask]! | 0; bits !== 0; bits &= bits - 1)
      whole[from + MASK_BITS - 1 - Math.clz32(bits & -bits)] = folded[at++]!;
  }
  const since = folded[SINCE]!;
  for (let i = 0; i < SINCES.length; i++) whole[SINCES[i]!]! += since;
  return whole;
}

/** How many of the folded numbers are in use; behind them is room. */
export function foldedLength(folded: Numbers): number {
  let length = DISPERSION;
  for (let from = DISPERSION, mask = MASKS; from < RATE_NUMBERS; from += MASK_BITS, mask++)
    for (let bits = folded[mask]! | 0; bits !== 0; bits &= bits - 1) length++;
  return length;
}

/** Large enough, and giving back what is too much would not be worth a copy. */
function fits(length: number, { length: room }: Numbers): boolean {
  return length <= room && length > room - 2 * ROOM;
}
