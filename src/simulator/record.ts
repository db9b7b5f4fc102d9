import type { Pod } from './fleet.ts';
import type { Body, Severity } from './line.ts';
import type { Attribute } from './request.ts';

/** One simulated log record. Never changed after it was made, except that delivery sets `arrivalMs`. */
export interface SimulatedRecord {
  /** Event time, in steps of a microsecond. */
  readonly timeMs: number;
  /** When the collector saw it: the observed time. NaN until delivery sets it. */
  arrivalMs: number;
  readonly pod: Pod;
  readonly severity: Severity;
  readonly body: Body;
  readonly attributes: readonly Attribute[];
  /** 32 hex digits, or empty outside a request. */
  readonly traceId: string;
  /** `service.row` of the table that the line came from. */
  readonly lineKey: string;
  /** The fault that put it here, or empty. */
  readonly faultId: string;
  readonly hasSeverity: boolean;
  readonly hasTime: boolean;
}

/** Body as a person reads it; a map as `key=value` pairs. */
export function bodyText(body: Body): string {
  return typeof body === 'string' ? body : body.map(([key, value]) => `${key}=${value}`).join(' ');
}
