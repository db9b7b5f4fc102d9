import type { Numbers } from './numbers.ts';

/** About this many of the latest gaps are remembered: a line in bursts of twenty shows twenty-five of the long ones. */
const MEMORY_GAPS = 500;

/** Before a line has shown its gaps, it comes one by one: worth so many gaps. A dense line may miss two minutes once. */
const PRIOR_GAPS = 1;

/** What few long gaps have shown is a guess, and guessing low cries wolf. */
const GUESS_DEVIATIONS = 2;

/**
 * Stretches without a record of one series, in minutes of usual traffic: discounted sums of their lengths and powers. What
 * was announced as a silence counts only as far as it led to the alarm.
 */
export const GAPS_NUMBERS = 3;
const SUM = 0;
const SQUARES = 1;
const FOURTHS = 2;

export function learnGap(n: Numbers, at: number, minutes: number): void {
  const kept = 1 - 1 / MEMORY_GAPS;
  n[at + SUM] = n[at + SUM]! * kept + minutes;
  n[at + SQUARES] = n[at + SQUARES]! * kept + minutes ** 2;
  n[at + FOURTHS] = n[at + FOURTHS]! * kept + minutes ** 4;
}

/**
 * Dispersion as the gaps show it: how much longer than 1/rate one waits for the next line in the midst of a gap,
 * E[g²]/2E[g] (the mean residual life, Cox 1962 §5.4), half a minute less because only whole minutes are seen. 1 or less
 * for lines that come one by one; for lines in bursts about the lines of a burst, however far apart the lines within one are.
 * n = (Σg²)²/Σg⁴ long gaps have shown it (Kish's effective size): few count little, and what they show is raised.
 */
export function gapDispersion(n: Numbers, at: number, perMinute: number): number {
  const sum = n[at + SUM]!;
  const squares = n[at + SQUARES]!;
  if (sum <= 0) return 1;
  const shown = (squares * squares) / n[at + FOURTHS]!;
  const wait = squares / (2 * sum) - 0.5;
  const excess = (shown * (wait * perMinute - 1)) / (shown + PRIOR_GAPS);
  return excess <= 0 ? 1 : 1 + excess * (1 + GUESS_DEVIATIONS / Math.sqrt(1 + shown));
}

/** Two series became one: its gaps are at most as long. */
export function mergeGaps(into: Numbers, from: Numbers, at: number): void {
  if (from[at + SQUARES]! * into[at + SUM]! >= into[at + SQUARES]! * from[at + SUM]!) return;
  for (let i = 0; i < GAPS_NUMBERS; i++) into[at + i] = from[at + i]!;
}
