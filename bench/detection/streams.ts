import type {
  MinedBucket,
  MinedService,
  ServiceRef,
  SeverityClass,
  TemplateCount,
} from '../../src/contracts.ts';
import { minedBucket, serviceRef, templateCount } from './buckets.ts';
import { Random } from './random.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

/** Monday 2026-01-05 00:00 UTC: weekends fall on days 5 and 6. */
export const START_MS = Date.UTC(2026, 0, 5);

/** How a template's lines come: one by one, or in bursts (`mean` lines each) within a minute or spread over several. */
export interface Arrivals {
  readonly burst: number;
  /** Mean minutes between the lines of a burst; 0 = all in one minute. */
  readonly spreadMinutes: number;
}

export interface SyntheticTemplate {
  readonly id: string;
  readonly perMinute: number;
  readonly severity: SeverityClass;
  readonly arrivals: Arrivals;
  /** Expected bursts so far, and how many there are at the next one: rare templates cost no draw a minute. */
  hazard: number;
  due: number;
  /** Lines that earlier bursts still owe, by minute modulo its length, and how many in all. */
  readonly owed: Uint16Array;
  owedLines: number;
}

export interface SyntheticService {
  readonly ref: ServiceRef;
  /** Daily swing: 0.1 = ±10 %. */
  readonly swing: number;
  readonly weekend: number;
  /** By id. */
  readonly templates: SyntheticTemplate[];
}

/** Lines one by one, bursts that fall into one minute, bursts spread over minutes (as of a Hawkes process). */
export type StreamKind = 'poisson' | 'burst' | 'spread';

export interface FleetOptions {
  readonly seed: number;
  readonly services: number;
  readonly templatesPerService: number;
  readonly kind: StreamKind;
  /** A daily wave of ±10–80 % and a weekend that begins as a step; otherwise traffic is level. */
  readonly isSeasonal: boolean;
}

/** Longest that a burst lasts; what would come later is dropped, 0.1 % of the lines at most. */
const OWED_MINUTES = 256;

/** Rates 10^−3.5 … 10^2.5 a minute; half Poisson, 35 % in bursts of 4, 15 % in bursts of 20. */
export function syntheticFleet(options: FleetOptions): SyntheticService[] {
  const { kind, isSeasonal } = options;
  const random = new Random(options.seed);
  const services: SyntheticService[] = [];
  for (let s = 0; s < options.services; s++) {
    const templates: SyntheticTemplate[] = [];
    for (let t = 0; t < options.templatesPerService; t++) {
      const perMinute = 10 ** (-3.5 + 6 * random.next());
      const id = `t_${String(s).padStart(4, '0')}_${String(t).padStart(3, '0')}`;
      templates.push(syntheticTemplate(id, perMinute, drawArrivals(kind, random)));
    }
    services.push({
      ref: serviceRef(`service-${String(s).padStart(4, '0')}`),
      swing: isSeasonal ? 0.1 + 0.7 * random.next() : 0,
      weekend: isSeasonal ? 0.4 + 0.6 * random.next() : 1,
      templates,
    });
  }
  return services;
}

export function drawArrivals(kind: StreamKind, random: Random): Arrivals {
  const pick = random.next();
  const burst = kind === 'poisson' || pick < 0.5 ? 1 : pick < 0.85 ? 4 : 20;
  return { burst, spreadMinutes: kind === 'spread' && burst > 1 ? 0.5 + 4 * random.next() : 0 };
}

export function syntheticTemplate(
  id: string,
  perMinute: number,
  arrivals: Arrivals = { burst: 1, spreadMinutes: 0 },
  severity: SeverityClass = 1,
): SyntheticTemplate {
  const owed = new Uint16Array(OWED_MINUTES);
  return { id, perMinute, severity, arrivals, hazard: 0, due: 0, owed, owedLines: 0 };
}

/** Traffic of a service relative to its mean: a daily wave and a quieter weekend. */
export function season(service: SyntheticService, minute: number): number {
  const day = Math.floor(minute / DAY_MINUTES) % 7;
  const wave = 1 - service.swing * Math.cos((2 * Math.PI * (minute % DAY_MINUTES)) / DAY_MINUTES);
  return wave * (day >= 5 ? service.weekend : 1);
}

/** Lines of one template in one minute at `rate` a minute. */
export function drawLines(template: SyntheticTemplate, rate: number, minute: number, random: Random): number {
  const { burst, spreadMinutes } = template.arrivals;
  const bursts = drawBursts(template, rate / burst, random);
  if (burst === 1) return bursts;
  let lines = 0;
  if (template.owedLines > 0) {
    const slot = minute % OWED_MINUTES;
    lines = template.owed[slot]!;
    template.owed[slot] = 0;
    template.owedLines -= lines;
  }
  for (let i = 0; i < bursts; i++) {
    let ahead = 0;
    for (let line = random.geometric(burst); line > 0; line--) {
      if (spreadMinutes > 0) ahead += random.exponential(spreadMinutes);
      if (ahead < 1) lines++;
      else if (ahead < OWED_MINUTES) {
        template.owed[(minute + Math.floor(ahead)) % OWED_MINUTES]! += 1;
        template.owedLines += 1;
      }
    }
  }
  return lines;
}

/** Bursts of one minute: a Poisson number, for small means by the exponential times between them. */
function drawBursts(template: SyntheticTemplate, mean: number, random: Random): number {
  if (mean > 4) return random.poisson(mean);
  if (template.due === 0) template.due = random.exponential(1);
  template.hazard += mean;
  let bursts = 0;
  while (template.hazard >= template.due) {
    template.due += random.exponential(1);
    bursts++;
  }
  return bursts;
}

/** Factor on the rate of a template of a service in a minute: faults. */
export type Factor = (service: number, template: number, minute: number) => number;

export const NO_FAULT: Factor = () => 1;

/**
 * One minute as one bucket (its last ten seconds): rates are judged by the minute, and a sixth of the buckets is a sixth
 * of the time. A service without a record is left out.
 */
export function minuteBucket(
  fleet: readonly SyntheticService[],
  minute: number,
  random: Random,
  factor: Factor = NO_FAULT,
): MinedBucket {
  const startMs = START_MS + minute * MINUTE_MS + 50_000;
  const services: MinedService[] = [];
  for (let s = 0; s < fleet.length; s++) {
    const service = fleet[s]!;
    const traffic = season(service, minute);
    const templates: TemplateCount[] = [];
    const severity: [number, number, number, number, number] = [0, 0, 0, 0, 0];
    let records = 0;
    for (let t = 0; t < service.templates.length; t++) {
      const template = service.templates[t]!;
      const rate = template.perMinute * traffic * factor(s, t, minute);
      const lines = drawLines(template, rate, minute, random);
      if (lines === 0) continue;
      records += lines;
      severity[template.severity] += lines;
      templates.push(
        templateCount({ templateId: template.id, records: lines, severity: template.severity }, startMs),
      );
    }
    if (records > 0) services.push(minedOf(service.ref, records, severity, templates));
  }
  return minedBucket(startMs, services);
}

function minedOf(
  service: ServiceRef,
  records: number,
  severity: MinedService['severity'],
  templates: TemplateCount[],
): MinedService {
  return {
    service,
    records,
    bytes: records * 100,
    severity,
    frames: 0,
    severityInferred: 0,
    timeInferred: 0,
    versions: [['', records]],
    instances: { members: [], censored: false },
    censored: [0, 0, 0, 0, 0],
    templates,
  };
}
