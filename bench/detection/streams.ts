import type { MinedBucket, ServiceRef, SeverityClass } from '../../src/contracts.ts';
import { minedBucket, minedService, serviceRef, type TemplateLines } from './buckets.ts';
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
  /** Lines that earlier bursts still owe, by minute modulo its length. */
  readonly owed: Uint16Array;
}

export interface SyntheticService {
  readonly ref: ServiceRef;
  /** Daily swing: 0.1 = ±10 %. */
  readonly swing: number;
  readonly weekend: number;
  readonly templates: SyntheticTemplate[];
}

export interface FleetOptions {
  readonly seed: number;
  readonly services: number;
  readonly templatesPerService: number;
  /** Bursts spread over minutes instead of falling into one. */
  readonly spread: boolean;
}

const OWED_MINUTES = 128;

/** Rates 10^−3.5 … 10^2.5 a minute; half Poisson, 35 % in bursts of 4, 15 % in bursts of 20. */
export function syntheticFleet(options: FleetOptions): SyntheticService[] {
  const random = new Random(options.seed);
  const services: SyntheticService[] = [];
  for (let s = 0; s < options.services; s++) {
    const templates: SyntheticTemplate[] = [];
    for (let t = 0; t < options.templatesPerService; t++) {
      const pick = random.next();
      const burst = pick < 0.5 ? 1 : pick < 0.85 ? 4 : 20;
      const spreadMinutes = options.spread && burst > 1 ? 0.5 + 4 * random.next() : 0;
      const perMinute = 10 ** (-3.5 + 6 * random.next());
      templates.push(syntheticTemplate(`t_${s}_${t}`, perMinute, { burst, spreadMinutes }));
    }
    services.push({
      ref: serviceRef(`service-${s}`),
      swing: 0.1 + 0.7 * random.next(),
      weekend: 0.4 + 0.6 * random.next(),
      templates,
    });
  }
  return services;
}

export function syntheticTemplate(
  id: string,
  perMinute: number,
  arrivals: Arrivals = { burst: 1, spreadMinutes: 0 },
  severity: SeverityClass = 1,
): SyntheticTemplate {
  return { id, perMinute, severity, arrivals, owed: new Uint16Array(OWED_MINUTES) };
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
  if (burst === 1) return random.poisson(rate);
  const slot = minute % OWED_MINUTES;
  let lines = template.owed[slot]!;
  template.owed[slot] = 0;
  for (let bursts = random.poisson(rate / burst); bursts > 0; bursts--) {
    let ahead = 0;
    for (let line = random.geometric(burst); line > 0; line--) {
      if (spreadMinutes > 0) ahead += random.exponential(spreadMinutes);
      if (ahead < 1) lines++;
      else if (ahead < OWED_MINUTES) template.owed[(minute + Math.floor(ahead)) % OWED_MINUTES]! += 1;
    }
  }
  return lines;
}

/**
 * One minute as one bucket (its last ten seconds): rates are judged by the minute, and a sixth of the buckets is a sixth
 * of the time. `factor` scales a template's rate in a minute: faults. Null = no record at all.
 */
export function minuteBucket(
  fleet: readonly SyntheticService[],
  minute: number,
  random: Random,
  factor: (service: number, template: number, minute: number) => number,
): MinedBucket {
  const startMs = START_MS + minute * MINUTE_MS + 50_000;
  const services = fleet.map((service, s) => {
    const traffic = season(service, minute);
    const lines: TemplateLines[] = service.templates.map((template, t) => ({
      templateId: template.id,
      records: drawLines(template, template.perMinute * traffic * factor(s, t, minute), minute, random),
      severity: template.severity,
    }));
    return minedService(service.ref, lines, startMs);
  });
  return minedBucket(
    startMs,
    services.filter((service) => service.records > 0),
  );
}
