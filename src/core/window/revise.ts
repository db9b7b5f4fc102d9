import type { FindingKind, WindowRevision, WindowStatus } from '../../contracts.ts';
import { FULL_EVENT_BYTES } from './event.ts';
import type { WindowEvent } from './event-schema.ts';
import { compareText } from './format.ts';
import { REVISION_GAP_MAX_MS, REVISION_GAP_MS, URGENT_REVISIONS } from './limits.ts';
import { rankedServices } from './rank.ts';
import { type OpenWindow, severityOf } from './state.ts';

/**
 * Whether a revision is to be emitted now. The first always is; an urgent one at once; others wait, longer each time.
 * Whatever can wait also waits for room in the output budget; closing never does.
 */
export function isDue(window: OpenWindow, watermarkMs: number, hasRoom: (bytes: number) => boolean): boolean {
  if (window.revision === 0) return true;
  if (window.pending === 'none') return false;
  const gapMs = Math.min(REVISION_GAP_MAX_MS, REVISION_GAP_MS * 2 ** (window.revision - 1));
  const isUrgent = window.pending === 'urgent' && window.revision <= URGENT_REVISIONS;
  return (isUrgent || watermarkMs - window.emittedMs >= gapMs) && hasRoom(FULL_EVENT_BYTES);
}

export function revisionOf(
  window: OpenWindow,
  status: WindowStatus,
  watermarkMs: number,
  event: WindowEvent,
): WindowRevision {
  const kinds = new Set<FindingKind>(window.findings.map((tracked) => tracked.finding.kind));
  return {
    windowId: window.windowId,
    revision: window.revision,
    status,
    fingerprint: window.fingerprint,
    episodeId: window.episodeId,
    tenant: window.tenant,
    severity: severityOf(window),
    onsetMs: window.firstOnsetMs,
    watermarkMs,
    services: rankedServices(window).map((entry) => entry.service.name),
    kinds: [...kinds].sort(compareText),
    headline: event.data.headline,
    event,
  };
}
