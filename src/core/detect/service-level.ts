import type { ServiceSeries } from './service-state.ts';
import { expectedAtAlarm, GAP_FACTOR, lnZeroRun } from './silence.ts';
import { decayFactor, MINUTE_MS } from './time.ts';
import { type Verdict, zeroRunVerdict } from './verdict.ts';

/**
 * Daily swing makes the long baseline blind to a sudden stop: its dispersion at two hours is in the thousands. So a
 * service's silence is judged against its own last quarter of an hour, too.
 */
const RECENT_HALF_LIFE_MINUTES = 15;
const RECENT_MEMORY_MINUTES = RECENT_HALF_LIFE_MINUTES / Math.LN2;
const SPREAD_HALF_LIFE_MINUTES = 360;

const BLOCK_MINUTES = 15;

/** Minutes with records before recent rate and dispersion are believed. */
const RECENT_MINUTES_MIN = 30;

/** Single minutes in a row vary together; the spread of sums is taken this much wider than that of single minutes. */
const RECENT_DISPERSION_FACTOR = 1.5;

/** Below this many lines a minute a service's silence is left to the long baseline. */
const RECENT_RATE_MIN = 1;

/** Adds a minute with `lines` records; minutes since the last one had none. */
export function learnRecent(series: ServiceSeries, minute: number, lines: number): void {
  const zeros = Math.min(Math.max(0, minute - series.lastMinute - 1), 60);
  for (let i = 0; i < zeros; i++) addRecent(series, 0);
  addRecent(series, lines);
  series.lastMinute = minute;
  series.recentMinutes += 1;
}

function addRecent(series: ServiceSeries, lines: number): void {
  const mean = series.recentRate;
  const n = series.recentMinutes + 1;
  const rateWeight = Math.max(1 - decayFactor(1, RECENT_HALF_LIFE_MINUTES), 1 / n);
  const spreadWeight = Math.max(1 - decayFactor(1, SPREAD_HALF_LIFE_MINUTES), 1 / n);
  const deviation = lines - mean;
  if (n > 1) {
    const square = (deviation * deviation) / Math.max(mean, 1);
    series.recentDispersion += spreadWeight * (square - series.recentDispersion);
  }
  addToBlock(series, lines);
  series.recentRate += rateWeight * deviation;
}

function addToBlock(series: ServiceSeries, lines: number): void {
  series.blockLines += lines;
  series.blockExpected += series.recentRate;
  series.blockMinutes += 1;
  if (series.blockMinutes < BLOCK_MINUTES) return;
  const deviation = series.blockLines - series.blockExpected;
  const weight = 1 - decayFactor(BLOCK_MINUTES, SPREAD_HALF_LIFE_MINUTES);
  const square = (deviation * deviation) / Math.max(series.blockExpected, 1);
  if (series.recentMinutes > BLOCK_MINUTES)
    series.recentBlockDispersion += weight * (square - series.recentBlockDispersion);
  series.blockLines = 0;
  series.blockExpected = 0;
  series.blockMinutes = 0;
}

/** Dispersion of runs of minutes: that of quarters of an hour where it is larger than that of single minutes. */
function recentDispersion(series: ServiceSeries): number {
  return Math.max(
    1,
    RECENT_DISPERSION_FACTOR * Math.max(series.recentDispersion, series.recentBlockDispersion),
  );
}

function recentUsable(series: ServiceSeries): boolean {
  return series.recentMinutes >= RECENT_MINUTES_MIN && series.recentRate >= RECENT_RATE_MIN;
}

/** Fleet minutes without a record after which the service's silence must be judged; null = its recent rate says nothing. */
export function recentDeadline(series: ServiceSeries, alpha: number): number | null {
  if (!recentUsable(series)) return null;
  const shape = series.recentRate * RECENT_MEMORY_MINUTES;
  const run = expectedAtAlarm(alpha, shape, recentDispersion(series)) / series.recentRate;
  return Math.max(run, GAP_FACTOR * series.total.longestGap, 1);
}

/** The evidence for a silence that lasts from the last record to `endMs`, at the service's recent rate; null = unknown. */
export function recentSilence(series: ServiceSeries, endMs: number, lastSeenMs: number): Verdict | null {
  if (!recentUsable(series)) return null;
  const gap = (endMs - lastSeenMs) / MINUTE_MS;
  return silenceVerdict(series, gap, Number(gap.toPrecision(2)), lastSeenMs);
}

/** Judges a whole service's silence of `gap` minutes of usual traffic against its recent rate. */
export function judgeRecentSilence(
  series: ServiceSeries,
  gap: number,
  minute: number,
  lastSeenMs: number,
  alpha: number,
): Verdict | null {
  if (!recentUsable(series)) return null;
  const verdict = silenceVerdict(series, gap, Math.max(1, minute - series.lastMinute), lastSeenMs);
  return verdict.lnP! > Math.log(alpha) || gap < GAP_FACTOR * series.total.longestGap ? null : verdict;
}

function silenceVerdict(series: ServiceSeries, gap: number, minutes: number, lastSeenMs: number): Verdict {
  const expected = series.recentRate * gap;
  const dispersion = recentDispersion(series);
  const lnP = lnZeroRun(expected, series.recentRate * RECENT_MEMORY_MINUTES, dispersion);
  return zeroRunVerdict({ expected, lnP, dispersion }, series.recentRate, minutes, lastSeenMs);
}
