import type { BaselineLookup, Finding } from '../../contracts.ts';
import type { BucketView } from './bucket-view.ts';
import { type Evidence, type EvidenceReader, evidenceOf } from './evidence.ts';
import { countsOf } from './members.ts';

/** A finding on its way into a window, with what the join rule looks at. */
export interface Candidate {
  readonly finding: Finding;
  /** From the first record of its service to its onset; null = not known. */
  readonly baselineAgeMs: number | null;
  /** Its records in the bucket that raised it; empty when the bucket raised too many findings to read them. */
  readonly evidence: readonly Evidence[];
  /** Lines of other services that name the service, where the service itself says nothing any more. */
  readonly witnesses: readonly Witness[];
  /** Replacements made while reading them, per rule. */
  readonly redactions: ReadonlyMap<string, number>;
  /** Trace ids and UUIDs of its records in the bucket that raised it. */
  readonly links: readonly string[];
  /** Names of services in its lines and attributes. */
  readonly names: readonly string[];
}

export interface Witness {
  readonly serviceName: string;
  readonly evidence: Evidence;
}

/** Lines of other services looked at to find those that name a silent one. */
const WITNESSES_READ = 64;
const WITNESSES_KEPT = 2;

/** Severity class. */
const WARN = 2;

export function buildCandidate(
  reader: EvidenceReader,
  finding: Finding,
  view: BucketView,
  known: ReadonlyMap<string, unknown>,
  readsEvidence: boolean,
): Candidate {
  const before = reader.redactionCounts();
  const evidence = readsEvidence ? evidenceOf(reader, finding, countsOf(finding, view), known) : [];
  const witnesses =
    readsEvidence && isServiceAbsence(finding) ? witnessesFor(reader, finding, view, known) : [];
  return {
    finding,
    baselineAgeMs: null,
    evidence,
    witnesses,
    redactions: redactionsSince(before, reader),
    links: [...new Set(evidence.flatMap((item) => item.links))],
    names: [...new Set(evidence.flatMap((item) => item.names))],
  };
}

/**
 * What the detectors know of the time before, taken when the finding joins: how long the service was seen, and the rate
 * where a detector that judges novelty gave none.
 */
export function withBaseline(baselines: BaselineLookup): (candidate: Candidate) => Candidate {
  return (candidate) => {
    const { finding } = candidate;
    const firstSeenMs = baselines.firstSeenMs(finding.service.key);
    const baselineAgeMs = firstSeenMs === null ? null : Math.max(0, finding.onsetMs - firstSeenMs);
    if (finding.templateId === null || finding.kind === 'new' || finding.baselinePerMin !== null)
      return { ...candidate, baselineAgeMs };
    const baselinePerMin = baselines.baselinePerMin(finding.service.key, finding.templateId);
    return { ...candidate, baselineAgeMs, finding: { ...finding, baselinePerMin } };
  };
}

export function redactionsSince(before: Record<string, number>, reader: EvidenceReader): Map<string, number> {
  const after = Object.entries(reader.redactionCounts());
  const changed = after.map(([rule, n]): [string, number] => [rule, n - (before[rule] ?? 0)]);
  return new Map(changed.filter(([, n]) => n > 0));
}

function isServiceAbsence(finding: Finding): boolean {
  return finding.templateId === null && (finding.kind === 'silence' || finding.kind === 'drop');
}

/** WARN and worse lines of other services of the tenant that name this one, in canonical order. */
function witnessesFor(
  reader: EvidenceReader,
  finding: Finding,
  view: BucketView,
  known: ReadonlyMap<string, unknown>,
): Witness[] {
  const { key, tenant, environment, name } = finding.service;
  const out: Witness[] = [];
  let read = 0;
  for (const mined of view.bucket.services) {
    const { service } = mined;
    if (service.tenant !== tenant || service.environment !== environment || service.key === key) continue;
    for (const count of mined.templates) {
      if (count.severity < WARN) continue;
      if (read++ >= WITNESSES_READ || out.length >= WITNESSES_KEPT) return out;
      const evidence = reader.read(service, count.templateId, count.exemplar, known);
      if (evidence.names.includes(name)) out.push({ serviceName: service.name, evidence });
    }
  }
  return out;
}
