import type { WindowRevision } from '../contracts.ts';
import type { InjectedFault } from './fault.ts';

/** An onset is an estimate: a window may begin this long before its fault and still be about it. */
const GRACE_MS = 60_000;

/** What the windows say about one injected fault. */
export interface FaultMatch {
  readonly fault: InjectedFault;
  /** First window of the fault, at revision 1; null = not found. */
  readonly window: WindowRevision | null;
  /** Onset that the window states minus the true one. */
  readonly onsetErrorMs: number | null;
  /** Event time from the true onset to the first revision. */
  readonly delayMs: number | null;
  /** 1 = the service at fault is ranked first; 0 = it is not in the window. */
  readonly rank: number;
  /** Expected lines that an exemplar or template of the window's findings shows, at its last revision. */
  readonly linesShown: number;
}

export interface MatchReport {
  readonly faults: readonly FaultMatch[];
  /** Windows of no fault and of no other injected change. */
  readonly falseWindows: readonly WindowRevision[];
  /** Windows of changes that are no incidents: plain deploys, restarts. */
  readonly nonIncidentWindows: readonly WindowRevision[];
}

/**
 * Holds revisions against the truth. A window is about a fault when its onset lies between a minute before the fault
 * and the end, it was emitted after the fault had begun, and it names an affected service.
 */
export function matchWindows(
  truth: readonly InjectedFault[],
  revisions: readonly WindowRevision[],
): MatchReport {
  const firsts = revisions.filter((one) => one.revision === 1).sort((a, b) => a.watermarkMs - b.watermarkMs);
  const lasts = new Map(revisions.map((one) => [one.windowId, one]));
  const incidents = truth.filter((fault) => fault.incident);
  const others = truth.filter((fault) => !fault.incident);
  const isAbout = (window: WindowRevision, fault: InjectedFault): boolean =>
    window.onsetMs >= Math.min(fault.startMs, fault.onsetMs) - GRACE_MS &&
    window.onsetMs <= fault.endMs + GRACE_MS &&
    window.watermarkMs >= fault.startMs &&
    window.services.some((service) => fault.affectedServices.includes(service));
  const faults = incidents.map((fault) => {
    const window = firsts.find((one) => isAbout(one, fault)) ?? null;
    return matchOne(fault, window, window === null ? null : lasts.get(window.windowId)!);
  });
  const unclaimed = firsts.filter((window) => !incidents.some((fault) => isAbout(window, fault)));
  const nonIncidentWindows = unclaimed.filter((window) => others.some((fault) => isAbout(window, fault)));
  return {
    faults,
    falseWindows: unclaimed.filter((window) => !nonIncidentWindows.includes(window)),
    nonIncidentWindows,
  };
}

function matchOne(
  fault: InjectedFault,
  window: WindowRevision | null,
  last: WindowRevision | null,
): FaultMatch {
  if (window === null || last === null) {
    return { fault, window: null, onsetErrorMs: null, delayMs: null, rank: 0, linesShown: 0 };
  }
  const shown = textsOf(last);
  return {
    fault,
    window,
    onsetErrorMs: window.onsetMs - fault.onsetMs,
    delayMs: window.watermarkMs - fault.onsetMs,
    rank: window.services.indexOf(fault.service) + 1,
    linesShown: fault.lines.filter((line) => shown.some((text) => isLine(line.text, text))).length,
  };
}

/** Exemplar bodies and templates of a revision's findings. */
function textsOf(revision: WindowRevision): string[] {
  const data = revision.event.data as {
    findings: readonly { 'log.record.template'?: string; exemplars?: readonly { body: string }[] }[];
  };
  return data.findings.flatMap((finding) => [
    ...(finding['log.record.template'] === undefined ? [] : [finding['log.record.template']]),
    ...(finding.exemplars ?? []).map((exemplar) => exemplar.body),
  ]);
}

/** Does `text` hold the longest constant part of the expected line? */
function isLine(expected: string, text: string): boolean {
  const longest = expected
    .split('<*>')
    .map((part) => part.trim())
    .reduce((best, part) => (part.length > best.length ? part : best), '');
  return longest.length > 0 && text.includes(longest);
}
