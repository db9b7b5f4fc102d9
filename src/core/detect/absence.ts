import { type Cusum, cusumThreshold, FALL, type Level, zeroStep } from './cusum.ts';
import { fallLevel, isRecentUsable } from './recent.ts';
import type { SeriesClock } from './series.ts';
import { expectedAtAlarm, GAP_FACTOR, lnZeroRun } from './silence.ts';
import { spreadOf } from './spread.ts';
import type { RateState } from './template-state.ts';
import { MINUTE_MS } from './time.ts';
import { type Verdict, zeroRunVerdict } from './verdict.ts';

/** What the absence of records is held against: the long baseline, or the last hour. */
interface View extends Level {
  /** Lines that the rate was learnt from. */
  readonly lines: number;
  readonly cusum: Cusum;
  readonly isRecent: boolean;
}

function viewsOf(rate: RateState, clock: SeriesClock): View[] {
  const { baseline, recent } = rate;
  const perMinute = baseline.a / baseline.b;
  const spread = spreadOf(rate, clock);
  const long = { perMinute, shape: baseline.a, dispersion: Math.max(spread.long, spread.gaps) };
  const views: View[] = [{ ...long, lines: baseline.a, cusum: rate.down, isRecent: false }];
  if (isRecentUsable(recent)) {
    const level = fallLevel(recent, perMinute, Math.max(spread.recent, spread.gaps));
    views.push({ ...level, lines: recent.lines, cusum: recent.fall, isRecent: true });
  }
  return views;
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
  const views = viewsOf(rate, clock);
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
  const { cusum } = view;
  const threshold = fallThreshold(view, alpha);
  const statistic = cusum.sum + gap * fallStep(view);
  if (statistic <= threshold) return null;
  const isRunning = cusum.sum > 0;
  const sinceMinute = isRunning ? cusum.sinceMinute : Math.floor(lastSeenMs / MINUTE_MS) + 1;
  const observed = isRunning ? cusum.lines : 0;
  const minutes = Math.max(1, minute - sinceMinute + 1);
  return {
    arm: 'down',
    observed,
    expected: gap * view.perMinute + (isRunning ? cusum.expected : 0),
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

function fallThreshold({ perMinute, dispersion, cusum }: View, alpha: number): number {
  return cusumThreshold(alpha, FALL, perMinute, cusum.dispersion > 0 ? cusum.dispersion : dispersion);
}

/** Exposure at which the continued absence of records must be judged; at least one minute from now. */
export function absenceDeadline(rate: RateState, clock: SeriesClock, alpha: number): number {
  let run = Number.MAX_SAFE_INTEGER;
  for (const view of viewsOf(rate, clock)) {
    const { perMinute, lines, dispersion, cusum } = view;
    run = Math.min(run, rate.seenAt + expectedAtAlarm(alpha, lines, dispersion) / perMinute);
    if (rate.isSparse) continue;
    const step = fallStep(view);
    if (step > 0) run = Math.min(run, rate.seenAt + (fallThreshold(view, alpha) - cusum.sum) / step);
  }
  const deadline = Math.max(run, rate.seenAt + GAP_FACTOR * rate.longestGap, clock.exposure + 0.5);
  return Math.min(deadline, Number.MAX_SAFE_INTEGER);
}
