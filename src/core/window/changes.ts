import type { ChangeMarker } from '../../contracts.ts';
import { compareText } from './format.ts';
import {
  CHANGE_LOOKBACK_MS,
  CHANGES_PER_WINDOW,
  JOIN_ONSET_MS,
  OTHER_CHANGE_LOOKBACK_MS,
  OTHER_CHANGES,
  RECENT_CHANGES_PER_TENANT,
} from './limits.ts';
import type { OutputCap } from './output-cap.ts';
import type { OpenWindow } from './state.ts';

/** Remembers changes per tenant, the most recent ones; a window that opens later still shows them. */
export function noteChanges(cap: OutputCap, changes: readonly ChangeMarker[]): void {
  for (const change of [...changes].sort(compareChanges)) {
    const recent = cap.tenant(change.service.tenant).changes;
    recent.push(change);
    if (recent.length > RECENT_CHANGES_PER_TENANT) recent.shift();
  }
}

/** Adds to a window the changes near it that it does not show yet: those of its services first, then a few others. */
export function takeRelevantChanges(window: OpenWindow, recent: readonly ChangeMarker[]): void {
  const inTime = recent
    .filter((change) => change.service.environment === window.environment)
    .filter((change) => change.atMs <= window.latestOnsetMs + JOIN_ONSET_MS && !isShown(window, change))
    .sort(compareChanges);
  const isOwn = (change: ChangeMarker): boolean =>
    window.services.some((entry) => entry.service.key === change.service.key);
  const own = inTime.filter(
    (change) => isOwn(change) && change.atMs >= window.firstOnsetMs - CHANGE_LOOKBACK_MS,
  );
  const shownOthers = window.changes.filter(({ change }) => !isOwn(change)).length;
  const others = inTime
    .filter((change) => !isOwn(change) && change.atMs <= window.firstOnsetMs)
    .filter((change) => change.atMs >= window.firstOnsetMs - OTHER_CHANGE_LOOKBACK_MS)
    .slice(-OTHER_CHANGES)
    .slice(0, Math.max(0, OTHER_CHANGES - shownOthers));
  for (const change of [...own, ...others].sort(compareChanges)) {
    if (window.changes.length < CHANGES_PER_WINDOW)
      window.changes.push({ ref: `C${window.nextChange++}`, change });
  }
}

function isShown(window: OpenWindow, change: ChangeMarker): boolean {
  return window.changes.some((shown) => compareChanges(shown.change, change) === 0);
}

function compareChanges(a: ChangeMarker, b: ChangeMarker): number {
  return (
    a.atMs - b.atMs ||
    compareText(a.service.key, b.service.key) ||
    compareText(a.kind, b.kind) ||
    compareText(a.from, b.from) ||
    compareText(a.to, b.to)
  );
}
