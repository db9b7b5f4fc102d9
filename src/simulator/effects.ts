import type { Line } from './line.ts';
import type { Attribute } from './request.ts';

/**
 * What faults do to the system, as data. A fault's planner fills this before the first record is made; the engine
 * reads it. Times are event time in ms; `slot` absent = every pod; `faultId` marks the records for tests and scoring.
 */
export interface Effects {
  readonly oneOffs: OneOff[];
  readonly streams: Stream[];
  readonly failures: VisitFailure[];
  readonly mutes: Mute[];
  readonly slowdowns: Slowdown[];
  readonly traffic: TrafficChange[];
}

interface Span {
  readonly faultId: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A single line at a known time, outside any request. */
export interface OneOff {
  readonly faultId: string;
  readonly service: string;
  readonly slot?: number;
  readonly atMs: number;
  readonly line: Line;
}

/** A line that comes at a rate of its own, outside any request. */
export interface Stream extends Span {
  readonly service: string;
  readonly slot?: number;
  readonly line: Line;
  readonly perMinute: number;
  /** Grows linearly from zero to `perMinute` over this time; 0 = at once. */
  readonly rampMs: number;
  readonly burst: number;
  /** Attributes of all its records, such as the one client address that attacks. */
  readonly attributes?: readonly Attribute[];
}

/** Visits of a service that fail: the line is logged instead of the calls and the `after` lines. */
export interface VisitFailure extends Span {
  readonly service: string;
  readonly slot?: number;
  /** Only pods of this version. */
  readonly version?: string;
  /** Only requests of this route. */
  readonly route?: string;
  /** Only requests of this tenant. */
  readonly tenant?: string;
  readonly probability: number;
  /** Null = the service says nothing (it is gone). */
  readonly line: Line | null;
  readonly status: number;
  /** How long the caller waits for the failed answer. */
  readonly tookMs: number;
  /** Before this time callers are served in spite of it (from a queue, a replica, a retry), and log no failure. */
  readonly callersFailFromMs: number;
}

/** Lines that do not appear any more. `keys` null = all lines of the service. */
export interface Mute extends Span {
  readonly service: string;
  readonly slot?: number;
  readonly keys: ReadonlySet<string> | null;
  readonly share: number;
}

/** The service's own time is multiplied, growing linearly to `factor` over `rampMs`. */
export interface Slowdown extends Span {
  readonly service: string;
  readonly factor: number;
  readonly rampMs: number;
  /** Logged in visits whose own time passes the limit, from `slowFromMs` on. */
  readonly slowLine: Line;
  readonly slowAboveMs: number;
  readonly slowFromMs: number;
}

/** Arrivals of one route (null = all) are multiplied. */
export interface TrafficChange extends Span {
  readonly route: string | null;
  readonly factor: number;
  readonly rampMs: number;
}

export function noEffects(): Effects {
  return { oneOffs: [], streams: [], failures: [], mutes: [], slowdowns: [], traffic: [] };
}

/** How far a ramp has come at a time: 0 before, 1 when it has reached its height. */
export function rampShare(fromMs: number, rampMs: number, timeMs: number): number {
  if (rampMs <= 0) return 1;
  return Math.min(1, Math.max(0, (timeMs - fromMs) / rampMs));
}
