import type { BaselineLookup } from '../../contracts.ts';
import type { WindowData } from './event-schema.ts';
import { compareText, rfc3339, significant, sum } from './format.ts';
import { TRAFFIC_MS } from './limits.ts';
import { byFirstEvidence } from './rank.ts';
import type { OpenWindow } from './state.ts';

/** At revision 1: the youngest service limits what all baselines are worth. Later revisions tell the same age. */
export function noteBaseline(window: OpenWindow, baselines: BaselineLookup): void {
  const seen = window.services
    .map((entry) => baselines.firstSeenMs(entry.service.key))
    .filter((ms) => ms !== null);
  if (seen.length === 0) return;
  const sinceMs = Math.max(...seen);
  window.baseline = { sinceMs, ageMs: Math.max(0, window.firstOnsetMs - sinceMs) };
}

/** At each revision: what traffic was beside the incident, not half an hour after it. */
export function noteTraffic(window: OpenWindow, baselines: BaselineLookup, watermarkMs: number): void {
  for (const entry of window.services) {
    if (entry.traffic === null || watermarkMs - window.latestOnsetMs <= TRAFFIC_MS)
      entry.traffic = baselines.trafficIndex(entry.service.key);
  }
}

export function timeOf(window: OpenWindow, watermarkMs: number): WindowData['time'] {
  const first = window.findings.reduce((a, b) => (byFirstEvidence(a.finding, b.finding) <= 0 ? a : b));
  const lastEvidenceMs = Math.max(...window.findings.map((tracked) => tracked.evidenceEndMs));
  return {
    start: rfc3339(window.startMs),
    end: rfc3339(lastEvidenceMs),
    onset: rfc3339(window.firstOnsetMs),
    onset_uncertainty_s: Math.round(first.finding.onsetUncertaintyMs / 1000),
    ...(window.baseline === null ? {} : { baseline: `discounted since ${rfc3339(window.baseline.sinceMs)}` }),
    watermark: rfc3339(watermarkMs),
  };
}

export function coverageOf(window: OpenWindow, baselines: BaselineLookup): WindowData['coverage'] {
  const late = window.dropped.get('late') ?? 0;
  const dropped = [...window.dropped]
    .filter(([reason]) => reason !== 'late')
    .sort((a, b) => compareText(a[0], b[0]));
  const censored = sum(window.services.map((entry) => entry.censored));
  return {
    records_in_scope: sum(window.services.map((entry) => entry.records)),
    records_dropped: sum(dropped.map(([, records]) => records)),
    records_late: late,
    ...(dropped.length === 0 ? {} : { dropped_by_reason: Object.fromEntries(dropped) }),
    ...(censored === 0 ? {} : { records_censored: censored }),
    ...(window.frames === 0 ? {} : { stack_frames: window.frames }),
    ...(window.severityInferred === 0 ? {} : { severity_inferred: window.severityInferred }),
    ...(window.timeInferred === 0 ? {} : { time_inferred: window.timeInferred }),
    sampled: false,
    ...(window.baseline === null ? {} : { baseline_age_s: Math.round(window.baseline.ageMs / 1000) }),
    warm: window.services.every((entry) => baselines.isWarm(entry.service.key)),
    templates_tested: baselines.templatesTested,
    false_alarm_budget_per_day: significant(baselines.falseAlarmBudgetPerDay),
  };
}
