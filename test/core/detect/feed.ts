import {
  minedBucket,
  minedService,
  STEP_MS,
  serviceRef,
  type TemplateLines,
} from '../../../bench/detection/buckets.ts';
import { Random } from '../../../bench/detection/random.ts';
import type {
  ChangeMarker,
  Finding,
  Judgement,
  MinedBucket,
  SeverityClass,
  SeverityCounts,
  TemplateChange,
} from '../../../src/contracts.ts';
import { Detectors } from '../../../src/core/detect/detectors.ts';
import type { DetectOptions } from '../../../src/core/detect/options.ts';

/** Monday, so that no weekend comes into play. */
export const START_MS = Date.UTC(2026, 0, 5);
export const MINUTE = 6;
export const HOUR = 360;

/** One line of the plan of a synthetic stream: a template's rate as a function of the bucket's index. */
export interface Plan {
  readonly service: string;
  readonly templateId: string;
  readonly severity?: SeverityClass;
  readonly version?: (bucket: number) => string;
  readonly text?: string;
  /** Mean lines a minute in this bucket; drawn as Poisson. */
  readonly perMinute?: (bucket: number) => number;
  /** Exact lines in this bucket. */
  readonly exactly?: (bucket: number) => number;
}

/** Templates `t_base_0…` of one service at steady rates. */
export function steady(
  service: string,
  templates: number,
  perMinute: number,
  severity: SeverityClass = 1,
): Plan[] {
  return Array.from({ length: templates }, (_, i) => ({
    service,
    templateId: `t_base_${i}`,
    severity,
    perMinute: () => perMinute,
  }));
}

export interface StreamOptions {
  readonly plans: readonly Plan[];
  readonly buckets: number;
  readonly seed?: number;
  readonly changes?: (bucket: number) => TemplateChange[];
  readonly censored?: (bucket: number, service: string) => SeverityCounts;
  /** Buckets that are not passed at all. */
  readonly missing?: (bucket: number) => boolean;
}

/** The buckets of a plan, drawn with a fixed seed. */
export function stream(options: StreamOptions): MinedBucket[] {
  const random = new Random(options.seed ?? 1);
  const seen = new Set<string>();
  const buckets: MinedBucket[] = [];
  for (let i = 0; i < options.buckets; i++) {
    const startMs = START_MS + i * STEP_MS;
    const byService = new Map<string, TemplateLines[]>();
    for (const plan of options.plans) {
      const mean = (plan.perMinute?.(i) ?? 0) / MINUTE;
      const records = plan.exactly?.(i) ?? random.poisson(mean);
      if (records === 0) continue;
      const key = `${plan.service} ${plan.templateId}`;
      const lines = byService.get(plan.service) ?? [];
      byService.set(plan.service, lines);
      lines.push({
        templateId: plan.templateId,
        records,
        severity: plan.severity ?? 1,
        created: !seen.has(key),
        ...(plan.version === undefined ? {} : { version: plan.version(i) }),
        ...(plan.text === undefined ? {} : { text: plan.text }),
      });
      seen.add(key);
    }
    if (byService.size === 0 || options.missing?.(i)) continue;
    const services = [...byService].map(([name, lines]) =>
      minedService(serviceRef(name), lines, startMs, options.censored?.(i, name)),
    );
    buckets.push(minedBucket(startMs, services, options.changes?.(i)));
  }
  return buckets;
}

export interface Judged {
  readonly findings: Finding[];
  readonly changes: ChangeMarker[];
  /** Index of the bucket that raised the finding of the same index. */
  readonly raisedAt: number[];
  readonly judgements: Judgement[];
  readonly detectors: Detectors;
}

export function judgeAll(
  buckets: readonly MinedBucket[],
  options: Partial<DetectOptions> = {},
  detectors = new Detectors({ falseAlarmBudgetPerDay: 10, ...options }),
): Judged {
  const findings: Finding[] = [];
  const changes: ChangeMarker[] = [];
  const raisedAt: number[] = [];
  const judgements: Judgement[] = [];
  for (const bucket of buckets) {
    const judgement = detectors.judge(bucket);
    judgements.push(judgement);
    findings.push(...judgement.findings);
    changes.push(...judgement.changes);
    for (const _ of judgement.findings) raisedAt.push((bucket.startMs - START_MS) / STEP_MS);
  }
  return { findings, changes, raisedAt, judgements, detectors };
}

/** Short form for comparing: `kind service/template method`. */
export function brief(findings: readonly Finding[]): string[] {
  return findings.map((f) => `${f.kind} ${f.service.name}/${f.templateId ?? '*'} ${f.test.method}`);
}
