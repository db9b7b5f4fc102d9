import type { ChangeMarker, DropReason, Finding, ServiceRef, SeverityClass } from '../../contracts.ts';
import type { ExceptionSummary } from './exception.ts';
import type { RecordHints } from './hints.ts';
import type { PairTable } from './lift.ts';

// What a window remembers between buckets. Plain data: numbers, strings, arrays and Maps, so that `encodeState` can write
// it as JSON. All text in it is redacted and capped when it enters.

/** Tables of everything that windows remember. */
export const WINDOW_TABLES: readonly string[] = [
  'window_open',
  'window_samples',
  'window_ring',
  'window_output',
  'window_neighbour',
  'window_past',
];

/** A record shown as evidence. */
export interface Exemplar {
  /** `E1`, `E2` …, numbered over the window in order of capture; never reused. */
  readonly ref: string;
  /** Set when the record is another service's, which names this one. */
  readonly serviceName: string;
  /** Set when it is another line of the same service. */
  readonly nearTemplateId: string;
  readonly timeMs: number;
  readonly body: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly source: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly index: number;
  readonly truncated: boolean;
}

/** One sampled record: what parameters and shared traces are computed from. */
export interface SampledRecord {
  readonly hash: string;
  readonly traceId: string;
  /** Slot values in the order of the slots. */
  readonly values: readonly string[];
}

/** What was read from records. It is most of a window, and stays as it is once sampling is over: stored apart (open-rows.ts). */
export interface Samples {
  /** Since it was last stored; set by whoever adds to it. */
  isChanged: boolean;
  readonly pairs: PairTable;
}

export interface FindingSamples extends Samples {
  readonly exemplars: Exemplar[];
  slots: { readonly name: string; readonly type: string }[];
  records: SampledRecord[];
  /** Records of the buckets that were sampled: the N of "n of N". */
  recordsOf: number;
  exception: ExceptionSummary | null;
  hints: RecordHints | null;
  /** Names of other services found in its lines. */
  readonly names: string[];
  /** Trace ids and UUIDs of its records. */
  readonly links: string[];
}

/** A finding inside a window, with what was counted for it since. */
export interface TrackedFinding {
  /** `F1`, `F2` …, numbered in order of joining; never reused. */
  readonly ref: string;
  finding: Finding;
  /** From the first record of its service to its onset, when it was raised; null = not known. */
  readonly baselineAgeMs: number | null;
  /** Watermark of the bucket that first raised it. */
  readonly raisedMs: number;
  /** Last moment this finding stands for; `time.end` is the latest of them. */
  evidenceEndMs: number;
  /** Last record of the template, or of the service. */
  lastRecordMs: number;
  templateText: string;
  /** Texts of some of the templates that an overflow finding stands for. */
  memberTexts: string[];
  /** Start of the minute from which `records` and `perMinute` count. */
  readonly countedFromMs: number;
  records: number;
  /** Minute number → records. */
  readonly perMinute: Map<number, number>;
  /** Start of the bucket from which versions and instances count. */
  readonly trackedFromMs: number;
  readonly versions: Map<string, number>;
  readonly instances: Map<string, number>;
  instancesCensored: boolean;
  readonly samples: FindingSamples;
}

export interface WindowService {
  readonly service: ServiceRef;
  /** Watermark at which its first finding joined. */
  readonly joinedMs: number;
  readonly countedFromMs: number;
  records: number;
  /** Traffic over its baseline, as of the last revision within `TRAFFIC_MS` of the latest onset; null = not known. */
  traffic: number | null;
  readonly versions: Map<string, number>;
  readonly instances: Map<string, number>;
  instancesCensored: boolean;
  /** Records of this service that found no room in the signature tables. */
  censored: number;
  /** The comparison for the attributes of its findings. */
  readonly samples: Samples;
}

export interface WindowChange {
  /** `C1`, `C2` … */
  readonly ref: string;
  readonly change: ChangeMarker;
}

