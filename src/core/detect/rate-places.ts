import { BASELINE_NUMBERS } from './baseline.ts';
import { CUSUM_NUMBERS } from './cusum.ts';
import { DISPERSION_NUMBERS } from './dispersion.ts';
import { GAPS_NUMBERS } from './gaps.ts';
import { RECENT_NUMBERS } from './recent.ts';

// Where each statistic of a series has its numbers. First what most series have and what is read at any time.
export const BASELINE = 0;
export const EXPOSURE_AT = BASELINE + BASELINE_NUMBERS;
export const OBSERVED_AT = EXPOSURE_AT + 1;
export const SEEN_AT = EXPOSURE_AT + 2;
/** The first minute, and in its last digits flags: see `RateState`. */
export const FIRST_AND_FLAGS = EXPOSURE_AT + 3;
export const LAST_MINUTE = EXPOSURE_AT + 4;
export const ACTIVE_MINUTES = EXPOSURE_AT + 5;
export const RATIO = EXPOSURE_AT + 6;
export const OCCUPIED = EXPOSURE_AT + 7;

/** What folding needs beside (see fold.ts). */
export const FOLD = OCCUPIED + 1;
export const FOLD_NUMBERS = 3;

/** From here on numbers of which many are 0, as what they tell of is seldom: folded between minutes. */
export const SELDOM = FOLD + FOLD_NUMBERS;
export const LONGEST_GAP = SELDOM;
export const DEADLINE = SELDOM + 1;
export const SILENT_AFTER = SELDOM + 2;
export const REFRACTORY_UNTIL_MS = SELDOM + 3;
export const ALARM_MINUTE = SELDOM + 4;
export const DISPERSION = SELDOM + 5;
export const UP = DISPERSION + DISPERSION_NUMBERS;
export const DOWN = UP + CUSUM_NUMBERS;
/** Minutes with a record, for rare lines: against the trebled and the tenfold rate. */
export const SPARSE = DOWN + CUSUM_NUMBERS;
export const SURGE = SPARSE + CUSUM_NUMBERS;
/** The last hour. */
export const RECENT = SURGE + CUSUM_NUMBERS;
/** Dispersion of minutes with a record, for the sparse arm. */
export const OCCUPANCY = RECENT + RECENT_NUMBERS;
export const GAPS = OCCUPANCY + DISPERSION_NUMBERS;

export const RATE_NUMBERS = GAPS + GAPS_NUMBERS;
