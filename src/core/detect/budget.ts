import type { SeverityClass } from '../../contracts.ts';
import { MINUTES_PER_DAY } from './time.ts';

/** Shares of the budget by severity: ERROR and above, WARN, the rest. They sum to 1. */
const SEVERITY_SHARES = [0.2, 0.2, 0.3, 0.5, 0.5] as const;

/** Shares of the budget by path. They sum to 1. */
const TEMPLATE_RATE_SHARE = 0.4;
const SERVICE_RATE_SHARE = 0.2;
const RARITY_SHARE = 0.4;

/** Spike, two rises, two falls and two silences: a series is held against its long baseline and against its last hour. */
const ARMS = 7;

/** A handful of templates would get a threshold as loose as 1e-3 a minute; estimates of the baseline are not that good. */
const SERIES_MIN = 100;

/**
 * The false alarms a day that the operator allows, spent over paths, severities, series and minutes (alpha spending).
 * Invariant: what the shares add up to is the budget, whatever the number of series.
 */
export class Budget {
  readonly falseAlarmsPerDay: number;

  constructor(falseAlarmsPerDay: number) {
    this.falseAlarmsPerDay = falseAlarmsPerDay;
  }

  /**
   * Chance of a false alarm that one arm of one template may run in one minute. `series` are the templates under test per
   * severity class: each class has its share of the budget to itself, and what nobody is there to spend goes to the others
   * (weighted alpha spending: Genovese, Roeder & Wasserman 2006).
   */
  templateAlpha(severity: SeverityClass, series: readonly number[]): number {
    const levels = [series[0]! + series[1]!, series[2]!, series[3]! + series[4]!];
    let shares = 0;
    for (let level = 0; level < levels.length; level++)
      if (levels[level]! > 0) shares += SEVERITY_SHARES[level + 1]!;
    const level = severity <= 1 ? 0 : severity === 2 ? 1 : 2;
    const share = SEVERITY_SHARES[severity] / Math.max(shares, SEVERITY_SHARES[severity]);
    return this.#alpha(TEMPLATE_RATE_SHARE * share, levels[level]!);
  }

  /** The same for a service's own series. */
  serviceAlpha(severity: SeverityClass, services: number): number {
    return this.#alpha(SERVICE_RATE_SHARE * SEVERITY_SHARES[severity], services);
  }

  /** Findings a day that novelty of one severity may raise on quiet input. */
  rarityPerDay(severity: SeverityClass): number {
    return this.falseAlarmsPerDay * RARITY_SHARE * SEVERITY_SHARES[severity];
  }

  #alpha(share: number, series: number): number {
    return (this.falseAlarmsPerDay * share) / (Math.max(series, SERIES_MIN) * MINUTES_PER_DAY * ARMS);
  }
}
