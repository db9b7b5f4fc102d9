import type { Finding, SeverityClass } from '../../contracts.ts';
import { absenceDeadline, judgeAbsence } from './absence.ts';
import type { Budget } from './budget.ts';
import { PeerDispersion } from './dispersion.ts';
import {
  BUSY_RATE,
  ratiosOf,
  type TrafficIndex,
  type TrafficPart,
  type TrafficRatios,
  trafficIndex,
} from './exposure.ts';
import { rateFinding } from './findings.ts';
import type { DetectSettings } from './options.ts';
import { DISPERSION, OCCUPANCY } from './rate-places.ts';
import { newRateNumbers, newRateState, type RateState } from './rate-state.ts';
import type { Eligibility, SeriesClock } from './series.ts';
import { bringForward, judgeMinute, markAlarm } from './series.ts';
import type { ServiceState } from './service-state.ts';
import { ACTIVE_MINUTES_MIN, type TemplateState } from './template-state.ts';
import { MINUTE_MS } from './time.ts';

/** A line seen in fewer minutes than this has shown nothing of how it comes. */
const SPIKE_MINUTES_MIN = 3;

/**
 * What came later than its service, or comes now and then, falls silent again as likely as not: bursts and batches of a few
 * hours are no rate. What was there from the first minutes on, in most of them, belongs to the service.
 */
const STEADY_FALL_MINUTES = 180;
const FALL_MINUTES = 360;
const STEADY_SHARE = 0.5;
const ORIGINAL_MS = 10 * MINUTE_MS;

/** Below WARN a burst of a rare line is a batch, and batches are rare lines' way of life. */
const SPIKE_SEVERITY_MIN: SeverityClass = 2;

/** One of more than so many templates hardly moves their median. */
const ALONE_MAX = 8;

/** Dispersion lent among templates is worked out anew this often. */
const PEERS_EVERY_MINUTES = 15;

/** A service's traffic index in a minute, and what it was made of. */
export interface ServiceTraffic {
  readonly index: TrafficIndex;
  readonly own: TrafficRatios;
  readonly fleet: { readonly smooth: number; readonly now: number };
}

export interface MinuteContext {
  readonly minute: number;
  readonly budget: Budget;
  readonly options: DetectSettings;
  /** Chance of a false alarm that one arm of one template may run, per severity class. */
  readonly alphas: readonly number[];
  /** Losses of traffic of this minute, one a service: all of them are one loss to the fleet (see `toldLoss`). */
  readonly losses: Finding[];
  /** Called for each template whose rate changed although it had no record. */
  touched(template: TemplateState): void;
}

/** A service's clocks before and after the minute, per severity class. */
interface MinuteClocks {
  readonly before: readonly SeriesClock[];
  readonly after: readonly SeriesClock[];
}

/** A service's own traffic in this minute: lines over baseline of its busy templates, those without a record included. */
export function trafficRatios(service: ServiceState, minute: number): TrafficRatios {
  const parts: TrafficPart[] = [];
  for (const template of service.templates.all()) {
    const { rate } = template;
    if (rate === null || !rate.isBusy) continue;
    if (rate.silentAfter !== null || rate.activeMinutes < ACTIVE_MINUTES_MIN) continue;
    const behind = service.observed[rate.clock]! - rate.observedAt;
    const lines = template.openMinute === minute ? template.openLines() : 0;
    const ratio = (lines * rate.b) / rate.a;
    parts.push({ template, now: ratio, smooth: rate.ratio * 0.8 ** (behind + 1) + 0.2 * ratio });
  }
  return ratiosOf(parts);
}

