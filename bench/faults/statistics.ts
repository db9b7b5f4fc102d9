export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value that this share of all values does not exceed (nearest rank); NaN without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function maximum(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
}

export interface Slope {
  readonly perStep: number;
  readonly standardError: number;
}

/** Least squares of the values over 0, 1, 2 …, with the slope's standard error. */
export function slopeOf(values: readonly number[]): Slope {
  const n = values.length;
  const meanX = (n - 1) / 2;
  const meanY = values.reduce((sum, value) => sum + value, 0) / n;
  let xx = 0;
  let xy = 0;
  values.forEach((value, i) => {
    xx += (i - meanX) ** 2;
    xy += (i - meanX) * (value - meanY);
  });
  const perStep = xy / xx;
  const residual = values.reduce((sum, value, i) => sum + (value - meanY - perStep * (i - meanX)) ** 2, 0);
  return { perStep, standardError: Math.sqrt(residual / (n - 2) / xx) };
}
