import { dispersionGuess, dispersionMax } from './dispersion.ts';
import { gapDispersion } from './gaps.ts';
import type { SeriesClock } from './series.ts';
import type { RateState } from './template-state.ts';

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
  const { baseline, recent } = rate;
  return {
    long: dispersionMax(rate.dispersion, clock.prior),
    recent: dispersionGuess(recent.dispersion, 1, clock.prior),
    gaps: gapDispersion(rate.gaps, baseline.a / baseline.b),
  };
}
