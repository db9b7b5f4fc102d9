import type { Finding } from '../../contracts.ts';
import type { Candidate } from './candidate.ts';
import { JOIN_ONSET_MS } from './limits.ts';
import { isAbsence } from './rank.ts';
import type { OpenWindow } from './state.ts';

/** Do both services handle the same requests? */
export type AreNeighbours = (serviceKey: string, otherKey: string) => boolean;

/** Near in time: the onset lies in the window's span of onsets, widened by `JOIN_ONSET_MS`. */
export function isNear(finding: Finding, window: OpenWindow): boolean {
  return (
    finding.onsetMs <= window.latestOnsetMs + JOIN_ONSET_MS &&
    finding.onsetMs >= window.firstOnsetMs - JOIN_ONSET_MS
  );
}

/**
 * The link that lets a finding join, whatever its time: a service, a trace (a trace id, or a UUID in the text, which is
 * how programs without tracing pass a request on), or a service named in the lines of either. What is missing has no lines
 * to show a link: it goes with a change in a service that handles the same requests.
 */
export function linkOf(
  candidate: Candidate,
  window: OpenWindow,
  areNeighbours: AreNeighbours,
): 'service' | 'trace' | 'name' | 'requests' | null {
  const { finding } = candidate;
  if (finding.service.tenant !== window.tenant || finding.service.environment !== window.environment)
    return null;
  if (window.services.some((entry) => entry.service.key === finding.service.key)) return 'service';
  if (sharesTrace(candidate, window)) return 'trace';
  if (window.services.some((entry) => candidate.names.includes(entry.service.name))) return 'name';
  if (window.findings.some((tracked) => tracked.samples.names.includes(finding.service.name))) return 'name';
  const isMissing =
    isAbsence(finding.kind) || window.findings.every((tracked) => isAbsence(tracked.finding.kind));
  if (!isMissing) return null;
  const { key } = finding.service;
  return window.services.some((entry) => areNeighbours(entry.service.key, key)) ? 'requests' : null;
}

function sharesTrace(candidate: Candidate, window: OpenWindow): boolean {
  return window.findings.some((tracked) =>
    tracked.samples.links.some((link) => candidate.links.includes(link)),
  );
}

/** The open window a finding joins: the one with the nearest latest onset; null = it opens a new one. */
export function windowFor(
  candidate: Candidate,
  windows: readonly OpenWindow[],
  areNeighbours: AreNeighbours,
): OpenWindow | null {
  let best: OpenWindow | null = null;
  for (const window of windows) {
    if (!isNear(candidate.finding, window) || linkOf(candidate, window, areNeighbours) === null) continue;
    if (best === null || distance(candidate.finding, window) < distance(candidate.finding, best))
      best = window;
  }
  return best;
}

function distance(finding: Finding, window: OpenWindow): number {
  return Math.abs(finding.onsetMs - window.latestOnsetMs);
}

/** True when two findings would join each other: used to group what one bucket raises before any window exists. */
export function areRelated(a: Candidate, b: Candidate, areNeighbours: AreNeighbours): boolean {
  if (a.finding.service.tenant !== b.finding.service.tenant) return false;
  if (a.finding.service.environment !== b.finding.service.environment) return false;
  if (Math.abs(a.finding.onsetMs - b.finding.onsetMs) > JOIN_ONSET_MS) return false;
  return (
    a.finding.service.key === b.finding.service.key ||
    a.links.some((link) => b.links.includes(link)) ||
    a.names.includes(b.finding.service.name) ||
    b.names.includes(a.finding.service.name) ||
    ((isAbsence(a.finding.kind) || isAbsence(b.finding.kind)) &&
      areNeighbours(a.finding.service.key, b.finding.service.key))
  );
}

/** Connected groups of related candidates, in canonical order of their first member; input is in canonical order. */
export function groupRelated(candidates: readonly Candidate[], areNeighbours: AreNeighbours): Candidate[][] {
  const groupOf = candidates.map((_, i) => i);
  const rootOf = (i: number): number => {
    let root = i;
    while (groupOf[root] !== root) root = groupOf[root]!;
    return root;
  };
  for (let i = 1; i < candidates.length; i++) {
    for (let j = 0; j < i; j++) {
      const a = rootOf(i);
      const b = rootOf(j);
      if (a !== b && areRelated(candidates[i]!, candidates[j]!, areNeighbours))
        groupOf[Math.max(a, b)] = Math.min(a, b);
    }
  }
  const groups = new Map<number, Candidate[]>();
  candidates.forEach((candidate, i) => {
    const root = rootOf(i);
    groups.set(root, [...(groups.get(root) ?? []), candidate]);
  });
  return [...groups.values()];
}
