import type {
  AnyStateRow,
  BaselineLookup,
  ChangeMarker,
  Finding,
  Judgement,
  MinedBucket,
  MinedService,
  SeverityClass,
  Stateful,
  TemplateChange,
} from '../../contracts.ts';
import { arrivalsOf } from './arrivals.ts';
import { Budget } from './budget.ts';
import { fleetIndex, fleetOfOthers, type TrafficRatios, trafficIndex } from './exposure.ts';
import { compareFindings, compareText } from './findings.ts';
import type { MinuteContext } from './minute.ts';
import { addTested, judgeServiceMinute, trafficRatios } from './minute.ts';
import { ageThresholds, newThresholdState, type ThresholdState } from './novelty-threshold.ts';
import { addToMinute, openServiceMinute, slotOf } from './open-minute.ts';
import { DETECT_DEFAULTS, type DetectOptions, type DetectSettings } from './options.ts';
import { takeOverflow } from './overflow.ts';
import { judgeRarity } from './rarity.ts';
import { Registry } from './registry.ts';
import { learnPause, suspects } from './second-look.ts';
import { bringForward } from './series.ts';
import { type FleetMinute, judgeServiceSeries, judgeServiceSilence, toldLoss } from './service-minute.ts';
import type { ServiceState } from './service-state.ts';
import { DETECT_TABLES, FLEET_TABLE } from './state-tables.ts';
import { mergeTemplates, type TemplateState } from './template-state.ts';
import { DAY_MS, GAP_MAX_MS, MINUTE_MS, minuteOf } from './time.ts';
import { addToTrial, followVersions, judgeTrial } from './versions.ts';

export type { DetectOptions } from './options.ts';

/** What concerns no single service. Plain data. */
interface FleetState {
  /** Clocks of the fleet: minutes of usual traffic, observed minutes. */
  exposure: number;
  observed: number;
  /** First minute that is not judged yet; null before the first bucket. */
  nextMinute: number | null;
  /** End of the bucket judged last. */
  endMs: number;
  thresholds: ThresholdState;
  /** Minute in which a loss of traffic was last told; null = never. */
  lossMinute: number | null;
  /** Minute in which an ERROR or a change of rate was last told, of any service; null = never. */
  toldMinute: number | null;
  /** Templates under test per severity class, as counted last. */
  tested: number[];
}

const CLASSES: readonly SeverityClass[] = [0, 1, 2, 3, 4];

/** Templates under test are counted anew this often. */
const COUNT_EVERY_MINUTES = 10;

/** A service that is expected to log this much a minute and logs nothing is in outage: its templates' clocks stand still. */
const OUTAGE_RATE = 3;

/**
 * Judges closed buckets: what is new or rare at once, what changed its rate at the end of each minute of event time.
 * Call `judge` once per bucket, in order of `startMs`. Learns from every bucket; the same buckets give the same
 * judgements, and `takeChanges`/`load` at any bucket changes nothing.
 */
export class Detectors implements Stateful, BaselineLookup {
  readonly tables = DETECT_TABLES;
  readonly #options: DetectSettings;
  readonly #budget: Budget;
  readonly #registry: Registry;
  #fleet: FleetState | null = null;

  constructor(options: DetectOptions) {
    this.#options = { ...DETECT_DEFAULTS, ...options };
    this.#budget = new Budget(this.#options.falseAlarmBudgetPerDay);
    this.#registry = new Registry(this.#options.templatesMax, this.#options.servicesMax);
  }

  judge(bucket: MinedBucket): Judgement {
    const findings: Finding[] = [];
    const changes: ChangeMarker[] = [];
    const minute = minuteOf(bucket.startMs);
    const endMs = bucket.startMs + bucket.stepMs;
    this.#fleet ??= {
      exposure: 0,
      observed: 0,
      nextMinute: minute,
      endMs: bucket.startMs,
      thresholds: newThresholdState(bucket.startMs),
      lossMinute: null,
      toldMinute: null,
      tested: [0, 0, 0, 0, 0],
    };
    this.#closeMinutesBefore(minute, bucket.startMs, findings);
    ageThresholds(this.#fleet.thresholds, bucket.startMs);
    for (const change of bucket.changes) this.#follow(change);
    for (const mined of bucket.services) this.#judgeService(mined, bucket, findings, changes);
    if (findings.some(isIncident)) this.#fleet.toldMinute = minute;
    this.#fleet.endMs = endMs;
    if (minuteOf(endMs) > minute) {
      this.#closeMinute(minute, findings);
      this.#fleet.nextMinute = minute + 1;
    }
    this.#registry.evict();
    findings.sort(compareFindings);
    changes.sort(
      (x, y) => x.atMs - y.atMs || compareText(x.service.key, y.service.key) || compareText(x.to, y.to),
    );
    return { findings, changes };
  }

