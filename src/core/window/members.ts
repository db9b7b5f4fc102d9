import type { Finding, TemplateCount } from '../../contracts.ts';
import type { BucketView } from './bucket-view.ts';
import { sum } from './format.ts';
import { MEMBERS_PER_FINDING } from './limits.ts';
import type { MinuteRing } from './ring.ts';
import type { OpenWindow } from './state.ts';

// An overflow finding stands for many templates of a service, most of them known by id. Its records are theirs alone:
// what else the service writes is no part of it.

export function isOverflow(finding: Finding): boolean {
  return finding.templateId === null && finding.members !== undefined;
}

/** About the service as a whole, all its records. */
export function isOfService(finding: Finding): boolean {
  return finding.templateId === null && finding.members === undefined;
}

/** The templates whose records are the finding's; of an overflow finding those that are known by id. */
export function templateIdsOf(finding: Finding): readonly string[] {
  if (finding.templateId !== null) return [finding.templateId];
  return isOverflow(finding) ? (finding.memberTemplateIds ?? []) : [];
}

/** What its templates wrote in this bucket, in the order in which they are listed. */
export function countsOf(finding: Finding, view: BucketView): TemplateCount[] {
  return templateIdsOf(finding)
    .map((id) => view.template(finding.service.key, id))
    .filter((count) => count !== undefined);
}

/** Each member once and at most `MEMBERS_PER_FINDING`; whatever is counted without all of them is a lower bound. */
export function withDistinctMembers(finding: Finding): Finding {
  if (!isOverflow(finding)) return finding;
  const listed = finding.memberTemplateIds ?? [];
  const distinct = [...new Set(listed)];
  const unlisted = Math.max(0, finding.members! - listed.length);
  const kept = distinct.slice(0, MEMBERS_PER_FINDING);
  const members = distinct.length + unlisted;
  return {
    ...finding,
    members,
    memberTemplateIds: kept,
    censored: finding.censored || kept.length < members,
  };
}

/** Of two tellings of one overflow: the templates of both. Where not all are known by id, their number is a lower bound. */
export function uniteMembers(
  before: Finding,
  again: Finding,
): Pick<Finding, 'members' | 'memberTemplateIds'> {
  if (before.members === undefined || again.members === undefined) return {};
  const [a, b] = [withDistinctMembers(before), withDistinctMembers(again)];
  const all = [...new Set([...a.memberTemplateIds!, ...b.memberTemplateIds!])];
  return {
    members: Math.max(all.length, a.members!, b.members!),
    memberTemplateIds: all.slice(0, MEMBERS_PER_FINDING),
  };
}

export interface Counted {
  readonly records: number;
  /** Minute number → records; minutes in which some template is unknown are missing. */
  readonly perMinute: Map<number, number>;
  /** Some minutes are unknown for some templates: `records` is a lower bound. */
  readonly isPartial: boolean;
}

/** What the ring holds of a finding's records, or of some of its templates, from `fromMs` on. */
export function countInRing(
  ring: MinuteRing,
  finding: Finding,
  fromMs: number,
  templateIds: readonly (string | null)[] = isOfService(finding) ? [null] : templateIdsOf(finding),
): Counted {
  const perMinute = new Map<number, number>();
  const known = new Map<number, number>();
  for (const id of templateIds) {
    for (const [minute, records] of ring.counts(finding.service.key, id, fromMs)) {
      perMinute.set(minute, (perMinute.get(minute) ?? 0) + records);
      known.set(minute, (known.get(minute) ?? 0) + 1);
    }
  }
  const records = sum(perMinute.values());
  const partial = [...known].filter(([, n]) => n < templateIds.length);
  for (const [minute] of partial) perMinute.delete(minute);
  return { records, perMinute, isPartial: partial.length > 0 };
}

/** Findings follow a template that was merged into another; true when some finding of the window did. */
export function followMerge(window: OpenWindow, serviceKey: string, from: string, into: string): boolean {
  let followed = false;
  for (const tracked of window.findings) {
    const { finding } = tracked;
    if (finding.service.key !== serviceKey || !templateIdsOf(finding).includes(from)) continue;
    followed = true;
    const rename = (id: string): string => (id === from ? into : id);
    tracked.finding =
      finding.templateId === null
        ? withDistinctMembers({ ...finding, memberTemplateIds: finding.memberTemplateIds!.map(rename) })
        : { ...finding, templateId: into };
  }
  return followed;
}