/** Judges a closed minute of a service that had records in it: first what came, then what did not come. */
export function judgeServiceMinute(
  service: ServiceState,
  present: readonly TemplateState[],
  traffic: ServiceTraffic,
  context: MinuteContext,
): { readonly findings: Finding[]; readonly largestExcess: number } {
  const findings: Finding[] = [];
  let largestExcess = 0;
  const { index } = traffic;
  const before = clocksOf(service);
  for (let c = 0; c < 5; c++) {
    if (service.openCensored[c]) continue;
    service.exposure[c]! += index.low;
    service.observed[c]! += 1;
  }
  const clocks = { before, after: clocksOf(service) };
  const whole = newRateNumbers();
  for (const template of present) {
    // Merged away or evicted since its records came.
    if (template.block === null) continue;
    largestExcess = Math.max(largestExcess, excessOf(template, index.high));
    const room = template.rate?.unfold(whole);
    const finding = judgePresent(service, template, clocks, indexWithout(traffic, template), context);
    template.rate?.fold(room);
    if (finding !== null) findings.push(finding);
  }
  for (const template of service.templates.all()) {
    const { rate } = template;
    const deadline = rate?.deadline ?? null;
    if (rate === null || deadline === null || service.exposure[rate.clock]! < deadline) continue;
    const room = rate.unfold(whole);
    const finding = judgeAbsent(service, template, rate, clocks.after, context);
    rate.fold(room);
    context.touched(template);
    if (finding !== null) findings.push(finding);
  }
  if (findings.length > 0) service.templateAlarmMinute = context.minute;
  if (context.minute - service.dispersionMinute >= PEERS_EVERY_MINUTES)
    lendDispersion(service, context.minute);
  return { findings, largestExcess };
}

/** Where few templates make the index, a template is not held against itself. */
function indexWithout({ index, own, fleet }: ServiceTraffic, template: TemplateState): TrafficIndex {
  if (own.busy > ALONE_MAX || !own.parts.some((part) => part.template === template)) return index;
  return trafficIndex(ratiosOf(own.parts.filter((part) => part.template !== template)), fleet);
}

/** Lines of the open minute above the template's own expectation. */
function excessOf(template: TemplateState, index: number): number {
  const { rate } = template;
  return template.openLines() - (rate === null ? 0 : (index * rate.a) / rate.b);
}

function judgePresent(
  service: ServiceState,
  template: TemplateState,
  { before, after }: MinuteClocks,
  index: TrafficIndex,
  context: MinuteContext,
): Finding | null {
  template.close();
  const { minute } = context;
  const severity = template.openSeverity;
  template.severity = severity;
  if (template.rate === null) {
    // The first minute only opens the account; its lines are the condition for looking, not evidence of a rate.
    if (Math.floor(template.firstMs / MINUTE_MS) < minute) {
      template.rate = newRateState(
        minute,
        severity,
        service.exposure[severity]!,
        service.observed[severity]!,
      );
    }
    return null;
  }
  const rate = template.rate;
  bringForward(rate, before[rate.clock]!, minute);
  if (rate.clock !== severity) moveClock(rate, severity, before[severity]!);
  const lines = template.openLines();
  const censored = service.openCensored[severity]!;
  const alpha = context.alphas[severity]!;
  const wasAll = rate.deadline !== null || rate.silentAfter !== null;
  const eligible = eligibility(service, rate, severity, minute, context.options);
  const verdict = judgeMinute(
    rate,
    { minute, lines, slots: template.openSlots(), exposure: index.low, exposureMax: index.high, censored },
    before[severity]!,
    alpha,
    // The minutes without a record before the first of a judged series taught, and accuse nobody.
    eligible === 'all' && !wasAll ? 'rises' : eligible,
  );
  rate.exposureAt = service.exposure[severity]!;
  rate.observedAt = service.observed[severity]!;
  rate.seenAt = rate.exposureAt;
  rate.deadline = eligible === 'all' ? absenceDeadline(rate, after[severity]!, alpha) : null;
  rate.isBusy = rate.perMinute >= BUSY_RATE;
  if (verdict === null) return null;
  return rateFinding(subjectOf(service, template, rate, severity, censored), verdict, alpha);
}

