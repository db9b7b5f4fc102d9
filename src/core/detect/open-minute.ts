import type { MinedService } from '../../contracts.ts';
import type { Arrival } from './arrivals.ts';
import type { ServiceState } from './service-state.ts';
import { SLOTS } from './template-state.ts';
import { MINUTE_MS } from './time.ts';

/** Adds a template's records of one bucket to its open minute. */
export function addToMinute({ state, count }: Arrival, minute: number, slot: number): void {
  if (!state.isOpen) state.open(minute);
  state.addOpen(slot, count.records, count.severity);
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

/** Index of the bucket within its minute. */
export function slotOf(startMs: number): number {
  return Math.floor(((startMs % MINUTE_MS) * SLOTS) / MINUTE_MS);
}
