const DAY_MS = 86_400_000;
/** Hour of the day (UTC) with most traffic. */
const PEAK_HOUR = 19;
/** 1970-01-01 was a Thursday: day 0 of the epoch has index 4 when Sunday is 0. */
const EPOCH_WEEKDAY = 4;

/** The shape of a week, as a factor on every rate that follows traffic. */
export interface WeekShape {
  /** 0.4 = nights at 0.6, evenings at 1.4 of the mean. */
  readonly dailySwing: number;
  /** Saturdays and Sundays run at this share of a weekday. */
  readonly weekendShare: number;
}

export function trafficFactor(shape: WeekShape, timeMs: number): number {
  const hour = (timeMs % DAY_MS) / 3_600_000;
  const swing = 1 + shape.dailySwing * Math.cos(((hour - PEAK_HOUR) / 24) * 2 * Math.PI);
  const weekday = (Math.floor(timeMs / DAY_MS) + EPOCH_WEEKDAY) % 7;
  return weekday === 0 || weekday === 6 ? swing * shape.weekendShare : swing;
}
