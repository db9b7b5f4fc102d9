import { handleOf } from '../../../bench/detection/buckets.ts';
import type {
  BaselineLookup,
  ChangeMarker,
  Finding,
  FindingKind,
  KeptContent,
  KeptRecord,
  MinedBucket,
  MinedService,
  Parameter,
  ServiceRef,
  SeverityClass,
  SeverityCounts,
  TemplateChange,
  TemplateCount,
  TemplateLookup,
  WindowRevision,
} from '../../../src/contracts.ts';
import { createRedactor } from '../../../src/core/redact.ts';
import { type AssemblerOptions, WindowAssembler } from '../../../src/core/window/assembler.ts';
import type { WindowData, WindowEvent } from '../../../src/core/window/event-schema.ts';

// Small real implementations of what the assembler is given, and builders for mined buckets.

export const T0 = Date.parse('2026-11-21T02:30:00Z');
export const STEP_MS = 10_000;

/** `02:39:12` → ms on the day of the fixtures. */
export function at(clock: string): number {
  return Date.parse(`2026-11-21T${clock}Z`);
}

export function serviceRef(name: string, tenant = 'acme', environment = 'prod'): ServiceRef {
  return { key: `${tenant}|${environment}||${name}`, tenant, environment, namespace: '', name };
}

export interface LineSpec {
  readonly body: string;
  readonly atMs: number;
  readonly traceId?: string;
  readonly attributes?: readonly (readonly [string, string])[];
  readonly instance?: string;
  readonly version?: string;
  readonly severity?: SeverityClass;
}

/** The fixtures' wire form is JSON; the assembler is given the matching reader. */
export function readKept(kept: KeptRecord): KeptContent {
  return JSON.parse(new TextDecoder().decode(kept.wire)) as KeptContent;
}

export function keptOf(line: LineSpec, offset: number): KeptRecord {
  const content: KeptContent = {
    body: line.body,
    line: line.body,
    traceId: line.traceId ?? '',
    spanId: '',
    eventName: '',
    timeUnixNano: `${line.atMs}000000`,
    attributes: line.attributes ?? [],
  };
  return {
    timeMs: line.atMs,
    severityNumber: [5, 9, 13, 17, 21][line.severity ?? 1]!,
    position: { source: 'kafka', topic: 'otlp_logs', partition: 0, offset, index: 0 },
    instance: line.instance ?? '',
    version: line.version ?? '',
    wire: new TextEncoder().encode(JSON.stringify(content)),
    truncated: false,
  };
}

export interface TemplateSpec {
  readonly service: string | ServiceRef;
  readonly templateId: string;
  /** Left out: one of its id's own. */
  readonly handle?: number;
  readonly records: number;
  readonly lines?: readonly LineSpec[];
  readonly instances?: readonly (readonly [string, number])[];
  readonly versions?: readonly (readonly [string, number])[];
  readonly severity?: SeverityClass;
}

/** One mined bucket out of template counts; services and templates in canonical order. */
export function bucket(
  startMs: number,
  specs: readonly TemplateSpec[],
  extra: { changes?: readonly TemplateChange[]; bytes?: number; late?: number } = {},
): MinedBucket {
  const services = new Map<string, { ref: ServiceRef; templates: TemplateCount[] }>();
  specs.forEach((spec, i) => {
    const ref = typeof spec.service === 'string' ? serviceRef(spec.service) : spec.service;
    const entry = services.get(ref.key) ?? { ref, templates: [] };
    services.set(ref.key, entry);
    entry.templates.push(templateCount(spec, startMs, i * 100));
  });
  const mined = [...services.values()].sort((a, b) => (a.ref.key < b.ref.key ? -1 : 1)).map(minedService);
  const records = mined.reduce((n, service) => n + service.records, 0);
  const late = extra.late ?? 0;
  return {
    startMs,
    stepMs: STEP_MS,
    watermarkMs: startMs + STEP_MS + 5_000,
    accounting: {
      consumed: records + late,
      bytes: extra.bytes ?? 10_000_000,
      counted: records,
      dropped: { late, malformed: 0, time_out_of_range: 0, no_time: 0, too_large: 0, overflow: 0 },
    },
    services: mined,
    changes: extra.changes ?? [],
  };
}

function templateCount(spec: TemplateSpec, startMs: number, offset: number): TemplateCount {
  const severity = spec.severity ?? 1;
  const lines = spec.lines ?? [{ body: `${spec.templateId} happened`, atMs: startMs }];
  const kept = lines.map((line, i) => keptOf({ severity, ...line }, startMs / 10 + offset + i));
  return {
    templateId: spec.templateId,
    handle: spec.handle ?? handleOf(spec.templateId),
    records: spec.records,
    severity,
    versions: spec.versions ?? [['', spec.records]],
    firstMs: Math.min(...lines.map((line) => line.atMs)),
    lastMs: Math.max(...lines.map((line) => line.atMs)),
    instances: { members: spec.instances ?? [['', spec.records]], censored: false },
    created: false,
    candidate: false,
    exemplar: kept[0]!,
    sample: kept.slice(0, 4),
  };
}

