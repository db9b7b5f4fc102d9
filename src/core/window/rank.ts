import type { Finding, FindingKind } from '../../contracts.ts';
import { compareText } from './format.ts';
import { ALSO_OPEN, ALSO_OPEN_MS } from './limits.ts';
import type { OpenWindow, TrackedFinding, WindowService } from './state.ts';

/** What is missing has no examples and touches no instance that could be named: what still writes is not what is missing. */
export function isAbsence(kind: FindingKind): boolean {
  return kind === 'silence' || kind === 'drop';
}

/** Canonical order of findings by first evidence: onset, then severity, then strength, then name. */
export function byFirstEvidence(a: Finding, b: Finding): number {
  return (
    a.onsetMs - b.onsetMs ||
    b.severity - a.severity ||
    b.score - a.score ||
    compareText(a.service.key, b.service.key) ||
    compareText(a.kind, b.kind) ||
    compareText(a.templateId ?? '', b.templateId ?? '')
  );
}

/** What deserves the reader's tokens first: severity, then strength, then onset. */
export function byPriority(a: TrackedFinding, b: TrackedFinding): number {
  return (
    b.finding.severity - a.finding.severity ||
    b.finding.score - a.finding.score ||
    byFirstEvidence(a.finding, b.finding)
  );
}

/**
 * Most likely origin first: the service with the earliest first evidence. Volume does not count: in real faults the
 * service at fault spoke first and others logged a hundred times more (docs/detection.md).
 */
export function rankedServices(window: OpenWindow): WindowService[] {
  const first = new Map<string, Finding>();
  for (const { finding } of window.findings) {
    const known = first.get(finding.service.key);
    if (known === undefined || byFirstEvidence(finding, known) < 0) first.set(finding.service.key, finding);
  }
  return window.services
    .filter((entry) => first.has(entry.service.key))
    .sort((a, b) => byFirstEvidence(first.get(a.service.key)!, first.get(b.service.key)!));
}

/** Order of revisions of one bucket: what began first is told first. */
export function byOnset(a: OpenWindow, b: OpenWindow): number {
  return a.firstOnsetMs - b.firstOnsetMs || compareText(a.windowId, b.windowId);
}

/** Windows near in time but not linked, nearest first: a reader may see a connection that no line shows. */
export function alsoOpen(window: OpenWindow, open: readonly OpenWindow[]): OpenWindow[] {
  const distance = (other: OpenWindow): number => Math.abs(other.firstOnsetMs - window.firstOnsetMs);
  return open
    .filter((other) => other !== window && other.environment === window.environment)
    .filter((other) => distance(other) <= ALSO_OPEN_MS)
    .sort((a, b) => distance(a) - distance(b) || compareText(a.windowId, b.windowId))
    .slice(0, ALSO_OPEN);
}
