import type { MinedBucket, MinedService, SeverityClass, SeverityCounts } from '../../contracts.ts';
import type { Arrival } from './rarity-candidates.ts';
import type { ServiceState } from './service-state.ts';
import { SLOTS } from './template-state.ts';
import { MINUTE_MS } from './time.ts';

/** Adds a template's records of one bucket to its open minute. */
export function addToMinute(arrival: Arrival, minute: number, slot: number): void {
  const { state, count, severity } = arrival;
  if (!state.isOpen) state.open(minute);
  state.addOpen(slot, count.records, severity);
  if (count.lastMs > state.lastMs) state.lastMs = count.lastMs;
}

/** Adds a service's records of one bucket to its open minute; begins a new one when the minute is another. */
export function openServiceMinute(
  service: ServiceState,
  mined: MinedService,
  minute: number,
  slot: number,
): void {
  if (service.openMinute !== minute) {
    service.openMinute = minute;
    service.openTotal.fill(0);
    service.openErrors.fill(0);
    service.openCensored.fill(false);
  }
  service.openTotal[slot]! += mined.records;
  service.openErrors[slot]! += mined.severity[3] + mined.severity[4];
  for (let c = 0; c < 5; c++) if (mined.censored[c]! > 0) service.openCensored[c] = true;
}

/** Time of the service's last record in the bucket, as far as its templates tell. */
export function lastMsOf(mined: MinedService, bucket: MinedBucket): number {
  let last = bucket.startMs;
  for (const count of mined.templates) last = Math.max(last, count.lastMs);
  return last;
}

/** Time of the service's first record in the bucket, as far as its templates tell. */
export function firstMsOf(mined: MinedService, bucket: MinedBucket): number {
  let first = bucket.startMs + bucket.stepMs;
  for (const count of mined.templates) first = Math.min(first, count.firstMs);
  return first;
}

/** Index of the bucket within its minute. */
export function slotOf(startMs: number): number {
  return Math.floor(((startMs % MINUTE_MS) * SLOTS) / MINUTE_MS);
}

/** Highest class with records. */
export function highestClass(severity: SeverityCounts): SeverityClass {
  for (let c = 4; c > 0; c--) if (severity[c]! > 0) return c as SeverityClass;
  return 0;
}
