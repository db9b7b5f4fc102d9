import { Detectors } from '../../src/core/detect/detectors.ts';
import { Random } from './random.ts';
import { minuteBucket, type SyntheticService, syntheticFleet, syntheticTemplate } from './streams.ts';

const DAY_MINUTES = 1440;
/** A fault counts as found within this time. */
const FAULT_MINUTES = 240;

export interface GridOptions {
  readonly services: number;
  readonly warmHours: number;
  readonly budget: number;
  readonly seed: number;
}

interface Fault {
  readonly name: string;
  readonly perMinute: number;
  /** Factor on the rate, so many minutes after the fault began. */
  readonly factor: (minutes: number) => number;
}

const FAULTS: readonly Fault[] = [
  { name: '×5 at 10/min', perMinute: 10, factor: () => 5 },
  { name: '×2 at 100/min', perMinute: 100, factor: () => 2 },
  { name: '×0.5 at 100/min', perMinute: 100, factor: () => 0.5 },
  { name: 'silence at 100/min', perMinute: 100, factor: () => 0 },
  { name: 'silence at 10/min', perMinute: 10, factor: () => 0 },
  { name: 'silence at 1/min', perMinute: 1, factor: () => 0 },
  { name: '×20 at 0.1/min', perMinute: 0.1, factor: () => 20 },
  { name: '×3 at 1/min', perMinute: 1, factor: () => 3 },
  { name: 'ramp ×10 over 2 h at 1/min', perMinute: 1, factor: (m) => 10 ** Math.min(1, m / 120) },
];

const TARGET = 'target';

/** Services with the target template; all else is the null stream. */
function fleetWith(fault: Fault, templatesPerService: number, options: GridOptions): SyntheticService[] {
  const { seed, services } = options;
  const fleet = syntheticFleet({
    seed,
    services,
    templatesPerService,
    spread: true,
  });
  for (const service of fleet) service.templates.push(syntheticTemplate(TARGET, fault.perMinute));
  return fleet;
}

/** Minutes from the fault to its first finding, per service; services without one are left out. */
function delays(
  fault: Fault,
  templatesPerService: number,
  options: GridOptions,
): { delays: number[]; onsetErrors: number[] } {
  const fleet = fleetWith(fault, templatesPerService, options);
  const random = new Random(options.seed + 11);
  const detectors = new Detectors({ falseAlarmBudgetPerDay: options.budget });
  // Faults begin at different times of day, so that season does not favour one.
  const begins = fleet.map((_, s) => options.warmHours * 60 + Math.floor((s * DAY_MINUTES) / fleet.length));
  const found = new Map<string, [number, number]>();
  const end = Math.max(...begins) + FAULT_MINUTES;
  for (let minute = 0; minute < end; minute++) {
    const bucket = minuteBucket(fleet, minute, random, (s, t, m) =>
      t === templatesPerService && m >= begins[s]! && m < begins[s]! + FAULT_MINUTES
        ? fault.factor(m - begins[s]!)
        : 1,
    );
    const startMs = bucket.startMs - 50_000;
    for (const finding of detectors.judge(bucket).findings) {
      if (finding.templateId !== TARGET) continue;
      const s = fleet.findIndex((service) => service.ref.key === finding.service.key);
      const since = minute - begins[s]!;
      if (since < 0 || since >= FAULT_MINUTES || found.has(finding.service.key)) continue;
      found.set(finding.service.key, [since, (finding.onsetMs - (startMs - since * 60_000)) / 60_000]);
    }
  }
  return {
    delays: [...found.values()].map(([delay]) => delay).sort((x, y) => x - y),
    onsetErrors: [...found.values()].map(([, error]) => error).sort((x, y) => x - y),
  };
}

const at = (sorted: readonly number[], q: number): string =>
  sorted.length === 0 ? '–' : sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!.toFixed(0);

/** How long until a change of rate is told, and how often it is: one target template in each of many services. */
export function runGrid(options: GridOptions): void {
  console.log(
    `fault grid: ${options.services} services, ${options.warmHours} h of history, budget ${options.budget} a day\n`,
  );
  console.log(
    '| fault | many templates: median [p90] min, found | onset error | few templates: median [p90] min, found | onset error |',
  );
  console.log('|---|---|---|---|---|');
  for (const fault of FAULTS) {
    const cells = [40, 4].map((templatesPerService) => {
      const result = delays(fault, templatesPerService, options);
      const share = (100 * result.delays.length) / options.services;
      return `${at(result.delays, 0.5)} [${at(result.delays, 0.9)}] ${share.toFixed(0)} % | ${at(result.onsetErrors, 0.5)}`;
    });
    console.log(`| ${fault.name} | ${cells.join(' | ')} |`);
  }
}
