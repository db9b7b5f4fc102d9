import { FALL, stepCusum } from './cusum.ts';
import type { Numbers } from './numbers.ts';
import { DOWN, RECENT } from './rate-places.ts';
import type { RateState } from './rate-state.ts';
import { FALL_SUM, fallLevel, stepRecentFall } from './recent.ts';
import type { SeriesMinute } from './series.ts';
import type { Spread } from './spread.ts';
import { cusumVerdict, type Verdict } from './verdict.ts';

/** Judges whether the minutes up to this one were too few; a minute of which records are missing is not judged. */
export function fallVerdict(rate: RateState, m: SeriesMinute, spread: Spread, alpha: number): Verdict | null {
  if (m.censored || rate.isSparse) return null;
  const { numbers, perMinute } = rate;
  const minute = { minute: m.minute, lines: m.lines, expected: m.exposure * perMinute };
  const dispersion = Math.max(spread.long, spread.gaps);
  const isLong = stepCusum(numbers, DOWN, FALL, minute, { perMinute, shape: rate.a, dispersion }, alpha);
  const recentDispersion = Math.max(spread.recent, spread.gaps);
  const isRecent = stepRecentFall(numbers, RECENT, m, perMinute, recentDispersion, alpha);
  if (isRecent) return recentFallVerdict(numbers, RECENT, m.minute, perMinute, alpha);
  return isLong ? cusumVerdict(numbers, DOWN, 'down', m.minute, { ratio: FALL, perMinute, alpha }) : null;
}

/** The sum of falls against the last hour has alarmed; `at` is where the last hour has its numbers. */
export function recentFallVerdict(
  n: Numbers,
  at: number,
  minute: number,
  longRate: number,
  alpha: number,
): Verdict {
  const { perMinute } = fallLevel(n, at, longRate, 1);
  return {
    ...cusumVerdict(n, at + FALL_SUM, 'down', minute, { ratio: FALL, perMinute, alpha }),
    isRecent: true,
  };
}
