import type { SeverityClass } from '../../contracts.ts';
import type { Baseline } from './baseline.ts';
import { newBaseline } from './baseline.ts';
import { type Cusum, newCusum } from './cusum.ts';
import type { Dispersion } from './dispersion.ts';
import { mergeDispersion, newDispersion } from './dispersion.ts';
import { type Gaps, mergeGaps, newGaps } from './gaps.ts';
import { newRecent, type Recent } from './recent.ts';
import type { TemplateBlock } from './template-blocks.ts';

/** Buckets of the open minute that are kept apart, to say where in the minute a spike began. */
export const SLOTS = 6;

/** Minutes with records before a rate is judged; until then only the rarity path speaks, and of WARN and above a storm. */
export const ACTIVE_MINUTES_MIN = 30;

/**
 * The rate of one series (a template, or a whole service). Brought forward lazily: minutes without a record are
 * added only when the next record comes or the deadline passes, so an untouched series is unchanged.
 */
export interface RateState {
  readonly baseline: Baseline;
  readonly dispersion: Dispersion;
  /** The service's clocks (see `Exposure`) up to which this series has learnt: usual-traffic minutes, observed minutes. */
  exposureAt: number;
  observedAt: number;
  /** The first of these clocks at the last record: since then nothing was seen. */
  seenAt: number;
  /** Severity class whose clocks the two above belong to. */
  clock: SeverityClass;
  /** Minute of event time that was judged last with a record in it. */
  lastMinute: number;
  firstMinute: number;
  activeMinutes: number;
  /** Smoothed lines over baseline, the series' contribution to its service's traffic index. */
  ratio: number;
  readonly up: Cusum;
  readonly down: Cusum;
  /** Minutes with a record, for rare lines: against the trebled and the tenfold rate. */
  readonly sparse: Cusum;
  readonly surge: Cusum;
  /** The last hour. */
  readonly recent: Recent;
  /** Discounted minutes with a record, and their dispersion, for the sparse arm. */
  occupied: number;
  readonly occupancy: Dispersion;
  isSparse: boolean;
  /** Usual-traffic minutes in the longest stretch without a record that was not announced. */
  longestGap: number;
  readonly gaps: Gaps;
  /** Exposure at which the absence of records must be judged; null = never. */
  deadline: number | null;
  /** A silence was announced at this much exposure without a record, and lasts; null = none. */
  silentAfter: number | null;
  refractoryUntilMs: number;
  /** Minute and direction of the last alarm, or of its last confirmation; null = none. */
  alarmMinute: number | null;
  alarmUp: boolean;
}

/** What is known of one template of one service. */
export interface TemplateState {
  readonly id: string;
  firstMs: number;
  lastMs: number;
  /** Highest class among the records of the last minute with any. */
  severity: SeverityClass;
  /** Discounted minutes with a record, and the minute up to which they are discounted. */
  arrivals: number;
  arrivalsMinute: number;
  /** Event time at which the rarity path last spoke of it; null = never. */
  announcedMs: number | null;
  /** Most records in one bucket so far. */
  peak: number;
  /** New and not told of yet: its surprise at birth, and the buckets with records since; null = told, or old. */
  young: { bits: number; buckets: number } | null;
  /** It was seen other than as a symptom of an incident of another service. */
  ordinary: boolean;
  /** The minute being added up; null = none. */
  open: OpenMinute | null;
  /** Made at the second minute with records: most templates are never seen twice. */
  rate: RateState | null;
  /** Whose rows it is part of; null = not held. */
  block: TemplateBlock | null;
}

export interface OpenMinute {
  minute: number;
  severity: SeverityClass;
  firstMs: number;
  lastMs: number;
  /** Lines per bucket of the minute. */
  readonly slots: number[];
}

export function newTemplateState(id: string, firstMs: number, severity: SeverityClass): TemplateState {
  return {
    id,
    firstMs,
    lastMs: firstMs,
    severity,
    arrivals: 0,
    arrivalsMinute: 0,
    announcedMs: null,
    peak: 0,
    young: null,
    ordinary: false,
    open: null,
    rate: null,
    block: null,
  };
}

