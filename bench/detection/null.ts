import { Detectors } from '../../src/core/detect/detectors.ts';
import { Random } from './random.ts';
import { minuteBucket, type StreamKind, syntheticFleet } from './streams.ts';

const DAY_MINUTES = 1440;

export interface NullOptions {
  readonly templates: number;
  readonly days: number;
  readonly budget: number;
  readonly seeds: readonly number[];
  /** Number of one case; null = all. */
  readonly only: number | null;
  /** Prints every finding. */
  readonly show: boolean;
}

/** Exact 95 % Poisson interval for a count, by the chi-square link approximated after Wilson and Hilferty (1931). */
export function poissonInterval(count: number): [number, number] {
  const quantile = (k: number, z: number): number => k * (1 - 1 / (9 * k) + z / (3 * Math.sqrt(k))) ** 3;
  return [count === 0 ? 0 : quantile(count, -1.96), quantile(count + 1, 1.96)];
}

interface Case {
  readonly name: string;
  readonly perService: number;
  readonly kind: StreamKind;
  readonly isSeasonal: boolean;
}

const CASES: readonly Case[] = [
  { name: 'many templates a service, Poisson, level', perService: 100, kind: 'poisson', isSeasonal: false },
  { name: 'many, bursts in a minute, days and weekend', perService: 100, kind: 'burst', isSeasonal: true },
  { name: 'many, bursts over minutes, days and weekend', perService: 100, kind: 'spread', isSeasonal: true },
  { name: 'few, bursts in a minute, days and weekend', perService: 5, kind: 'burst', isSeasonal: true },
  { name: 'few, bursts over minutes, days and weekend', perService: 5, kind: 'spread', isSeasonal: true },
];

/** False findings a day on quiet streams, beside the stated budget. */
export function runNull(options: NullOptions): void {
  const { templates, days, budget, seeds, only } = options;
  console.log(
    `null streams: ${templates} templates, ${days} days, budget ${budget} false findings a day, seeds ${seeds.join(' ')}\n`,
  );
  console.log('| stream | findings | a day [95 %] | of budget | first day | by method | s |');
  console.log('|---|---|---|---|---|---|---|');
  CASES.forEach((stream, i) => {
    if (only !== null && only !== i) return;
    const started = performance.now();
    const byMethod = new Map<string, number>();
    const byDay = new Array<number>(Math.ceil(days)).fill(0);
    for (const seed of seeds) runCase(stream, seed, options, byMethod, byDay);
    const findings = byDay.reduce((sum, n) => sum + n, 0);
    const [low, high] = poissonInterval(findings);
    const methods = [...byMethod].sort((x, y) => y[1] - x[1]).map(([method, n]) => `${method} ${n}`);
    const perDay = (n: number): string => (n / days / seeds.length).toFixed(1);
    console.log(
      `| ${stream.name} | ${findings} | ${perDay(findings)} [${perDay(low)}–${perDay(high)}] | ${(findings / days / seeds.length / budget).toFixed(2)} | ${(byDay[0]! / seeds.length).toFixed(1)} | ${methods.join(', ')} | ${((performance.now() - started) / 1000).toFixed(0)} |`,
    );
  });
  console.log();
}

function runCase(
  { perService, kind, isSeasonal }: Case,
  seed: number,
  { templates, days, budget, show }: NullOptions,
  byMethod: Map<string, number>,
  byDay: number[],
): void {
  const services = Math.max(1, Math.round(templates / perService));
  const fleet = syntheticFleet({ seed, services, templatesPerService: perService, kind, isSeasonal });
  const random = new Random(seed + 7);
  const detectors = new Detectors({ falseAlarmBudgetPerDay: budget });
  for (let minute = 0; minute < days * DAY_MINUTES; minute++) {
    if (minute > 0 && minute % DAY_MINUTES === 0)
      console.error(`seed ${seed}, findings of each day so far: ${byDay.join(' ')}`);
    for (const finding of detectors.judge(minuteBucket(fleet, minute, random)).findings) {
      byDay[Math.floor(minute / DAY_MINUTES)]! += 1;
      const method = `${finding.test.method} ${finding.templateId === null ? 'service ' : ''}${finding.kind}`;
      byMethod.set(method, (byMethod.get(method) ?? 0) + 1);
      if (!show) continue;
      const service = fleet.find(({ ref }) => ref.key === finding.service.key)!;
      const template = service.templates.find(({ id }) => id === finding.templateId);
      const { burst, spreadMinutes } = template?.arrivals ?? { burst: 0, spreadMinutes: 0 };
      console.log(
        `${(minute / 60).toFixed(1)} h`,
        `swing ${service.swing.toFixed(2)} weekend ${service.weekend.toFixed(2)}`,
        template === undefined
          ? service.ref.name
          : `${template.id} ${template.perMinute.toPrecision(2)}/min burst ${burst} over ${spreadMinutes.toFixed(1)}`,
        method,
        finding.test.explain,
      );
    }
  }
}
