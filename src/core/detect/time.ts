/** Rate tests sum buckets into minutes of event time. */
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
export const MINUTES_PER_DAY = 1440;

/** Longer without any bucket than this is missing data (an outage of the input), shorter is zeros. */
export const GAP_MAX_MS = HOUR_MS;

/** Index of the minute of event time that holds `ms`. */
export function minuteOf(ms: number): number {
  return Math.floor(ms / MINUTE_MS);
}

/** Most series forget by the day, minute by minute. */
const MINUTE_OF_DAY = 2 ** (-1 / MINUTES_PER_DAY);

/** Factor that halves a decayed count once in `halfLife` (same unit as `elapsed`). */
export function decayFactor(elapsed: number, halfLife: number): number {
  if (elapsed === 1 && halfLife === MINUTES_PER_DAY) return MINUTE_OF_DAY;
  return elapsed <= 0 ? 1 : 2 ** (-elapsed / halfLife);
}
