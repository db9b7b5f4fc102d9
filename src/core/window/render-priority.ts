import type { EventFinding } from './event-schema.ts';
import { refNumber, SEVERITY_RANK } from './headline.ts';

/** Length from which one line is as telling as another. */
const LINE_LENGTH_TELLING = 120;

/** The earliest onset at WARN or above, without any the earliest at all; of equals the one of highest priority. */
export function firstSign(findings: readonly EventFinding[]): EventFinding | undefined {
  const telling = findings.filter(({ severity }) => SEVERITY_RANK[severity] >= SEVERITY_RANK.warn);
  const among = byPriority(telling.length > 0 ? telling : findings);
  return among.reduce<EventFinding | undefined>(
    (best, one) => (best === undefined || Date.parse(one.onset) < Date.parse(best.onset) ? one : best),
    undefined,
  );
}

/**
 * The first sign leads, whatever came louder after it: it is what a reader looks for first. Then the best finding of each
 * service before second ones, within a severity: two services tell more than one twice.
 */
export function detailOrder(priority: readonly EventFinding[]): EventFinding[] {
  const first = firstSign(priority);
  const seen = new Set<string>();
  const isFirst = new Map<EventFinding, number>();
  for (const finding of priority) {
    isFirst.set(finding, seen.has(finding['service.name']) ? 1 : 0);
    seen.add(finding['service.name']);
  }
  return [...priority].sort(
    (a, b) =>
      Number(b === first) - Number(a === first) ||
      SEVERITY_RANK[b.severity] - SEVERITY_RANK[a.severity] ||
      isFirst.get(a)! - isFirst.get(b)! ||
      priority.indexOf(a) - priority.indexOf(b),
  );
}

/**
 * Severity, then strength of evidence, then onset (to the second); of equals the longer line, which says more than
 * `Traceback:` does; then by reference.
 */
export function byPriority(findings: readonly EventFinding[]): EventFinding[] {
  return [...findings].sort(
    (a, b) =>
      SEVERITY_RANK[b.severity] - SEVERITY_RANK[a.severity] ||
      strength(b) - strength(a) ||
      Math.floor(Date.parse(a.onset) / 1000) - Math.floor(Date.parse(b.onset) / 1000) ||
      lineLength(b) - lineLength(a) ||
      refNumber(a.ref) - refNumber(b.ref),
  );
}

function lineLength(finding: EventFinding): number {
  return Math.min(LINE_LENGTH_TELLING, finding['log.record.template']?.length ?? 0);
}

/** Bits of surprise, from either path: log₂ 10 bits per decade of p. */
function strength({ test }: EventFinding): number {
  return Math.max(test.bits ?? 0, -(test.log10_p ?? 0) * Math.LOG2E * Math.LN10);
}
