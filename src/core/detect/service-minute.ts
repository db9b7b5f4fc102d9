import type { Finding, SeverityClass } from '../../contracts.ts';
import { absenceDeadline, judgeAbsence } from './absence.ts';
import { resetCusum } from './cusum.ts';
import { dispersionGuess } from './dispersion.ts';
import { recentFallVerdict } from './falls.ts';
import { compareText, rateFinding } from './findings.ts';
import type { MinuteContext } from './minute.ts';
import { DEPLOY_MS } from './rarity.ts';
import type { RateState } from './rate-state.ts';
import { FALL_SUM, learnRecentMinute, learnRecentZeros, RECENT_SPREAD, stepRecentFall } from './recent.ts';
import type { SeriesClock } from './series.ts';
import { bringForward, judgeMinute, markAlarm, REFRACTORY_MS } from './series.ts';
import { judgeRecentSilence, learnRecent, recentDeadline } from './service-level.ts';
import type { ServiceState } from './service-state.ts';
import { ACTIVE_MINUTES_MIN } from './template-state.ts';
import { DAY_MS, GAP_MAX_MS, MINUTE_MS } from './time.ts';
import type { Verdict } from './verdict.ts';

/** Longer without a record than this is no rate of zero. */
const GAP_MAX_MINUTES = GAP_MAX_MS / MINUTE_MS;

/** A service's own series is neither of its templates': its finding carries these classes. */
const FALL_SEVERITY: SeverityClass = 2;
const RISE_SEVERITY: SeverityClass = 1;
const ERROR_SEVERITY: SeverityClass = 3;

/** An incident told up to this long before a loss of traffic began explains it. */
const EXPLAINED_MS = 5 * MINUTE_MS;

/** The fleet's clocks before and after the minute, and its traffic index. */
export interface FleetMinute {
  readonly exposureBefore: number;
  readonly observedBefore: number;
  readonly exposure: number;
  readonly observed: number;
  readonly services: number;
}

/**
 * Judges a service's total and its ERROR volume in a closed minute with records. `largestExcess` are the lines that one of
 * its templates logged above its own expectation.
 */
export function judgeServiceSeries(
  service: ServiceState,
  fleet: FleetMinute,
  largestExcess: number,
  context: MinuteContext,
): Finding[] {
  const { series } = service;
  const findings: Finding[] = [];
  const total = sum(service.openTotal);
  const errors = sum(service.openErrors);
  const verdict = judgeOne(
    service,
    series.total,
    { slots: service.openTotal, lines: total, elsewhere: largestExcess },
    FALL_SEVERITY,
    fleet,
    context,
  );
  // A restart's flood of lines is not known to be usual until the service is, nor are its days and nights before one passed.
  const ageMs = (context.minute + 1) * MINUTE_MS - service.firstMs;
  const isSudden = verdict?.arm === 'tail' || (verdict?.arm === 'down' && verdict.isRecent === true);
  const known = ageMs >= (isSudden ? context.options.learnMs : DAY_MS);
  const told =
    isToldByTemplate(service, context.minute) ||
    (verdict?.arm !== 'down' && isDeploying(service, context.minute));
  if (verdict !== null && known && !told) {
    const severity = verdict.arm === 'down' ? FALL_SEVERITY : RISE_SEVERITY;
    findings.push(serviceFinding(service, series.total, verdict, severity, fleet, context));
  }
  if (errors > 0) {
    const rising = judgeOne(
      service,
      series.errors,
      { slots: service.openErrors, lines: errors, elsewhere: 0 },
      ERROR_SEVERITY,
      fleet,
      context,
    );
    if (rising !== null && rising.arm !== 'down') {
      findings.push(serviceFinding(service, series.errors, rising, ERROR_SEVERITY, fleet, context));
    }
  }
  const missing = judgeTrafficLoss(service, total, fleet, context);
  if (missing !== null && verdict === null && ageMs >= context.options.learnMs && !told) {
    context.losses.push(serviceFinding(service, series.total, missing, FALL_SEVERITY, fleet, context));
  }
  learnRecent(series, context.minute, total);
  series.total.deadline = isOld(service, series.total, context)
    ? silenceDeadline(service, fleet, context)
    : null;
  return findings;
}

/**
 * The service's lines against its own last hour, whatever the rest of the fleet does: where most services serve the same
 * requests, requests that stay away take the fleet's index with them. Nights come slower than the last hour forgets.
 */
function judgeTrafficLoss(
  service: ServiceState,
  lines: number,
  fleet: FleetMinute,
  context: MinuteContext,
): Verdict | null {
  // Some of the minute's lines are missing data.
  if (service.openCensored.includes(true)) return null;
  const { traffic, total } = service.series;
  const alpha = context.budget.serviceAlpha(FALL_SEVERITY, fleet.services);
  const missed = Math.min(Math.max(0, context.minute - service.series.lastMinute - 1), GAP_MAX_MINUTES);
  learnRecentZeros(traffic, 0, missed, missed);
  const { minute } = context;
  const spread = dispersionGuess(traffic, RECENT_SPREAD, 1, NO_PRIOR);
  const alarms = stepRecentFall(traffic, 0, { minute, lines, exposure: 1 }, total.perMinute, spread, alpha);
  learnRecentMinute(traffic, 0, lines, 1);
  if (!alarms) return null;
  const verdict = recentFallVerdict(traffic, 0, minute, total.perMinute, alpha);
  resetCusum(traffic, FALL_SUM, minute + 1);
  if (minute * MINUTE_MS < total.refractoryUntilMs) return null;
  markAlarm(total, minute, false);
  return verdict;
}