/** A series that begins in `minute`, at its service's clocks. */
export function newRateState(
  minute: number,
  clock: SeverityClass,
  exposureAt: number,
  observedAt: number,
): RateState {
  return {
    baseline: newBaseline(),
    dispersion: newDispersion(),
    exposureAt,
    observedAt,
    seenAt: exposureAt,
    clock,
    lastMinute: minute,
    firstMinute: minute,
    activeMinutes: 0,
    ratio: 1,
    up: newCusum(minute),
    down: newCusum(minute),
    sparse: newCusum(minute),
    surge: newCusum(minute),
    recent: newRecent(minute),
    occupied: 0,
    occupancy: newDispersion(),
    isSparse: false,
    longestGap: 0,
    gaps: newGaps(),
    deadline: null,
    silentAfter: null,
    refractoryUntilMs: 0,
    alarmMinute: null,
    alarmUp: false,
  };
}

export function openLines(open: OpenMinute): number {
  let lines = 0;
  for (const slot of open.slots) lines += slot;
  return lines;
}

/**
 * Two templates turned out to be one: rates add, alarms in progress and refractory times take the maximum.
 * Both must have been brought forward to the same minute.
 */
export function mergeTemplates(into: TemplateState, from: TemplateState): void {
  into.firstMs = Math.min(into.firstMs, from.firstMs);
  if (from.lastMs > into.lastMs) {
    into.lastMs = from.lastMs;
    into.severity = from.severity;
  }
  into.arrivals += from.arrivals;
  into.peak = Math.max(into.peak, from.peak);
  into.young = null;
  into.ordinary ||= from.ordinary;
  if (from.announcedMs !== null) into.announcedMs = Math.max(into.announcedMs ?? 0, from.announcedMs);
  into.open = mergeOpen(into.open, from.open);
  from.open = null;
  if (into.rate === null) into.rate = from.rate;
  else if (from.rate !== null) mergeRates(into.rate, from.rate);
}

function mergeOpen(into: OpenMinute | null, from: OpenMinute | null): OpenMinute | null {
  if (into === null || from === null) return into ?? from;
  for (let i = 0; i < SLOTS; i++) into.slots[i]! += from.slots[i]!;
  into.severity = into.severity > from.severity ? into.severity : from.severity;
  into.firstMs = Math.min(into.firstMs, from.firstMs);
  into.lastMs = Math.max(into.lastMs, from.lastMs);
  return into;
}

function mergeRates(into: RateState, from: RateState): void {
  const older = from.firstMinute < into.firstMinute ? from : into;
  into.baseline.a += from.baseline.a;
  into.baseline.b = older.baseline.b;
  mergeDispersion(into.dispersion, from.dispersion);
  mergeDispersion(into.occupancy, from.occupancy);
  into.lastMinute = Math.max(into.lastMinute, from.lastMinute);
  into.firstMinute = older.firstMinute;
  into.activeMinutes = Math.max(into.activeMinutes, from.activeMinutes);
  mergeCusum(into.up, from.up);
  mergeCusum(into.down, from.down);
  mergeCusum(into.sparse, from.sparse);
  mergeCusum(into.surge, from.surge);
  into.recent.lines += from.recent.lines;
  into.recent.exposure = Math.max(into.recent.exposure, from.recent.exposure);
  mergeDispersion(into.recent.dispersion, from.recent.dispersion);
  mergeCusum(into.recent.fall, from.recent.fall);
  mergeCusum(into.recent.rise, from.recent.rise);
  mergeGaps(into.gaps, from.gaps);
  into.occupied = Math.min(into.occupied + from.occupied, into.baseline.b);
  into.seenAt = Math.max(into.seenAt, from.seenAt);
  into.longestGap = Math.min(into.longestGap, from.longestGap);
  into.silentAfter = into.silentAfter === null || from.silentAfter === null ? null : into.silentAfter;
  into.refractoryUntilMs = Math.max(into.refractoryUntilMs, from.refractoryUntilMs);
  if (from.alarmMinute !== null && (into.alarmMinute === null || from.alarmMinute > into.alarmMinute)) {
    into.alarmMinute = from.alarmMinute;
    into.alarmUp = from.alarmUp;
  }
  into.deadline = null;
}

function mergeCusum(into: Cusum, from: Cusum): void {
  if (from.sum > into.sum) {
    into.sum = from.sum;
    into.sinceMinute = from.sinceMinute;
    into.lines = from.lines;
    into.expected = from.expected;
    into.dispersion = from.dispersion;
  }
  into.active = Math.max(into.active, from.active);
}
