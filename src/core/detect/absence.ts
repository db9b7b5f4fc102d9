import {
  cusumThreshold,
  EXPECTED,
  FALL,
  FROZEN_DISPERSION,
  type Level,
  LINES,
  SINCE_MINUTE,
  SUM,
  zeroStep,
} from './cusum.ts';
import type { Numbers } from './numbers.ts';
import { DOWN, RECENT } from './rate-places.ts';
import type { RateState } from './rate-state.ts';
import { FALL_SUM, fallLevel, isRecentUsable, RECENT_LINES } from './recent.ts';
import type { SeriesClock } from './series.ts';
import { expectedAtAlarm, GAP_FACTOR, lnZeroRun } from './silence.ts';
import { type Spread, spreadOf } from './spread.ts';
import { MINUTE_MS } from './time.ts';
import { type Verdict, zeroRunVerdict } from './verdict.ts';

/** What the absence of records is held against: the long baseline, or the last hour. */
interface View extends Level {
  /** Lines that the rate was learnt from. */
  readonly lines: number;
  /** Where its sum of falls stands. */
  readonly numbers: Numbers;
  readonly at: number;
  readonly isRecent: boolean;
}

function longView({ numbers, a, perMinute }: RateState, spread: Spread): View {
  const dispersion = Math.max(spread.long, spread.gaps);
  return { perMinute, shape: a, dispersion, lines: a, numbers, at: DOWN, isRecent: false };
}

/** Null: the last hour says nothing. */
function recentView(rate: RateState, spread: Spread): View | null {
  const { numbers } = rate;
  if (!isRecentUsable(numbers, RECENT)) return null;
  const dispersion = Math.max(spread.recent, spread.gaps);
  const { perMinute, shape } = fallLevel(numbers, RECENT, rate.perMinute, dispersion);
  const lines = numbers[RECENT + RECENT_LINES]!;
  return { perMinute, shape, dispersion, lines, numbers, at: RECENT + FALL_SUM, isRecent: true };
}

/**
 * Judges the absence of records at a deadline: silence (no line where many were expected) or fall (the sum alarms).
 * Reads the state as it was at the last record: a silence must not teach what it is judged by.
 */
export function judgeAbsence(
  rate: RateState,
  clock: SeriesClock,
  minute: number,
  lastSeenMs: number,
  alpha: number,
): Verdict | null {
  const gap = clock.exposure - rate.seenAt;
  if (gap < GAP_FACTOR * rate.longestGap) return null;
  const spread = spreadOf(rate, clock);
  const recent = recentView(rate, spread);
  const views = [longView(rate, spread), ...(recent === null ? [] : [recent])];
  for (const view of views) {
    const verdict = judgeZeroRun(view, gap, minute, lastSeenMs, alpha);
    if (verdict !== null) return verdict;
  }
  if (rate.isSparse) return null;
  for (const view of views) {
    const verdict = judgeFall(view, gap, minute, lastSeenMs, alpha);
    if (verdict !== null) return verdict;
  }
  return null;
}

function judgeZeroRun(
  view: View,
  gap: number,
  minute: number,
  lastSeenMs: number,
  alpha: number,
): Verdict | null {
  const { perMinute, dispersion } = view;
  const expected = gap * perMinute;
  const lnP = lnZeroRun(expected, view.lines, dispersion);
  if (lnP > Math.log(alpha)) return null;
  const minutes = Math.max(1, minute - Math.floor(lastSeenMs / MINUTE_MS));
  const verdict = zeroRunVerdict({ expected, lnP, dispersion }, perMinute, minutes, lastSeenMs);
  return view.isRecent ? { ...verdict, isRecent: true } : verdict;
}

function judgeFall(
  view: View,
  gap: number,
  minute: number,
  lastSeenMs: number,
  alpha: number,
): Verdict | null {
  const { numbers, at } = view;
  const sum = numbers[at + SUM]!;
  const threshold = fallThreshold(view, alpha);
  const statistic = sum + gap * fallStep(view);
  if (statistic <= threshold) return null;
  const isRunning = sum > 0;
  const sinceMinute = isRunning ? numbers[at + SINCE_MINUTE]! : Math.floor(lastSeenMs / MINUTE_MS) + 1;
  const observed = isRunning ? numbers[at + LINES]! : 0;
  const minutes = Math.max(1, minute - sinceMinute + 1);
  return {
    arm: 'down',
    observed,
    expected: gap * view.perMinute + (isRunning ? numbers[at + EXPECTED]! : 0),
    p99: null,
    lnP: null,
    statistic,
    threshold,
    dispersion: view.dispersion,
    minutes,
    onsetMs: observed === 0 ? lastSeenMs : sinceMinute * MINUTE_MS,
    onsetUncertaintyMs: Math.max(MINUTE_MS, (minutes * MINUTE_MS) / 4),
    ...(view.isRecent ? { isRecent: true } : {}),
  };
}

/** What a minute of usual traffic without a line adds to the falling sum. */
function fallStep({ perMinute, shape, dispersion }: View): number {
  return zeroStep(FALL, perMinute, shape, dispersion);
}

function fallThreshold({ perMinute, dispersion, numbers, at }: View, alpha: number): number {
  const frozen = numbers[at + FROZEN_DISPERSION]!;
  return cusumThreshold(alpha, FALL, perMinute, frozen > 0 ? frozen : dispersion);
}

/** Exposure at which the continued absence of records must be judged; at least one minute from now. */
export function absenceDeadline(rate: RateState, clock: SeriesClock, alpha: number): number {
  const spread = spreadOf(rate, clock);
  const recent = recentView(rate, spread);
  let alarm = alarmOf(rate, longView(rate, spread), alpha);
  if (recent !== null) alarm = Math.min(alarm, alarmOf(rate, recent, alpha));
  const deadline = Math.max(alarm, rate.seenAt + GAP_FACTOR * rate.longestGap, clock.exposure + 0.5);
  return Math.min(deadline, Number.MAX_SAFE_INTEGER);
}

/** Exposure at which the absence of records would be an alarm in one view. */
function alarmOf(rate: RateState, view: View, alpha: number): number {
  const { perMinute, lines, dispersion, numbers, at } = view;
  const silence = rate.seenAt + expectedAtAlarm(alpha, lines, dispersion) / perMinute;
  const step = rate.isSparse ? 0 : fallStep(view);
  return step > 0
    ? Math.min(silence, rate.seenAt + (fallThreshold(view, alpha) - numbers[at + SUM]!) / step)
    : silence;
}