  takeChanges(): AnyStateRow[] {
    const rows = this.#registry.takeChanges();
    if (this.#fleet !== null)
      rows.unshift({ table: FLEET_TABLE, key: 'fleet', value: JSON.stringify(this.#fleet) });
    return rows;
  }

  load(rows: readonly AnyStateRow[]): void {
    for (const { table, value } of rows) {
      if (table === FLEET_TABLE && typeof value === 'string') this.#fleet = JSON.parse(value) as FleetState;
    }
    this.#registry.load(rows);
  }

  trafficIndex(serviceKey: string): number | null {
    return this.#registry.service(serviceKey)?.traffic ?? null;
  }

  baselinePerMin(serviceKey: string, templateId: string): number | null {
    const service = this.#registry.service(serviceKey);
    const rate = service?.templates.get(templateId)?.rate;
    if (service === undefined || rate === undefined || rate === null) return null;
    return (service.traffic * rate.a) / rate.b;
  }

  firstSeenMs(serviceKey: string): number | null {
    return this.#registry.service(serviceKey)?.firstMs ?? null;
  }

  isWarm(serviceKey: string): boolean {
    const first = this.firstSeenMs(serviceKey);
    return first !== null && this.#fleet !== null && this.#fleet.endMs - first >= DAY_MS;
  }

  isQuarantined(serviceKey: string): boolean {
    return this.#registry.service(serviceKey)?.quarantined ?? false;
  }

  suspects(serviceKey: string, fromMs: number, onsetMs: number): readonly Finding[] {
    const service = this.#registry.service(serviceKey);
    const fleet = this.#fleet;
    if (service === undefined || fleet === null) return [];
    return suspects(service, [fromMs, onsetMs, fleet.endMs], fleet.thresholds, this.#budget);
  }

  get templatesTested(): number {
    return this.#registry.templates;
  }

  get falseAlarmBudgetPerDay(): number {
    return this.#budget.falseAlarmsPerDay;
  }

  #judgeService(
    mined: MinedService,
    bucket: MinedBucket,
    findings: Finding[],
    changes: ChangeMarker[],
  ): void {
    if (mined.records === 0) return;
    const fleet = this.#fleet!;
    const minute = minuteOf(bucket.startMs);
    const service = this.#registry.open(
      mined.service,
      bucket.startMs,
      minute,
      fleet.exposure,
      fleet.observed,
    );
    const arrivals = arrivalsOf(service, mined, minute, this.#registry);
    changes.push(...followVersions(service, mined, bucket.startMs));
    const context = {
      budget: this.#budget,
      options: this.#options,
      thresholds: fleet.thresholds,
      startMs: bucket.startMs,
      touched: (template: TemplateState) => this.#registry.touch(template),
    };
    findings.push(...judgeRarity(service, mined, arrivals, context));
    addToTrial(service, mined);
    const slot = slotOf(bucket.startMs);
    this.#registry.present(service, minute);
    let firstMs = bucket.startMs + bucket.stepMs;
    let lastMs = bucket.startMs;
    for (const arrival of arrivals) {
      if (!arrival.state.isOpen) this.#registry.presentTemplate(service, arrival.state);
      addToMinute(arrival, minute, slot);
      firstMs = Math.min(firstMs, arrival.count.firstMs);
      lastMs = Math.max(lastMs, arrival.count.lastMs);
    }
    openServiceMinute(service, mined, minute, slot);
    learnPause(service, firstMs);
    service.lastMs = lastMs;
    if (service.overflow !== null || service.trial !== null) this.#registry.touchText(service);
  }

  /** Buckets without any record are not passed: their minutes are zeros, unless the gap is long enough to be an outage of the input. */
  #closeMinutesBefore(minute: number, startMs: number, findings: Finding[]): void {
    const fleet = this.#fleet!;
    if (fleet.nextMinute === null || fleet.nextMinute >= minute) return;
    const missing = startMs - fleet.endMs > GAP_MAX_MS;
    const until = missing ? Math.min(minute, minuteOf(fleet.endMs) + 1) : minute;
    for (let m = fleet.nextMinute; m < until; m++)
      if (!missing || this.#registry.isPresent(m)) this.#closeMinute(m, findings);
    fleet.nextMinute = minute;
  }

  #closeMinute(minute: number, findings: Finding[]): void {
    const fleet = this.#fleet!;
    if (minute % COUNT_EVERY_MINUTES === 0) fleet.tested = this.#countTested();
    const context: MinuteContext = {
      minute,
      budget: this.#budget,
      options: this.#options,
      alphas: CLASSES.map((severity) => this.#budget.templateAlpha(severity, fleet.tested)),
      losses: [],
      touched: (template) => this.#registry.touchRate(template),
    };
    const present = this.#registry.takePresent();
    const ratios = present.map(({ service }) => trafficRatios(service, minute));
    const others = fleetOfOthers(ratios);
    const clock = this.#tick(ratios);
    present.forEach(({ service, templates }, i) => {
      catchUp(service, clock);
      const [own, rest] = [ratios[i]!, others[i]!];
      const index = trafficIndex(own, rest);
      service.traffic = index.low > 1 ? index.low : index.high < 1 ? index.high : 1;
      const judged = judgeServiceMinute(service, templates, { index, own, fleet: rest }, context);
      findings.push(...judged.findings);
      findings.push(...judgeServiceSeries(service, clock, judged.largestExcess, context));
      this.#registry.touchMinute(service, templates);
      service.fleetExposureAt = clock.exposure;
      service.fleetObservedAt = clock.observed;
      service.openMinute = null;
    });
    if (findings.some(isIncident)) fleet.toldMinute = minute;
    const loss = toldLoss(context.losses, fleet, minute);
    if (loss !== null) {
      findings.push(loss);
      fleet.lossMinute = minute;
    }
    fleet.exposure = clock.exposure;
    fleet.observed = clock.observed;
    this.#judgeQuiet(clock, context, findings);
  }

  /** Everything that happens at a minute's end whether or not the service had records in it. */
  #judgeQuiet(clock: FleetMinute, context: MinuteContext, findings: Finding[]): void {
    const endMs = (context.minute + 1) * MINUTE_MS;
    for (const service of this.#registry.services()) {
      const { deadline } = service.series.total;
      if (deadline !== null && clock.exposure >= deadline && service.fleetObservedAt < clock.observed) {
        const finding = judgeServiceSilence(service, clock, context);
        if (finding !== null) findings.push(finding);
        this.#registry.touchSeries(service);
      }
      if (service.overflow === null && service.trial === null) continue;
      const overflow = takeOverflow(service, endMs);
      if (overflow !== null) findings.push(overflow);
      findings.push(...judgeTrial(service, endMs));
      this.#registry.touchService(service);
      this.#registry.touchText(service);
    }
  }

  #countTested(): number[] {
    const tested = [0, 0, 0, 0, 0];
    for (const service of this.#registry.services()) addTested(service, tested);
    return tested;
  }

  #tick(ratios: readonly TrafficRatios[]): FleetMinute {
    const fleet = this.#fleet!;
    return {
      exposureBefore: fleet.exposure,
      observedBefore: fleet.observed,
      exposure: fleet.exposure + fleetIndex(ratios),
      observed: fleet.observed + 1,
      services: this.#registry.serviceCount,
    };
  }

  #follow(change: TemplateChange): void {
    if (change.change === 'evicted') this.#registry.remove(change.service, change.templateId, true);
    if (change.change !== 'merged' || change.into === undefined) return;
    const service = this.#registry.service(change.service);
    const from = service?.templates.get(change.templateId);
    if (service === undefined || from === undefined) return;
    const into =
      service.templates.get(change.into) ??
      this.#registry.add(service, change.into, from.firstMs, from.severity);
    for (const { rate } of [from, into]) {
      if (rate === null) continue;
      rate.unfold();
      const clock = rate.clock;
      const at = {
        exposure: service.exposure[clock]!,
        observed: service.observed[clock]!,
        prior: service.dispersion,
        occupancyPrior: service.occupancyDispersion,
      };
      bringForward(rate, at, this.#fleet!.nextMinute ?? 0);
    }
    if (!into.isOpen && from.isOpen) this.#registry.presentTemplate(service, into);
    mergeTemplates(into, from);
    into.rate?.fold();
    this.#registry.remove(change.service, change.templateId, false);
    this.#registry.touchAll(into);
  }
}

/** An ERROR, or a rate that changed: what keeps requests away. */
function isIncident({ kind, severity }: Finding): boolean {
  return severity >= 3 || (kind !== 'new' && kind !== 'rare');
}

/** Brings a service's clocks forward over the minutes in which it had no record. */
function catchUp(service: ServiceState, clock: FleetMinute): void {
  const minutes = clock.observedBefore - service.fleetObservedAt;
  if (minutes <= 0) return;
  if (service.series.total.perMinute >= OUTAGE_RATE) return;
  const exposure = clock.exposureBefore - service.fleetExposureAt;
  for (let c = 0; c < service.exposure.length; c++) {
    service.exposure[c]! += exposure;
    service.observed[c]! += minutes;
  }
}
