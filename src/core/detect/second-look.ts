// What is not surprising enough to be told by itself, but is beside an incident that was told: the window asks.
import type { Finding, SeverityClass } from '../../contracts.ts';
import type { Budget } from './budget.ts';
import { rateFinding } from './findings.ts';
import { errorThresholds, noveltyThreshold, type ThresholdState } from './novelty-threshold.ts';
import { ERROR } from './rarity-candidates.ts';
import { youngFinding } from './rarity-finding.ts';
import { recentSilence } from './service-level.ts';
import type { ServiceState } from './service-state.ts';
import { decayFactor, GAP_MAX_MS, HOUR_MS } from './time.ts';

/**
 * A novelty may be this many bits short of the bar when it came after the incident began, and this many when it came
 * before: a wrong precursor would date the incident and name its origin.
 */
const BITS_SHORT_AFTER = 4;
const BITS_SHORT_BEFORE = 2.5;

/**
 * Chance that a service which goes on is taken for silent. Asked of a few dozen services a few dozen times a window, it
 * puts one wrong silence into one window of some hundred.
 */
const SILENCE_ALPHA = 1e-5;

/** A silence must also last this many times the longest one of late that was no news. */
const PAUSE_FACTOR = 2;
const PAUSE_HALF_LIFE_MS = 6 * HOUR_MS;

const WARN: SeverityClass = 2;
const SUSPECTS_MAX = 4;

/** Call with the time of a service's first record in a bucket, before its `lastMs` moves on. */
export function learnPause(service: ServiceState, firstMs: number): void {
  const gap = firstMs - service.lastMs;
  if (gap > GAP_MAX_MS || service.series.total.silentAfter !== null) return;
  const kept = service.pauseMs * decayFactor(firstMs - service.pauseAtMs, PAUSE_HALF_LIFE_MS);
  service.pauseMs = Math.max(gap, kept, 0);
  service.pauseAtMs = firstMs;
}

/**
 * New warnings and ERRORs since `fromMs` that were not told, and a silence that lasts, beside an incident that began at
 * `onsetMs`. Up to `endMs` all is known.
 */
export function suspects(
  service: ServiceState,
  [fromMs, onsetMs, endMs]: readonly [number, number, number],
  thresholds: ThresholdState,
  budget: Budget,
): Finding[] {
  const findings: Finding[] = [];
  for (const template of service.templates.all()) {
    const { young, severity } = template;
    if (young === null || severity < WARN || template.firstMs < fromMs) continue;
    const bar =
      severity >= ERROR
        ? errorThresholds(thresholds, budget, endMs).joint
        : noveltyThreshold(thresholds, budget, severity);
    const short = template.firstMs < onsetMs ? BITS_SHORT_BEFORE : BITS_SHORT_AFTER;
    if (young.bits + Math.log2(young.buckets) < bar - short) continue;
    findings.push(youngFinding(service, template, young));
  }
  findings.sort((a, b) => a.onsetMs - b.onsetMs || ((a.templateId ?? '') < (b.templateId ?? '') ? -1 : 1));
  const silence = silenceNow(service, endMs);
  return [...(silence === null ? [] : [silence]), ...findings].slice(0, SUSPECTS_MAX);
}

function silenceNow(service: ServiceState, endMs: number): Finding | null {
  const { series, lastMs, pauseMs } = service;
  if (endMs - lastMs < PAUSE_FACTOR * pauseMs || endMs - lastMs > GAP_MAX_MS) return null;
  const verdict = recentSilence(series, endMs, lastMs);
  if (verdict === null || verdict.lnP! > Math.log(SILENCE_ALPHA)) return null;
  const subject = {
    service: service.ref,
    templateId: null,
    severity: WARN,
    lastSeenMs: lastMs,
    baselinePerMin: series.total.perMinute,
    censored: false,
  };
  return rateFinding(subject, verdict, SILENCE_ALPHA);
}
