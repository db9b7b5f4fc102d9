import { FALL, stepCusum } from './cusum.ts';
import { fallLevel, type Recent, stepRecentFall } from './recent.ts';
import type { SeriesMinute } from './series.ts';
import type { Spread } from './spread.ts';
import type { RateState } from './template-state.ts';
import { cusumVerdict, type Verdict } from './verdict.ts';

/** Judges whether the minutes up to this one were too few; a minute of which records are missing is not judged. */
export function fallVerdict(rate: RateState, m: SeriesMinute, spread: Spread, alpha: number): Verdict | null {
  if (m.censored || rate.isSparse) return null;
  const { baseline, recent, down } = rate;
  const perMinute = baseline.a / baseline.b;
  const minute = { minute: m.minute, lines: m.lines, expected: m.exposure * perMinute };
  const level = { perMinute, shape: baseline.a, dispersion: Math.max(spread.long, spread.gaps) };
  const isLong = stepCusum(down, FALL, minute, level, alpha);
  const isRecent = stepRecentFall(recent, m, perMinute, Math.max(spread.recent, spread.gaps), alpha);
  if (isRecent) return recentFallVerdict(recent, m.minute, perMinute, alpha);
  return isLong ? cusumVerdict(down, 'down', m.minute, { ratio: FALL, perMinute, alpha }) : null;
}

/** The sum of falls against the last hour has alarmed. */
export function recentFallVerdict(recent: Recent, minute: number, longRate: number, alpha: number): Verdict {
  const { perMinute } = fallLevel(recent, longRate, 1);
  return {
    ...cusumVerdict(recent.fall, 'down', minute, { ratio: FALL, perMinute, alpha }),
    isRecent: true,
  };
}
