import { dispersionGuess, dispersionMax } from './dispersion.ts';
import { gapDispersion } from './gaps.ts';
import { DISPERSION, GAPS, RECENT } from './rate-places.ts';
import type { RateState } from './rate-state.ts';
import { RECENT_SPREAD } from './recent.ts';
import type { SeriesClock } from './series.ts';

/** What the counts of a series vary by, as far as it is known: worked out once for all tests of a minute. */
export interface Spread {
  /** Sums of minutes around the long baseline. */
  readonly long: number;
  /** Around the level of the last hour; bursts show up to a quarter of an hour, what is slower moves the level. */
  readonly recent: number;
  /** The waits between bursts: for falls and silences. */
  readonly gaps: number;
}

export function spreadOf(rate: RateState, clock: SeriesClock): Spread {
  const { numbers, perMinute } = rate;
  return {
    long: dispersionMax(numbers, DISPERSION, clock.prior),
    recent: dispersionGuess(numbers, RECENT + RECENT_SPREAD, 1, clock.prior),
    gaps: gapDispersion(numbers, GAPS, perMinute),
  };
}
