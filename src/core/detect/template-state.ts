import type { SeverityClass } from '../../contracts.ts';
import { mergeRates, type RateState } from './rate-state.ts';
import type { TemplateBlock } from './template-blocks.ts';

/** Buckets of the open minute that are kept apart, to say where in the minute a spike began. */
export const SLOTS = 6;

/** Minutes with records before a rate is judged; until then only the rarity path speaks, and of WARN and above a storm. */
export const ACTIVE_MINUTES_MIN = 30;

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
