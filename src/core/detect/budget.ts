import type { SeverityClass } from '../../contracts.ts';
import { MINUTES_PER_DAY } from './time.ts';

/** Shares of the budget by severity: ERROR and above, WARN, the rest. They sum to 1. */
const SEVERITY_SHARES = [0.2, 0.2, 0.3, 0.5, 0.5] as const;

/** Shares of the budget by path. They sum to 1. */
const TEMPLATE_RATE_SHARE = 0.4;
const SERVICE_RATE_SHARE = 0.2;
const RARITY_SHARE = 0.4;

/** Spike, rise, fall and silence are tested for every series, the last two against its last hour, too. */
const ARMS = 6;

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

  /** Chance of a false alarm that one arm of one template may run in one minute. */
  templateAlpha(severity: SeverityClass, templates: number): number {
    return this.#alpha(TEMPLATE_RATE_SHARE * SEVERITY_SHARES[severity], templates);
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
