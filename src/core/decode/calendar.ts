export const DAY_MS = 86_400_000;

/** Midnight UTC of a day of the proleptic Gregorian calendar, or NaN (Howard Hinnant, "days_from_civil"). */
export function dateMs(year: number, month: number, day: number): number {
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31 && year >= 1970)) return Number.NaN;
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return (era * 146097 + dayOfEra - 719468) * DAY_MS;
}

/** The year, of the reference's and its neighbours, that brings the date nearest to the reference. */
export function nearestYear(month: number, day: number, clockMs: number, referenceMs: number): number {
  if (Number.isNaN(referenceMs)) return Number.NaN;
  const year = 1970 + Math.floor(referenceMs / (365.2425 * DAY_MS));
  let best = Number.NaN;
  for (let candidate = year - 1; candidate <= year + 1; candidate++) {
    const time = dateMs(candidate, month, day) + clockMs;
    if (Number.isNaN(best) || Math.abs(time - referenceMs) < Math.abs(best - referenceMs)) best = time;
  }
  return best;
}
