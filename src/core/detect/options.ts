/** How the detectors are set. All of it reaches every detector through `Detectors`. */
export interface DetectOptions {
  /** False alarms a day, both paths and all severities together, that the whole worker may raise on quiet input. */
  readonly falseAlarmsPerDay: number;
  /** A service younger than this learns silently below ERROR. */
  readonly learnMs: number;
  /** A template's rate is judged from this age on (and from `ACTIVE_MINUTES_MIN` minutes with records on). */
  readonly rateLearnMs: number;
  /** Templates held, all services; beyond it the longest unseen are forgotten. */
  readonly templatesMax: number;
  /** Services held; beyond it the longest unseen are forgotten. */
  readonly servicesMax: number;
}

const HOUR_MS = 3_600_000;

export const DETECT_DEFAULTS: DetectOptions = {
  falseAlarmsPerDay: 10,
  // Three hours keep the budget on services with many templates; measured by bench/detection/null.ts.
  learnMs: 3 * HOUR_MS,
  rateLearnMs: 3 * HOUR_MS,
  templatesMax: 100_000,
  servicesMax: 5_000,
};
