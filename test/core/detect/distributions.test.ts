import { describe, expect, it } from 'vitest';
import {
  lnBetaBinomial,
  lnBetaBinomialTwoSided,
  lnGamma,
  lnIncompleteBeta,
  lnNegativeBinomialUpperTail,
  negativeBinomialQuantile,
} from '../../../src/core/detect/distributions.ts';
import { expectedAtAlarm, lnZeroRun } from '../../../src/core/detect/silence.ts';

// Reference values: mpmath 1.3.0 with 40 digits (betainc regularized, loggamma, exact sums); those of scipy 1.17.1 are marked.

function near(actual: number, expected: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
}

describe('distributions', () => {
  it('ln gamma agrees with reference values', () => {
    for (const [x, want] of [
      [0.1, 2.252712651734206],
      [0.5, 0.5723649429247001],
      [1, 0],
      [3.7, 1.4280723266653881],
      [50, 144.5657439463449],
      [12345.6, 103959.1850661685],
    ] as const) {
      near(lnGamma(x), want);
    }
  });

  it('the incomplete beta function keeps its order down to e^-2726', () => {
    for (const [x, a, b, want] of [
      [0.3, 2, 5, -0.545028945107489],
      [0.999, 50, 0.5, -0.2845283573559549],
      [1e-5, 3, 4, -31.54306662142982],
      [0.5, 200, 210, -0.371810027334187],
      [0.02, 700, 3, -2726.043156877981],
    ] as const) {
      near(lnIncompleteBeta(x, a, b), want);
    }
    expect(lnIncompleteBeta(0, 2, 3)).toBe(Number.NEGATIVE_INFINITY);
    expect(lnIncompleteBeta(1, 2, 3)).toBe(0);
  });

  it('the negative binomial upper tail agrees with reference values, near its Poisson limit too', () => {
    for (const [y, mu, r, want] of [
      [5, 2, 3, -2.340743970094817],
      [412, 11, 18.3, -341.5744507681086],
      [30, 10, 1e6, -15.19763799719707],
      [1, 0.01, 0.5, -4.620034410911664],
      [100, 90, 20, -1.162808472469206],
      [1000, 20, 2.5, -110.9880848963452],
    ] as const) {
      near(lnNegativeBinomialUpperTail(y, mu, r), want);
    }
    expect(lnNegativeBinomialUpperTail(0, 5, 2)).toBe(0);
    expect(lnNegativeBinomialUpperTail(3, 0, 2)).toBe(Number.NEGATIVE_INFINITY);
  });

  it('the quantile is the smallest count whose excess is rarer than asked', () => {
    expect(negativeBinomialQuantile(0.01, 11, 18.3)).toBe(22);
    expect(negativeBinomialQuantile(0.01, 0.05, 2)).toBe(1);
    expect(negativeBinomialQuantile(0.01, 100, 1e6)).toBe(124);
  });

  it('the beta-binomial agrees with reference values, one point and two tails', () => {
    near(lnBetaBinomial(30, 100, 0.1, 50), -7.50173653888176);
    near(lnBetaBinomial(0, 40, 0.5, 1000), -26.97534599283902);
    near(lnBetaBinomialTwoSided(30, 100, 0.1, 50), -5.666732748807985);
    near(lnBetaBinomialTwoSided(0, 40, 0.5, 1000), -26.28219881227908);
    expect(lnBetaBinomialTwoSided(5, 10, 0.5, 4)).toBe(0);
  });

  it('upper tails agree with scipy.stats.nbinom.logsf over small, usual and wide sizes', () => {
    for (const [y, mu, r, want] of [
      [3, 2, 3, -1.1474664548856288],
      [25, 10, 4, -3.778096439722262],
      [60, 11, 18.3, -27.864364776193078],
      [8, 0.3, 0.2, -6.664267439757124],
      [150, 90, 20, -4.653033826489843],
      [40, 10, 1e5, -27.93564945107252],
    ] as const) {
      near(lnNegativeBinomialUpperTail(y, mu, r), want);
    }
  });

  it('quantiles agree with scipy.stats.nbinom.isf', () => {
    for (const [tail, mu, r, want] of [
      [1e-6, 3, 0.7, 61],
      [0.001, 250, 40, 401],
      [0.5, 7, 3, 6],
    ] as const) {
      expect(negativeBinomialQuantile(tail, mu, r)).toBe(want);
    }
  });

  it('two-sided beta-binomial tails agree with scipy.stats.betabinom, the smaller tail doubled', () => {
    for (const [k, n, share, s, lnTail] of [
      [30, 100, 0.1, 50, -6.359879929366963],
      [7, 12, 0.3, 6, -1.9318572935811715],
      [900, 1000, 0.8, 120, -6.518666713161298],
    ] as const) {
      near(lnBetaBinomialTwoSided(k, n, share, s), lnTail + Math.LN2);
    }
  });

  it('the chance of a run of zeros agrees with scipy.stats.nbinom.logpmf(0)', () => {
    for (const [shape, dispersion, expected, want] of [
      [50, 2, 20, -8.411805915530323],
      [4, 1, 12, -5.545177444479562],
      [0.5, 3, 9, -0.49073982986107345],
    ] as const) {
      near(lnZeroRun(expected, shape, dispersion), want);
      near(expectedAtAlarm(Math.exp(want), shape, dispersion), expected);
    }
  });
});