function minedService({ ref, templates }: { ref: ServiceRef; templates: TemplateCount[] }): MinedService {
  const merge = (
    pick: (count: TemplateCount) => readonly (readonly [string, number])[],
  ): [string, number][] => {
    const counts = new Map<string, number>();
    for (const count of templates)
      for (const [key, n] of pick(count)) counts.set(key, (counts.get(key) ?? 0) + n);
    return [...counts].sort((a, b) => (a[0] < b[0] ? -1 : 1));
  };
  const severity: SeverityCounts = [0, 0, 0, 0, 0];
  for (const count of templates) severity[count.severity] += count.records;
  return {
    service: ref,
    records: templates.reduce((n, count) => n + count.records, 0),
    bytes: 0,
    severity,
    frames: 0,
    severityInferred: 0,
    timeInferred: 0,
    versions: merge((count) => count.versions),
    instances: { members: merge((count) => count.instances.members), censored: false },
    censored: [0, 0, 0, 0, 0],
    templates: [...templates].sort((a, b) => (a.templateId < b.templateId ? -1 : 1)),
  };
}

/** Templates by id; parameters are found by splitting at the slots. */
export class FixtureTemplates implements TemplateLookup {
  readonly #texts: ReadonlyMap<string, string>;

  constructor(texts: Readonly<Record<string, string>> = {}) {
    this.#texts = new Map(Object.entries(texts));
  }

  get size(): number {
    return this.#texts.size;
  }

  template(
    service: string,
    templateId: string,
  ): { templateId: string; service: string; text: string; aliases: [] } {
    return {
      templateId,
      service,
      text: this.#texts.get(templateId) ?? `${templateId} happened`,
      aliases: [],
    };
  }

  parameters(_: string, templateId: string, body: string): readonly Parameter[] {
    const text = this.#texts.get(templateId) ?? '';
    const slots = [...text.matchAll(/(?:([A-Za-z_]+)=)?<([a-z]+)>/g)];
    const escaped = text.split(/<[a-z]+>/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const match = new RegExp(`^${escaped.join('(.+?)')}$`).exec(body);
    if (match === null) return [];
    return slots.map((slot, i) => ({ name: slot[1] ?? slot[2]!, type: slot[2]!, value: match[i + 1]! }));
  }
}

export const STEADY: BaselineLookup = {
  trafficIndex: () => 1.02,
  baselinePerMin: () => 6,
  firstSeenMs: () => Date.parse('2026-11-07T00:00:00Z'),
  isWarm: () => true,
  suspects: () => [],
  isQuarantined: () => false,
  templatesTested: 2141,
  falseAlarmBudgetPerDay: 10,
};

export function assembler(options: Partial<AssemblerOptions> = {}): WindowAssembler {
  return new WindowAssembler({
    pipeline: 'prod-eu',
    templates: new FixtureTemplates(),
    baselines: STEADY,
    redactor: createRedactor(),
    readKept,
    readTraceId: (kept) => readKept(kept).traceId,
    scannerVersion: 's1',
    ...options,
  });
}

export function finding(
  service: string | ServiceRef,
  kind: FindingKind,
  templateId: string | null,
  onsetMs: number,
  more: Partial<Finding> = {},
): Finding {
  return {
    kind,
    service: typeof service === 'string' ? serviceRef(service) : service,
    templateId,
    severity: 3,
    onsetMs,
    onsetUncertaintyMs: 0,
    lastSeenMs: onsetMs,
    observed: 5,
    expected: null,
    expectedP99: null,
    baselinePerMin: null,
    score: 10,
    censored: false,
    test: { method: 'good_turing_novelty', bits: 18.2, thresholdBits: 14, explain: '' },
    ...more,
  };
}

export function deploy(service: string, from: string, to: string, atMs: number): ChangeMarker {
  return { service: serviceRef(service), kind: 'service.version', from, to, atMs };
}

export function eventOf(revision: WindowRevision): WindowEvent {
  return revision.event as unknown as WindowEvent;
}

export function dataOf(revision: WindowRevision): WindowData {
  return eventOf(revision).data;
}

/** About four characters a token: near enough for tests of the budget's arithmetic. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Runs buckets without findings from `fromMs` (inclusive) to `toMs` (exclusive). */
export function quiet(
  target: WindowAssembler,
  fromMs: number,
  toMs: number,
  specs: readonly TemplateSpec[],
): WindowRevision[] {
  const out: WindowRevision[] = [];
  for (let start = fromMs; start < toMs; start += STEP_MS) {
    out.push(...target.observe(bucket(start, specs), { findings: [], changes: [] }));
  }
  return out;
}