export type StormReason = 'windows_in_one_bucket' | 'windows_per_hour' | 'bytes_per_hour' | 'open_windows';

export interface OpenWindow {
  readonly windowId: string;
  readonly fingerprint: string;
  readonly episodeId: string;
  readonly tenant: string;
  readonly environment: string;
  /** Name of the service the envelope is about; frozen at revision 1, so that all revisions share one partition key. */
  readonly subject: string;
  readonly startMs: number;
  readonly storm: StormReason | null;
  revision: number;
  /** Since when the youngest service of revision 1 was known, and how long that was at its onset; null = not known. */
  baseline: { readonly sinceMs: number; readonly ageMs: number } | null;
  firstOnsetMs: number;
  latestOnsetMs: number;
  /** Watermark at which a finding last joined or renewed. */
  aliveMs: number;
  /** Watermark of the last revision. */
  emittedMs: number;
  /** Something worth a revision happened since the last one. */
  pending: 'none' | 'ordinary' | 'urgent';
  /** Counts moved since the last revision. */
  countsMoved: boolean;
  nextFinding: number;
  nextExemplar: number;
  nextChange: number;
  findings: TrackedFinding[];
  /** Findings beyond the cap, counted only. */
  findingsOver: number;
  /** Windows that were merged into this storm. */
  mergedGroups: number;
  services: WindowService[];
  /** Keys of services beyond the cap, with their findings; itself capped. */
  readonly overServices: Map<string, number>;
  changes: WindowChange[];
  readonly dropped: Map<DropReason, number>;
  frames: number;
  severityInferred: number;
  timeInferred: number;
  readonly redactions: Map<string, number>;
}

/** Per tenant: output of the current hour, episodes that are not quiet, recent changes. */
export interface TenantState {
  readonly tenant: string;
  hour: number;
  windows: number;
  bytes: number;
  /** Fingerprint → episode. */
  episodes: Map<string, { episodeId: string; aliveMs: number }>;
  changes: ChangeMarker[];
}

export function severityOf(window: OpenWindow): SeverityClass {
  let worst: SeverityClass = 0;
  for (const tracked of window.findings)
    if (tracked.finding.severity > worst) worst = tracked.finding.severity;
  return worst;
}

/** JSON with Maps as `{"$map": [[key, value] …]}`. Text never becomes an object's key, so nothing can pose as one. */
export function encodeState(value: unknown): string {
  return JSON.stringify(withoutMaps(value));
}

/** Copies only what has a Map in it: quicker than a replacer, which is called for each value of a large window. */
function withoutMaps(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Map) return { $map: withoutMaps([...value]) };
  return Array.isArray(value) ? itemsWithoutMaps(value) : fieldsWithoutMaps(value as Record<string, unknown>);
}

function itemsWithoutMaps(items: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | null = null;
  for (let i = 0; i < items.length; i++) {
    const plain = withoutMaps(items[i]);
    if (plain === items[i]) continue;
    copy ??= items.slice();
    copy[i] = plain;
  }
  return copy ?? items;
}

function fieldsWithoutMaps(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  let copy: Record<string, unknown> | null = null;
  for (const key in fields) {
    const plain = withoutMaps(fields[key]);
    if (plain === fields[key]) continue;
    copy ??= { ...fields };
    copy[key] = plain;
  }
  return copy ?? fields;
}

export function decodeState<T>(text: string): T {
  return withMaps(JSON.parse(text)) as T;
}

/** In place: only the parser's own value, and a fraction of the time of its calling back for each value. */
function withMaps(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = withMaps(value[i]);
    return value;
  }
  const fields = value as Record<string, unknown>;
  if ('$map' in fields) return new Map(withMaps(fields.$map) as [unknown, unknown][]);
  for (const key in fields) fields[key] = withMaps(fields[key]);
  return fields;
}
