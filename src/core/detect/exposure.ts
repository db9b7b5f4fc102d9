import type { TemplateState } from './template-state.ts';

/** Templates from this rate (lines a minute) on take part in their service's traffic index. */
export const BUSY_RATE = 2;

/** A service with n busy templates trusts its own index by n/(n+4), the fleet's for the rest. */
const OWN_HALF_WEIGHT = 4;

/** The index stays within these: beyond, it is an outage or a flood that the service-level arms report. */
const INDEX_MIN = 0.02;
const INDEX_MAX = 50;

/** One busy template's share in it. */
export interface TrafficPart {
  readonly template: TemplateState;
  readonly smooth: number;
  readonly now: number;
}

/** One service's view of its traffic in a minute: medians of lines over baseline of its busy templates. */
export interface TrafficRatios {
  readonly busy: number;
  /** From smoothed and from this minute's counts. 1 where nothing is busy. */
  readonly smooth: number;
  readonly now: number;
  readonly parts: readonly TrafficPart[];
}

export function ratiosOf(parts: readonly TrafficPart[]): TrafficRatios {
  const smooth = new Float64Array(parts.length);
  const now = new Float64Array(parts.length);
  parts.forEach((part, i) => {
    smooth[i] = part.smooth;
    now[i] = part.now;
  });
  return { busy: parts.length, smooth: median(smooth), now: median(now), parts };
}

/** The traffic index of a minute; two values, because the smoothed one lags and the newest one is noisy. */
export interface TrafficIndex {
  readonly low: number;
  readonly high: number;
}

/** Median of ratios, as size factors of DESeq (Anders & Huber 2010, §2.1): one template's incident does not move it. */
function median(values: Float64Array): number {
  if (values.length === 0) return 1;
  values.sort();
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
}

/**
 * Blends a service's own ratios with those of the rest of the fleet: exp(w·ln own + (1−w)·ln fleet).
 * `fleet` is the median over the other services; 1 when there are none.
 */
export function trafficIndex(own: TrafficRatios, fleet: { smooth: number; now: number }): TrafficIndex {
  const weight = own.busy / (own.busy + OWN_HALF_WEIGHT);
  const smooth = blend(own.smooth, fleet.smooth, weight);
  const now = blend(own.now, fleet.now, weight);
  return { low: Math.min(smooth, now), high: Math.max(smooth, now) };
}

function blend(own: number, fleet: number, weight: number): number {
  const index = Math.exp(weight * Math.log(bound(own)) + (1 - weight) * Math.log(bound(fleet)));
  return bound(index);
}

function bound(index: number): number {
  return Math.min(Math.max(index, INDEX_MIN), INDEX_MAX);
}

/** For each service the medians over all the others (1 when it is alone); input and output in the same order. */
export function fleetOfOthers(all: readonly TrafficRatios[]): { smooth: number; now: number }[] {
  const informed = all.filter((ratios) => ratios.busy > 0);
  const smooth = informed.map((ratios) => ratios.smooth).sort((x, y) => x - y);
  const now = informed.map((ratios) => ratios.now).sort((x, y) => x - y);
  return all.map((ratios) =>
    ratios.busy > 0
      ? { smooth: medianWithout(smooth, ratios.smooth), now: medianWithout(now, ratios.now) }
      : { smooth: medianSorted(smooth), now: medianSorted(now) },
  );
}

function medianSorted(sorted: readonly number[]): number {
  return sorted.length === 0 ? 1 : (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}

/** Median of a sorted list without one occurrence of `value`. */
function medianWithout(sorted: readonly number[], value: number): number {
  const n = sorted.length - 1;
  if (n === 0) return 1;
  const removed = lowerBound(sorted, value);
  const at = (i: number): number => sorted[i < removed ? i : i + 1]!;
  return (at((n - 1) >> 1) + at(n >> 1)) / 2;
}

function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The fleet's index is a median: with fewer informed services than this it would be one service's own. */
const FLEET_SERVICES_MIN = 3;

/** Traffic of the whole fleet over its own baseline. */
export function fleetIndex(all: readonly TrafficRatios[]): number {
  const informed = all.filter((ratios) => ratios.busy > 0);
  if (informed.length < FLEET_SERVICES_MIN) return 1;
  const smooth = median(Float64Array.from(informed, (ratios) => ratios.smooth));
  return bound(Math.min(smooth, median(Float64Array.from(informed, (ratios) => ratios.now))));
}
