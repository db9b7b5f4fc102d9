import { Detectors } from '../../src/core/detect/detectors.ts';
import { minedBucket, minedService, STEP_MS } from './buckets.ts';
import { Random } from './random.ts';
import { START_MS, syntheticFleet } from './streams.ts';

const SERVICES = 100;
const TEMPLATES_PER_SERVICE = 100;
const BUCKETS = 6 * 60 * 2;

/** Time to judge one bucket in which 10,000 templates of 100 services have records: within a minute, and at its end. */
export function runSpeed(): void {
  const fleet = syntheticFleet({
    seed: 1,
    services: SERVICES,
    templatesPerService: TEMPLATES_PER_SERVICE,
    kind: 'burst',
    isSeasonal: true,
  });
  const random = new Random(2);
  const detectors = new Detectors({ falseAlarmBudgetPerDay: 10 });
  const within: number[] = [];
  const atMinuteEnd: number[] = [];
  const saving: number[] = [];
  for (let i = 0; i < BUCKETS; i++) {
    const startMs = START_MS + i * STEP_MS;
    const bucket = minedBucket(
      startMs,
      fleet.map((service) =>
        minedService(
          service.ref,
          service.templates.map(({ id }) => ({
            templateId: id,
            records: 1 + random.poisson(2),
            severity: 1 as const,
          })),
          startMs,
        ),
      ),
    );
    const started = performance.now();
    detectors.judge(bucket);
    (i % 6 === 5 ? atMinuteEnd : within).push(performance.now() - started);
    const saveStarted = performance.now();
    if (i % 6 === 5) detectors.takeChanges();
    if (i % 6 === 5) saving.push(performance.now() - saveStarted);
  }

  const at = (values: number[], q: number): string =>
    [...values].sort((x, y) => x - y)[Math.floor(q * (values.length - 1))]!.toFixed(1);
  console.log(`${SERVICES * TEMPLATES_PER_SERVICE} templates with records in every bucket, ms: median [p95]`);
  console.log(`bucket            ${at(within, 0.5)} [${at(within, 0.95)}]`);
  console.log(`minute's end      ${at(atMinuteEnd, 0.5)} [${at(atMinuteEnd, 0.95)}]`);
  console.log(`rows of a minute  ${at(saving, 0.5)} [${at(saving, 0.95)}]`);
}
