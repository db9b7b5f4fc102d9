import type { Resource, SeverityCounts } from '../../contracts.ts';
import type { InstanceCounts } from './instances.ts';

/** Severity classes: a series has as many groups, numbered series × 5 + class. */
export const CLASSES = 5;

/** What one bucket counts for one version of one service. */
export interface Series {
  readonly id: number;
  readonly resource: Resource;
  records: number;
  bytes: number;
  readonly severity: SeverityCounts;
  frames: number;
  severityInferred: number;
  timeInferred: number;
  readonly censored: SeverityCounts;
  readonly instances: InstanceCounts;
}

/** Series of a group. */
export function seriesOf(group: number, series: readonly Series[]): Series {
  return series[Math.floor(group / CLASSES)]!;
}