function judgeAbsent(
  service: ServiceState,
  template: TemplateState,
  rate: RateState,
  clocks: readonly SeriesClock[],
  context: MinuteContext,
): Finding | null {
  const severity = template.severity;
  const clock = clocks[rate.clock]!;
  const alpha = context.alphas[severity]!;
  const verdict = judgeAbsence(rate, clock, context.minute, template.lastMs, alpha);
  if (verdict === null) {
    rate.deadline = absenceDeadline(rate, clock, alpha);
    return null;
  }
  rate.deadline = null;
  rate.silentAfter = clock.exposure - rate.seenAt;
  const refractory = context.minute * MINUTE_MS < rate.refractoryUntilMs;
  markAlarm(rate, context.minute, false);
  if (refractory) return null;
  return rateFinding(subjectOf(service, template, rate, severity, false), verdict, alpha);
}

function subjectOf(
  service: ServiceState,
  template: TemplateState,
  rate: RateState,
  severity: SeverityClass,
  censored: boolean,
): Parameters<typeof rateFinding>[0] {
  return {
    service: service.ref,
    templateId: template.id,
    severity,
    lastSeenMs: template.lastMs,
    baselinePerMin: rate.perMinute,
    censored,
  };
}

function eligibility(
  service: ServiceState,
  rate: RateState,
  severity: SeverityClass,
  minute: number,
  options: DetectSettings,
): Eligibility {
  const ageMs = (minute - rate.firstMinute) * MINUTE_MS;
  const serviceAgeMs = (minute + 1) * MINUTE_MS - service.firstMs;
  if (ageMs < options.rateLearnMs - 5 * MINUTE_MS || serviceAgeMs < options.rateLearnMs) return 'none';
  if (rate.activeMinutes >= ACTIVE_MINUTES_MIN) {
    return mayFall(service, rate, minute) ? 'all' : 'rises';
  }
  const isKnown = rate.activeMinutes >= SPIKE_MINUTES_MIN && serviceAgeMs >= options.learnMs;
  return isKnown && severity >= SPIKE_SEVERITY_MIN ? 'spikes' : 'none';
}

/** Whether the series is old enough for its falls to be news. */
function mayFall(service: ServiceState, rate: RateState, minute: number): boolean {
  const age = minute - rate.firstMinute;
  if (age >= FALL_MINUTES) return true;
  if (rate.activeMinutes < STEADY_SHARE * age) return false;
  return age >= STEADY_FALL_MINUTES || rate.firstMinute * MINUTE_MS - service.firstMs <= ORIGINAL_MS;
}

/** Where the service's clocks stand, per severity class. */
function clocksOf(service: ServiceState): SeriesClock[] {
  const { exposure, observed, dispersion: prior, occupancyDispersion: occupancyPrior } = service;
  return exposure.map((minutes, c) => ({
    exposure: minutes,
    observed: observed[c]!,
    prior,
    occupancyPrior,
  }));
}

/** The template's records changed their class: its clocks are now those of the new class, at the same instant. */
function moveClock(rate: RateState, severity: SeverityClass, { exposure, observed }: SeriesClock): void {
  rate.seenAt += exposure - rate.exposureAt;
  rate.exposureAt = exposure;
  rate.observedAt = observed;
  rate.clock = severity;
}

/** Adds the service's templates under test to the numbers per severity class. */
export function addTested(service: ServiceState, tested: number[]): void {
  for (const { rate, severity } of service.templates.all())
    if (rate !== null && rate.activeMinutes >= ACTIVE_MINUTES_MIN) tested[severity]! += 1;
}

function lendDispersion(service: ServiceState, minute: number): void {
  const lines = new PeerDispersion();
  const occupancy = new PeerDispersion();
  const whole = newRateNumbers();
  for (const { rate } of service.templates.all()) {
    if (rate === null) continue;
    const numbers = rate.readNumbers(whole);
    lines.add(numbers, DISPERSION);
    if (rate.isSparse) occupancy.add(numbers, OCCUPANCY);
  }
  service.dispersion = lines.lent();
  service.occupancyDispersion = occupancy.lent();
  service.dispersionMinute = minute;
}
