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
export interface Gaps {
  sum: number;
  squares: number;
  fourths: number;
}

export function newGaps(): Gaps {
  return { sum: 0, squares: 0, fourths: 0 };
}

export function learnGap(gaps: Gaps, minutes: number): void {
  const kept = 1 - 1 / MEMORY_GAPS;
  gaps.sum = gaps.sum * kept + minutes;
  gaps.squares = gaps.squares * kept + minutes ** 2;
  gaps.fourths = gaps.fourths * kept + minutes ** 4;
}

/**
 * Dispersion as the gaps show it: how much longer than 1/rate one waits for the next line in the midst of a gap,
 * E[g²]/2E[g] (the mean residual life, Cox 1962 §5.4), half a minute less because only whole minutes are seen. 1 or less
 * for lines that come one by one; for lines in bursts about the lines of a burst, however far apart the lines within one are.
 * n = (Σg²)²/Σg⁴ long gaps have shown it (Kish's effective size): few count little, and what they show is raised.
 */
export function gapDispersion(gaps: Gaps, perMinute: number): number {
  if (gaps.sum <= 0) return 1;
  const shown = (gaps.squares * gaps.squares) / gaps.fourths;
  const wait = gaps.squares / (2 * gaps.sum) - 0.5;
  const excess = (shown * (wait * perMinute - 1)) / (shown + PRIOR_GAPS);
  return excess <= 0 ? 1 : 1 + excess * (1 + GUESS_DEVIATIONS / Math.sqrt(1 + shown));
}

/** Two series became one: its gaps are at most as long. */
export function mergeGaps(into: Gaps, from: Gaps): void {
  if (from.squares * into.sum >= into.squares * from.sum) return;
  into.sum = from.sum;
  into.squares = from.squares;
  into.fourths = from.fourths;
}
