import type {
  MinedBucket,
  MinedService,
  ServiceRef,
  SeverityClass,
  SeverityCounts,
  TemplateChange,
  TemplateCount,
} from '../../src/contracts.ts';

/** Width of a bucket, as the pipeline closes them. */
export const STEP_MS = 10_000;

const NO_BYTES = new Uint8Array(0);
const POSITION = { source: 'synthetic', topic: 'logs', partition: 0, offset: 0, index: 0 } as const;

export function serviceRef(name: string): ServiceRef {
  return { key: `default||${name}`, tenant: 'default', environment: '', namespace: '', name };
}

/** Lines of one template in one bucket. */
export interface TemplateLines {
  readonly templateId: string;
  readonly records: number;
  readonly severity: SeverityClass;
  readonly created?: boolean;
  readonly candidate?: boolean;
  readonly version?: string;
  readonly text?: string;
}

/** Ids are handles here, each its own. */
const handles = new Map<string, number>();

export function handleOf(templateId: string): number {
  const handle = handles.get(templateId) ?? handles.size + 1;
  handles.set(templateId, handle);
  return handle;
}

export function templateCount(lines: TemplateLines, startMs: number): TemplateCount {
  const {
    templateId,
    records,
    severity,
    created = false,
    candidate = false,
    version = '',
    text = '',
  } = lines;
  const record = {
    timeMs: startMs + 1,
    severityNumber: 1 + 4 * (severity + 1),
    position: POSITION,
    instance: '',
    version,
    wire: text === '' ? NO_BYTES : new TextEncoder().encode(text),
    truncated: false,
  };
  return {
    templateId,
    handle: handleOf(templateId),
    records,
    severity,
    versions: [[version, records]],
    firstMs: startMs + 1,
    lastMs: startMs + STEP_MS - 1,
    instances: { members: [], censored: false },
    created,
    candidate,
    exemplar: record,
    sample: [],
  };
}

export function minedService(
  ref: ServiceRef,
  lines: readonly TemplateLines[],
  startMs: number,
  censored: SeverityCounts = [0, 0, 0, 0, 0],
): MinedService {
  const templates = lines
    .filter((line) => line.records > 0)
    .map((line) => templateCount(line, startMs))
    .sort((x, y) => (x.templateId < y.templateId ? -1 : 1));
  const severity: SeverityCounts = [0, 0, 0, 0, 0];
  const versions = new Map<string, number>();
  let records = 0;
  for (const count of templates) {
    records += count.records;
    severity[count.severity] += count.records;
    for (const [version, n] of count.versions) versions.set(version, (versions.get(version) ?? 0) + n);
  }
  return {
    service: ref,
    records,
    bytes: records * 100,
    severity,
    frames: 0,
    severityInferred: 0,
    timeInferred: 0,
    versions: [...versions].sort((x, y) => (x[0] < y[0] ? -1 : 1)),
    instances: { members: [], censored: false },
    censored,
    templates,
  };
}

export function minedBucket(
  startMs: number,
  services: readonly MinedService[],
  changes: readonly TemplateChange[] = [],
): MinedBucket {
  const counted = services.reduce((sum, service) => sum + service.records, 0);
  return {
    startMs,
    stepMs: STEP_MS,
    watermarkMs: startMs + STEP_MS + 5_000,
    accounting: {
      consumed: counted,
      bytes: counted * 100,
      counted,
      dropped: { late: 0, malformed: 0, time_out_of_range: 0, no_time: 0, too_large: 0, overflow: 0 },
    },
    services: [...services].sort((x, y) => (x.service.key < y.service.key ? -1 : 1)),
    changes,
  };
}
