import { Detectors } from '../../src/core/detect/detectors.ts';
import { Random } from './random.ts';
import { minuteBucket, syntheticFleet } from './streams.ts';

const DAY_MINUTES = 1440;

export interface NullOptions {
  readonly templates: number;
  readonly days: number;
  readonly budget: number;
  readonly seed: number;
  /** Prints every finding. */
  readonly show: boolean;
}

/** Exact 95 % Poisson interval for a count, by the chi-square link approximated after Wilson and Hilferty (1931). */
function interval(count: number): [number, number] {
  const quantile = (k: number, z: number): number => k * (1 - 1 / (9 * k) + z / (3 * Math.sqrt(k))) ** 3;
  return [count === 0 ? 0 : quantile(count, -1.96), quantile(count + 1, 1.96)];
}

interface Case {
  readonly name: string;
  readonly perService: number;
  readonly spread: boolean;
}

const CASES: readonly Case[] = [
  { name: 'many templates a service, bursts inside a minute', perService: 100, spread: false },
  { name: 'many templates a service, bursts over minutes', perService: 100, spread: true },
  { name: 'few templates a service, bursts over minutes', perService: 5, spread: true },
];

/** False findings a day on quiet streams, beside the stated budget. */
export function runNull(options: NullOptions): void {
  const { templates, days, budget, seed, show } = options;
  console.log(`null streams: ${templates} templates, ${days} days, budget ${budget} false findings a day\n`);
  console.log('| stream | findings/day [95 %] | of budget | by method | s |');
  console.log('|---|---|---|---|---|');
  for (const { name, perService, spread } of CASES) {
    const fleet = syntheticFleet({
      seed: seed,
      services: Math.max(1, Math.round(templates / perService)),
      templatesPerService: perService,
      spread,
    });
    const random = new Random(seed + 7);
    const detectors = new Detectors({ falseAlarmBudgetPerDay: budget });
    const byMethod = new Map<string, number>();
    let findings = 0;
    const started = performance.now();
    for (let minute = 0; minute < days * DAY_MINUTES; minute++) {
      const judgement = detectors.judge(minuteBucket(fleet, minute, random, () => 1));
      for (const finding of judgement.findings) {
        findings++;
        const method = `${finding.test.method} ${finding.templateId === null ? 'service ' : ''}${finding.kind}`;
        byMethod.set(method, (byMethod.get(method) ?? 0) + 1);
        if (show) {
          console.log(
            `${(minute / 60).toFixed(1)} h`,
            finding.service.name,
            finding.templateId,
            method,
            finding.test.explain,
          );
        }
      }
    }
    const [low, high] = interval(findings);
    const methods = [...byMethod].sort((x, y) => y[1] - x[1]).map(([method, n]) => `${method} ${n}`);
    const perDay = (n: number): string => (n / days).toFixed(1);
    console.log(
      `| ${name} | ${perDay(findings)} [${perDay(low)}–${perDay(high)}] | ${(findings / days / budget).toFixed(2)} | ${methods.join(', ')} | ${((performance.now() - started) / 1000).toFixed(0)} |`,
    );
  }
}