/**
 * Requests that stay away are missed by every service they would have come to: told once, for the service that shows it
 * most clearly. Null when this episode was told, or when an incident told before it explains why they stay away.
 */
export function toldLoss(
  losses: readonly Finding[],
  fleet: { readonly lossMinute: number | null; readonly toldMinute: number | null },
  minute: number,
): Finding | null {
  const { lossMinute, toldMinute } = fleet;
  if (lossMinute !== null && (minute - lossMinute) * MINUTE_MS < REFRACTORY_MS) return null;
  let best: Finding | null = null;
  for (const loss of losses) if (best === null || compareLosses(loss, best) < 0) best = loss;
  if (best === null || toldMinute === null) return best;
  return toldMinute * MINUTE_MS >= best.onsetMs - EXPLAINED_MS ? null : best;
}

function compareLosses(x: Finding, y: Finding): number {
  return y.score - x.score || compareText(x.service.key, y.service.key);
}

/** One template that changed moves its service's total, too: it is told once, where it happened. */
function isToldByTemplate(service: ServiceState, minute: number): boolean {
  const { templateAlarmMinute } = service;
  return templateAlarmMinute !== null && (minute - templateAlarmMinute) * MINUTE_MS < REFRACTORY_MS;
}

/** What a deploy adds to a service's total is part of the deploy. */
function isDeploying(service: ServiceState, minute: number): boolean {
  const { versionChangedMs } = service;
  return versionChangedMs !== null && minute * MINUTE_MS - versionChangedMs < DEPLOY_MS;
}

function judgeOne(
  service: ServiceState,
  rate: RateState,
  counts: { readonly slots: readonly number[]; readonly lines: number; readonly elsewhere: number },
  severity: SeverityClass,
  fleet: FleetMinute,
  context: MinuteContext,
): Verdict | null {
  const clock = {
    exposure: fleet.exposureBefore,
    observed: fleet.observedBefore,
    prior: NO_PRIOR,
    occupancyPrior: NO_PRIOR,
  };
  bringForward(rate, clock, context.minute);
  const exposure = fleet.exposure - fleet.exposureBefore;
  const alpha = context.budget.serviceAlpha(severity, fleet.services);
  const verdict = judgeMinute(
    rate,
    {
      minute: context.minute,
      ...counts,
      exposure,
      exposureMax: Math.max(exposure, 1),
      censored: service.openCensored.includes(true),
    },
    clock,
    alpha,
    isOld(service, rate, context) ? 'all' : 'none',
  );
  rate.exposureAt = fleet.exposure;
  rate.observedAt = fleet.observed;
  rate.seenAt = fleet.exposure;
  return verdict;
}

/** Services lend each other no dispersion: what is usual for one says little about another. */
const NO_PRIOR = [1, 1, 1] as const;

/** Judges a service without records in this minute, once its deadline has passed. */
export function judgeServiceSilence(
  service: ServiceState,
  fleet: FleetMinute,
  context: MinuteContext,
): Finding | null {
  const { series } = service;
  const rate = series.total;
  const clock: SeriesClock = {
    exposure: fleet.exposure,
    observed: fleet.observed,
    prior: NO_PRIOR,
    occupancyPrior: NO_PRIOR,
  };
  const alpha = context.budget.serviceAlpha(FALL_SEVERITY, fleet.services);
  const verdict =
    judgeRecentSilence(series, fleet.exposure - rate.seenAt, context.minute, service.lastMs, alpha) ??
    judgeAbsence(rate, clock, context.minute, service.lastMs, alpha);
  if (verdict === null) {
    rate.deadline = silenceDeadline(service, fleet, context);
    return null;
  }
  rate.deadline = null;
  rate.silentAfter = fleet.exposure - rate.seenAt;
  markAlarm(rate, context.minute, false);
  return serviceFinding(service, rate, verdict, FALL_SEVERITY, fleet, context, alpha);
}

function silenceDeadline(service: ServiceState, fleet: FleetMinute, context: MinuteContext): number {
  const { series } = service;
  const alpha = context.budget.serviceAlpha(FALL_SEVERITY, fleet.services);
  const clock = {
    exposure: fleet.exposure,
    observed: fleet.observed,
    prior: NO_PRIOR,
    occupancyPrior: NO_PRIOR,
  };
  const slow = absenceDeadline(series.total, clock, alpha);
  const recent = recentDeadline(series, alpha);
  if (recent === null) return slow;
  return Math.min(slow, Math.max(series.total.seenAt + recent, fleet.exposure + 0.5));
}

function isOld(service: ServiceState, rate: RateState, context: MinuteContext): boolean {
  return (
    rate.activeMinutes >= ACTIVE_MINUTES_MIN &&
    (context.minute + 1) * MINUTE_MS - service.firstMs >= context.options.rateLearnMs
  );
}

function serviceFinding(
  service: ServiceState,
  rate: RateState,
  verdict: Verdict,
  severity: SeverityClass,
  fleet: FleetMinute,
  context: MinuteContext,
  alpha = context.budget.serviceAlpha(severity, fleet.services),
): Finding {
  const subject = {
    service: service.ref,
    templateId: null,
    severity,
    lastSeenMs: service.lastMs,
    baselinePerMin: rate.perMinute,
    censored: false,
  };
  return rateFinding(subject, verdict, alpha);
}

function sum(values: readonly number[]): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
