import { Detectors } from '../../src/core/detect/detectors.ts';
import { Random } from './random.ts';
import {
  drawArrivals,
  type Factor,
  minuteBucket,
  START_MS,
  type SyntheticService,
  syntheticFleet,
  syntheticTemplate,
} from './streams.ts';

const DAY_MINUTES = 1440;
const MINUTE_MS = 60_000;
/** A fault counts as found within this time; then all is as before. */
const FAULT_MINUTES = 240;
/** Templates per service of the two halves of the table, without the faulty ones, and services of each. */
const MANY = 100;
const FEW = 5;

export interface GridOptions {
  /** Faults of each kind, in each half of the table. */
  readonly repeats: number;
  readonly warmHours: number;
  readonly budget: number;
  readonly seeds: readonly number[];
  /** Half of the faulty templates log in bursts, instead of all one by one. */
  readonly isBursty: boolean;
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
  { name: 'silence at 10/min', perMinute: 10, factor: () => 0 },
  { name: 'silence at 1/min', perMinute: 1, factor: () => 0 },
  { name: '×20 at 0.1/min', perMinute: 0.1, factor: () => 20 },
  { name: '×3 at 1/min', perMinute: 1, factor: () => 3 },
  { name: 'ramp to ×10 over 2 h at 1/min', perMinute: 1, factor: (m) => 1 + 9 * Math.min(1, m / 120) },
  {
    name: 'the same, growing in proportion',
    perMinute: 1,
    factor: (m) => 10 ** Math.min(1, m / 120),
  },
];

/** One faulty template: where it is, and when its fault begins. */
interface Target {
  readonly fault: number;
  readonly service: number;
  readonly template: number;
  readonly beginMinute: number;
}

interface Scene {
  readonly fleet: SyntheticService[];
  readonly targets: Target[];
}

/**
 * Faults begin at all times of the second day, so that season does not favour one. Of many templates a service, one of each
 * kind is faulty, overlapping; of few, only one.
 */
function scene(templatesPerService: number, seed: number, options: GridOptions): Scene {
  const isMany = templatesPerService === MANY;
  const fleet = syntheticFleet({
    seed,
    services: isMany ? options.repeats : options.repeats * FAULTS.length,
    templatesPerService,
    kind: 'spread',
    isSeasonal: true,
  });
  const random = new Random(seed + 3);
  const targets: Target[] = [];
  for (let i = 0; i < options.repeats; i++) {
    FAULTS.forEach((fault, f) => {
      const service = isMany ? i : i * FAULTS.length + f;
      const { templates } = fleet[service]!;
      const kind = !options.isBursty ? 'poisson' : i % 2 === 0 ? 'burst' : 'spread';
      const beginMinute = options.warmHours * 60 + Math.floor(random.next() * DAY_MINUTES);
      targets.push({ fault: f, service, template: templates.length, beginMinute });
      templates.push(syntheticTemplate(`target_${f}`, fault.perMinute, drawArrivals(kind, random)));
    });
  }
  return { fleet, targets };
}

/** Minutes from each fault to its first finding, and from its begin to the onset that was told. */
interface Found {
  readonly delays: number[];
  readonly onsetErrors: number[];
}

function judgeScene({ fleet, targets }: Scene, seed: number, options: GridOptions, found: Found[]): void {
  const byPlace: (Target | undefined)[][] = fleet.map(() => []);
  for (const target of targets) byPlace[target.service]![target.template] = target;
  const factor: Factor = (s, t, minute) => {
    const target = byPlace[s]![t];
    if (target === undefined) return 1;
    const since = minute - target.beginMinute;
    return since < 0 || since >= FAULT_MINUTES ? 1 : FAULTS[target.fault]!.factor(since);
  };
  const byKey = new Map<string, Target>();
  for (const target of targets) {
    const service = fleet[target.service]!;
    byKey.set(`${service.ref.key} ${service.templates[target.template]!.id}`, target);
  }
  const random = new Random(seed + 11);
  const detectors = new Detectors({ falseAlarmBudgetPerDay: options.budget });
  const end = options.warmHours * 60 + DAY_MINUTES + FAULT_MINUTES;
  for (let minute = 0; minute < end; minute++) {
    for (const finding of detectors.judge(minuteBucket(fleet, minute, random, factor)).findings) {
      const key = `${finding.service.key} ${finding.templateId}`;
      const target = byKey.get(key);
      const since = minute - (target?.beginMinute ?? minute + 1);
      if (target === undefined || since < 0) continue;
      byKey.delete(key);
      if (since >= FAULT_MINUTES) continue;
      found[target.fault]!.delays.push(since);
      const beginMs = START_MS + target.beginMinute * MINUTE_MS;
      found[target.fault]!.onsetErrors.push((finding.onsetMs - beginMs) / MINUTE_MS);
    }
  }
}

const at = (sorted: readonly number[], q: number): string =>
  sorted.length === 0 ? '–' : sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!.toFixed(0);

/** How long until a change of rate is told, and how often it is: faulty templates among those of a null stream. */
export function runGrid(options: GridOptions): void {
  const { repeats, warmHours, budget, seeds, isBursty } = options;
  console.log(
    `fault grid: ${repeats} of each, ${warmHours} h of history, budget ${budget} a day, faulty templates ${isBursty ? 'half in bursts' : 'Poisson'}, seeds ${seeds.join(' ')}\n`,
  );
  console.log(
    '| fault | many templates: median [p90] min, found | onset error | few templates: median [p90] min, found | onset error |',
  );
  console.log('|---|---|---|---|---|');
  const halves = [MANY, FEW].map((templatesPerService) => {
    const found = FAULTS.map((): Found => ({ delays: [], onsetErrors: [] }));
    for (const seed of seeds) judgeScene(scene(templatesPerService, seed, options), seed, options, found);
    return found;
  });
  FAULTS.forEach((fault, f) => {
    const cells = halves.map((found) => {
      const delays = found[f]!.delays.sort((x, y) => x - y);
      const errors = found[f]!.onsetErrors.sort((x, y) => x - y);
      const n = repeats * seeds.length;
      return `${at(delays, 0.5)} [${at(delays, 0.9)}] ${delays.length}/${n} ${((100 * delays.length) / n).toFixed(0)} % | ${at(errors, 0.5)}`;
    });
    console.log(`| ${fault.name} | ${cells.join(' | ')} |`);
  });
  for (const [name, found] of [
    ['many', halves[0]!],
    ['few', halves[1]!],
  ] as const) {
    const errors = found.flatMap(({ onsetErrors }) => onsetErrors.map(Math.abs)).sort((x, y) => x - y);
    console.log(
      `\n${name}: median |onset error| over all faults found ${at(errors, 0.5)} min (${errors.length})`,
    );
  }
  console.log();
}
