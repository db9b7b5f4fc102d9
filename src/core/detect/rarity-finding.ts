import type { Finding } from '../../contracts.ts';
import { short } from './findings.ts';
import type { Candidate } from './rarity-candidates.ts';
import type { ServiceState } from './service-state.ts';
import type { TemplateState } from './template-state.ts';

/** The finding that an admitted candidate becomes. */
export function rarityFinding(service: ServiceState, candidate: Candidate): Finding {
  const { count, bits, threshold, method, isNew, severity } = candidate;
  return {
    kind: isNew ? 'new' : 'rare',
    service: service.ref,
    templateId: count.templateId,
    severity,
    onsetMs: isNew ? candidate.state.firstMs : count.firstMs,
    onsetUncertaintyMs: 1000,
    lastSeenMs: count.lastMs,
    observed: count.records,
    expected: null,
    expectedP99: null,
    baselinePerMin: null,
    score: bits,
    censored: false,
    test: { method, bits, thresholdBits: threshold, explain: explain(service, candidate) },
  };
}

/** A new template told with the end of its service; it was seen in at least as many records as buckets. */
export function youngFinding(
  service: ServiceState,
  template: TemplateState,
  young: { readonly bits: number; readonly buckets: number },
): Finding {
  const { id, severity, firstMs, lastMs } = template;
  return {
    kind: 'new',
    service: service.ref,
    templateId: id,
    severity,
    onsetMs: firstMs,
    onsetUncertaintyMs: 1000,
    lastSeenMs: lastMs,
    observed: young.buckets,
    expected: null,
    expectedP99: null,
    baselinePerMin: null,
    score: young.bits,
    censored: true,
    test: {
      method: 'good_turing_novelty',
      bits: young.bits,
      explain: `new in the half hour before, in ${young.buckets} buckets, ${short(young.bits)} bits`,
    },
  };
}

function explain(service: ServiceState, candidate: Candidate): string {
  const { bits, threshold, method, count, severity, past } = candidate;
  const end = `${short(bits)} bits, speaks from ${short(threshold)}`;
  const novelty = service.novelty[Math.min(severity, 3)]!;
  const minutes = Math.round(service.activeMinutes);
  const level = severity >= 3 ? 'ERROR' : severity === 2 ? 'WARN' : severity === 1 ? 'INFO' : 'DEBUG';
  if (method === 'first_error') {
    return `${count.records} ERROR records, ${Math.round(novelty.minutes)} of ${minutes} min had any before, ${end}`;
  }
  if (method === 'dormant') return `${count.records} records, not seen for over 14 days, ${end}`;
  const what = past === 'in incidents only' ? 'seen in incidents only so far' : `${past} seen before`;
  return `${count.records} ${level} records ${what} in ${minutes} min (${Math.round(novelty.arrivals)} arrivals at ${level}), ${end}`;
}
