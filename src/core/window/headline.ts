import type { EventFinding, WindowData } from './event-schema.ts';
import { quoteName } from './neutralise.ts';

/** Codes that may stand outside ⟦ ⟧: a closed list, so that no log line can write a headline. */
const CODES =
  /(?<![A-Za-z0-9_])(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|ETIMEDOUT|ESOCKETTIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRINUSE|EACCES|EPERM|ENOENT|ENOSPC|EMFILE|ENOMEM|EIO|EROFS|DEADLINE_EXCEEDED|UNAVAILABLE|RESOURCE_EXHAUSTED|UNAUTHENTICATED|PERMISSION_DENIED|OutOfMemoryError|StackOverflowError|NullPointerException|deadlock|[45]\d\d(?=\s|$|\b))(?![A-Za-z0-9_])/;

const HEADLINE_SERVICES = 2;

export const SEVERITY_RANK = { debug: 0, info: 1, warn: 2, error: 3, fatal: 4 } as const;

/** Findings in order of onset; equal onsets by reference. */
export function inOrderOfOnset(findings: readonly EventFinding[]): EventFinding[] {
  return [...findings].sort(
    (a, b) => Date.parse(a.onset) - Date.parse(b.onset) || refNumber(a.ref) - refNumber(b.ref),
  );
}

/**
 * Fixed grammar over fields: `<main> in <service> from <time>, then <other> in <service> +<s>s; <n> earlier, <n> more`.
 * It orders, it never explains: `then` is time, nothing else.
 */
export function headlineOf(
  findings: readonly EventFinding[],
  main: EventFinding,
  storm: WindowData['storm'],
  total: number,
): string {
  if (storm !== undefined) {
    const { windows_merged, services_merged } = storm;
    return `storm: ${windows_merged} windows in ${services_merged} services merged; first ${labelOf(main)} in ${quoteName(main['service.name'])} from ${clock(main.onset)}`;
  }
  const ordered = inOrderOfOnset(findings);
  const told = new Set([main]);
  const parts = [`${labelOf(main)} in ${quoteName(main['service.name'])} from ${clock(main.onset)}`];
  for (const other of ordered) {
    if (told.size >= HEADLINE_SERVICES || secondsBetween(main, other) < 0) continue;
    if (other['service.name'] === main['service.name']) continue;
    told.add(other);
    parts.push(
      `, then ${labelOf(other)} in ${quoteName(other['service.name'])} +${secondsBetween(main, other)}s`,
    );
  }
  const earlier = ordered.filter((other) => !told.has(other) && secondsBetween(main, other) < 0);
  const more = total - told.size - earlier.length;
  const [only] = earlier.length === 1 ? earlier : [];
  if (only?.count.members !== undefined && only.count.members > 1) parts.push(`; ${labelOf(only)} precede`);
  else if (only?.count.members !== undefined) parts.push(`; ${labelOf(only)} precedes`);
  else if (only !== undefined) parts.push(`; 1 ${labelOf(only)} precedes`);
  else if (earlier.length > 1) parts.push(`; ${earlier.length} findings precede`);
  if (more > 0) parts.push(`; ${more} more`);
  return parts.join('');
}

/** What a finding says in two to four words. */
function labelOf(finding: EventFinding): string {
  const severity = finding.severity === 'error' ? 'error' : finding.severity.toUpperCase();
  const code = CODES.exec(finding['log.record.template'] ?? finding.exemplars?.[0]?.body ?? '')?.[0];
  const suffix = code === undefined ? '' : ` ${code}`;
  const isTold = finding.count.ratio !== undefined && finding.kind !== 'silence';
  const ratio = isTold ? ` x${finding.count.ratio}` : '';
  const members = finding.count.members;
  if (members !== undefined) return `${members} new or rare ${members === 1 ? 'template' : 'templates'}`;
  if (finding.template_id === undefined) return `service ${finding.kind}${ratio}`;
  switch (finding.kind) {
    case 'new':
    case 'rare':
      return `${finding.kind} ${severity}${suffix}`;
    case 'silence':
      return `silence of ${finding.severity.toUpperCase()} line`;
    default:
      return `${severity}${suffix} ${finding.kind}${ratio}`;
  }
}

/** `02:39:12Z` of an RFC 3339 time. */
export function clock(time: string): string {
  return `${time.slice(11, 19)}Z`;
}

export function refNumber(ref: string): number {
  return Number(ref.slice(1));
}

function secondsBetween(from: EventFinding, to: EventFinding): number {
  return Math.floor((Date.parse(to.onset) - Date.parse(from.onset)) / 1000);
}
