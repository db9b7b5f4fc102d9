import { HOUR_MS } from './time.ts';

/** How the detectors are set; what is left out takes the value in `DETECT_DEFAULTS`. */
export interface DetectOptions {
  /** False alarms a day, both paths and all severities together, that the whole worker may raise on quiet input. */
  readonly falseAlarmBudgetPerDay: number;
  /** A service younger than this learns silently below ERROR. */
  readonly learnMs?: number;
  /** A rate is judged from this age of its template and service on. */
  readonly rateLearnMs?: number;
  /** Templates held, all services; beyond it the longest unseen are forgotten. */
  readonly templatesMax?: number;
  /** Services held; beyond it the longest unseen are forgotten. */
  readonly servicesMax?: number;
}

/** All options with their values. */
export type DetectSettings = Required<DetectOptions>;

export const DETECT_DEFAULTS: DetectSettings = {
  falseAlarmBudgetPerDay: 10,
  // New templates below ERROR come in floods while a service is getting known.
  learnMs: 3 * HOUR_MS,
  // Keeps the first day within the budget: 2, 5–8 and 7 of 10 findings on bench/detection/null.ts --days 1.
  rateLearnMs: HOUR_MS,
  // About 1 kB each in memory: 100 MB at most.
  templatesMax: 100_000,
  servicesMax: 5_000,
};
