import { type Level, RISE, recentRise, stepCusum } from './cusum.ts';
import { dispersionGuess, dispersionMax } from './dispersion.ts';
import { BUSY_RATE } from './exposure.ts';
import { DISPERSION, OCCUPANCY, RECENT, SPARSE, SURGE, UP } from './rate-places.ts';
import type { RateState } from './rate-state.ts';
import { isRiseUsable, RISE_SUM, riseLevel, stepRecentRise } from './recent.ts';
import type { SeriesClock, SeriesMinute } from './series.ts';
import { arrivalRate, SPARSE_RISE, SPARSE_SURGE, stepSparse } from './sparse.ts';
import type { Spread } from './spread.ts';
import { firstSlotAbove, isWorthALine, judgeTail } from './tail.ts';
import { ACTIVE_MINUTES_MIN } from './template-state.ts';
import { MINUTE_MS } from './time.ts';
import { cusumVerdict, type Verdict } from './verdict.ts';

/** Judges whether a minute is too much: a spike by itself, or the end of a sum that has grown long enough. */
export function riseVerdict(
  rate: RateState,
  m: SeriesMinute,
  clock: SeriesClock,
  spread: Spread,
  alpha: number,
): Verdict | null {
  const rising = rate.isSparse ? sparseRise(rate, m, clock, alpha) : denseRise(rate, m, spread, alpha);
  return spikeVerdict(rate, m, clock, alpha) ?? recentSpike(rate, m, spread, alpha) ?? rising;
}

/** Judges one minute by itself, against the long baseline. */
export function spikeVerdict(
  rate: RateState,
  m: SeriesMinute,
  clock: SeriesClock,
  alpha: number,
): Verdict | null {
  const { numbers, perMinute } = rate;
  if (!isWorthALine(m.lines, m.exposureMax * perMinute)) return null;
  // A minute in the midst of a burst over minutes varies as the burst does, not as minutes do on average. A line with a
  // handful of records has shown no bursts: what its peers lend would hide any storm of it.
  const last = rate.activeMinutes < ACTIVE_MINUTES_MIN ? 0 : 1;
  const dispersion = dispersionGuess(numbers, DISPERSION, last, clock.prior);
  return spikeAgainst({ perMinute, shape: rate.a, dispersion }, m, alpha);
}

/** Days and nights widen what the long baseline expects; of a busy line the last hour says more. */
function recentSpike(rate: RateState, m: SeriesMinute, spread: Spread, alpha: number): Verdict | null {
  const { numbers, perMinute } = rate;
  // What the level of the last hour expects is never less.
  if (!isWorthALine(m.lines, m.exposureMax * perMinute)) return null;
  if (perMinute < BUSY_RATE || !isRiseUsable(numbers, RECENT)) return null;
  return spikeAgainst(riseLevel(numbers, RECENT, perMinute, spread.recent), m, alpha);
}

function spikeAgainst(level: Level, m: SeriesMinute, alpha: number): Verdict | null {
  const expected = m.exposureMax * level.perMinute;
  const known = { expected, shape: level.shape, dispersion: level.dispersion };
  const tail = judgeTail({ lines: m.lines, ...known }, alpha);
  if (tail === null) return null;
  const lines = m.lines - (m.elsewhere ?? 0);
  if (lines < m.lines && !isFlood(m.lines, expected) && judgeTail({ lines, ...known }, alpha) === null)
    return null;
  const slot = firstSlotAbove(m.slots, expected);
  const slotMs = MINUTE_MS / m.slots.length;
  return {
    arm: 'tail',
    observed: m.lines,
    expected,
    p99: tail.p99,
    lnP: tail.lnP,
    statistic: null,
    threshold: null,
    dispersion: level.dispersion,
    minutes: 1,
    onsetMs: m.minute * MINUTE_MS + slot * slotMs,
    onsetUncertaintyMs: slotMs,
  };
}

/** So much of one line is the service's news whatever the line is used to. */
const FLOOD_RATIO = 10;
const FLOOD_LINES = 1000;

function isFlood(lines: number, expected: number): boolean {
  return lines >= FLOOD_RATIO * expected && lines - expected >= FLOOD_LINES;
}

function denseRise(rate: RateState, m: SeriesMinute, spread: Spread, alpha: number): Verdict | null {
  const { numbers, perMinute } = rate;
  const lines = m.lines - (m.elsewhere ?? 0);
  const minute = { minute: m.minute, lines, expected: m.exposureMax * perMinute };
  const level = { perMinute, shape: rate.a, dispersion: spread.long };
  const isLong = stepCusum(numbers, UP, RISE, minute, level, alpha);
  const since = { minute: m.minute, lines, exposure: m.exposureMax };
  const isRecent = stepRecentRise(numbers, RECENT, since, perMinute, spread.recent, alpha);
  if (isLong) return cusumVerdict(numbers, UP, 'up', m.minute, { ratio: RISE, perMinute, alpha });
  if (!isRecent) return null;
  const tested = { ratio: recentRise(perMinute), perMinute, alpha };
  return { ...cusumVerdict(numbers, RECENT + RISE_SUM, 'up', m.minute, tested), isRecent: true };
}

function sparseRise(rate: RateState, m: SeriesMinute, clock: SeriesClock, alpha: number): Verdict | null {
  const { numbers, a, b } = rate;
  const minute = { minute: m.minute, lines: m.lines, expected: (m.exposureMax * a) / b };
  const lambda = arrivalRate(rate.occupied, b, m.exposureMax);
  const dispersion = dispersionMax(numbers, OCCUPANCY, clock.occupancyPrior);
  const isRise = stepSparse(numbers, SPARSE, SPARSE_RISE, minute, lambda, dispersion, alpha);
  const isSurge = stepSparse(numbers, SURGE, SPARSE_SURGE, minute, lambda, dispersion, alpha);
  const verdict = (at: number, ratio: number): Verdict =>
    cusumVerdict(numbers, at, 'sparse', m.minute, { ratio, perMinute: lambda, alpha });
  if (isSurge) return verdict(SURGE, SPARSE_SURGE);
  return isRise ? verdict(SPARSE, SPARSE_RISE) : null;
}
