// When templates and signatures were seen last: what is unused for longest is forgotten first, and after a restart the same.

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Days begin at one of 256 moments, five and a half minutes apart. */
const PHASE_BITS = 8;
const PHASES = 2 ** PHASE_BITS;

/** A moment of event time. */
export interface Moment {
  /** Hours since 1970: a template is known to have been seen in one. */
  readonly hour: number;
  /** Days since 1970, and how much of the day is over, in parts of `PHASES`. */
  readonly day: number;
  readonly phase: number;
}

export function momentAt(ms: number): Moment {
  const day = Math.floor(ms / DAY_MS);
  return { hour: Math.floor(ms / HOUR_MS), day, phase: Math.floor(((ms - day * DAY_MS) * PHASES) / DAY_MS) };
}

/**
 * The day of a signature that was seen once: before that of any other in use. Only what is seen again pushes out what was;
 * names that never repeat push out each other.
 */
export function dayOfFirst(hash: number, now: Moment): number {
  return dayOf(hash, now) - 2;
}

/** Begun at midnight: of a signature whose day is not known. */
export function dayOfHour(hour: number): number {
  return Math.floor((hour * HOUR_MS) / DAY_MS);
}

/**
 * The day in which a signature with this hash is seen. Each has a row of its own, which changes only with its day, and days
 * of each begin at a moment of their own, up to a day early: else all rows in use would change in the same bucket.
 */
export function dayOf(hash: number, { day, phase }: Moment): number {
  return day + (((hash & (PHASES - 1)) + phase) >> PHASE_BITS);
}
