import type { ServiceRef, SeverityClass } from '../../contracts.ts';
import { type HeldTemplates, ServiceTemplates } from './held-templates.ts';
import type { Numbers } from './numbers.ts';
import { newRateState, type RateState } from './rate-state.ts';
import { newRecent } from './recent.ts';
import { SLOTS } from './template-state.ts';

/** Novelty of one severity class of one service; counts are discounted with a half-life of 7 days. */
export interface ClassNovelty {
  /** Minutes with a record, per template, added up. */
  arrivals: number;
  /** Templates first seen in this class. */
  births: number;
  /** Minutes with a record of this class that no finding explains. */
  minutes: number;
  lastMs: number | null;
  announcedMs: number | null;
}

/** What would not fit through the admission bucket, collected into one finding. */
export interface Overflow {
  /** Start of the bucket in which collecting began. */
  readonly collectedMs: number;
  sinceMs: number;
  lastMs: number;
  templates: number;
  records: number;
  errors: number;
  severity: SeverityClass;
  score: number;
  /** The first ids, capped. */
  readonly templateIds: string[];
}

/** Comparing two versions that run side by side. */
export interface VersionTrial {
  readonly from: string;
  readonly to: string;
  readonly atMs: number;
  nextMs: number;
  newRecords: number;
  oldRecords: number;
  /** template id → [records of the new version, of all others, highest class]. */
  readonly templates: Map<string, [number, number, SeverityClass]>;
}

/** The service's own series, always whole; its clocks are the fleet's. */
export interface ServiceSeries {
  readonly total: RateState;
  readonly errors: RateState;
  /** Lines of the last hour, whatever the fleet does (see recent.ts). */
  readonly traffic: Numbers;
  /** Lines a minute in the last quarter of an hour or so, their dispersion, and the minute they belong to. */
  recentRate: number;
  recentDispersion: number;
  recentMinutes: number;
  /** The same over quarters of an hour, and the open one: minutes, lines, expected lines. */
  recentBlockDispersion: number;
  blockMinutes: number;
  blockLines: number;
  blockExpected: number;
  lastMinute: number;
}

export interface ServiceState {
  readonly ref: ServiceRef;
  readonly firstMs: number;
  lastMs: number;
  readonly templates: ServiceTemplates;
  /** Clocks per severity class: minutes of usual traffic, and observed minutes; a censored minute moves neither. */
  readonly exposure: number[];
  readonly observed: number[];
  /** Fleet clocks up to which the two above are brought forward. */
  fleetExposureAt: number;
  fleetObservedAt: number;
  /** Dispersion lent to templates, per block length (of lines, of minutes with a record), and the minute it was last worked out. */
  dispersion: number[];
  occupancyDispersion: number[];
  dispersionMinute: number;
  traffic: number;
  /** Minute in which one of its templates last raised a rate finding; null = never. */
  templateAlarmMinute: number | null;
  readonly series: ServiceSeries;
  /** Longest time without a record that was no news, ms; halves every six hours. `pauseAtMs` = up to when. */
  pauseMs: number;
  pauseAtMs: number;
  /** The open minute: records and errors per bucket, censored classes. */
  openMinute: number | null;
  readonly openTotal: number[];
  readonly openErrors: number[];
  readonly openCensored: boolean[];
  readonly novelty: ClassNovelty[];
  noveltyMinute: number;
  /** Discounted minutes with any record. */
  activeMinutes: number;
  tokens: number;
  tokensMs: number;
  overflow: Overflow | null;
  overflowSpokeMs: number | null;
  quarantined: boolean;
  /** Versions seen: [version, last seen ms], newest last, capped. */
  readonly versions: [string, number][];
  versionChangedMs: number | null;
  trial: VersionTrial | null;
  /** Ids that were evicted: when they come back they are not new. Oldest first, capped. */
  readonly tombstones: Set<string>;
}

export function newServiceState(
  held: HeldTemplates,
  ref: ServiceRef,
  ms: number,
  minute: number,
  fleetExposure: number,
  fleetObserved: number,
): ServiceState {
  return {
    ref,
    firstMs: ms,
    lastMs: ms,
    templates: new ServiceTemplates(held),
    exposure: [0, 0, 0, 0, 0],
    observed: [0, 0, 0, 0, 0],
    fleetExposureAt: fleetExposure,
    fleetObservedAt: fleetObserved,
    dispersion: [1, 1, 1],
    occupancyDispersion: [1, 1, 1],
    dispersionMinute: minute,
    traffic: 1,
    templateAlarmMinute: null,
    series: {
      total: newRateState(minute, 1, fleetExposure, fleetObserved),
      errors: newRateState(minute, 3, fleetExposure, fleetObserved),
      traffic: newRecent(minute),
      recentRate: 0,
      recentDispersion: 1,
      recentMinutes: 0,
      recentBlockDispersion: 1,
      blockMinutes: 0,
      blockLines: 0,
      blockExpected: 0,
      lastMinute: minute,
    },
    pauseMs: 0,
    pauseAtMs: ms,
    openMinute: null,
    openTotal: new Array<number>(SLOTS).fill(0),
    openErrors: new Array<number>(SLOTS).fill(0),
    openCensored: [false, false, false, false, false],
    novelty: [newNovelty(), newNovelty(), newNovelty(), newNovelty(), newNovelty()],
    noveltyMinute: minute,
    activeMinutes: 0,
    tokens: TOKENS_MAX,
    tokensMs: ms,
    overflow: null,
    overflowSpokeMs: null,
    quarantined: false,
    versions: [],
    versionChangedMs: null,
    trial: null,
    tombstones: new Set(),
  };
}

/** Findings of novelty that a service may raise at once; refilled by `TOKENS_PER_HOUR`. */
export const TOKENS_MAX = 6;

function newNovelty(): ClassNovelty {
  return { arrivals: 0, births: 0, minutes: 0, lastMs: null, announcedMs: null };
}
