import { describe, expect, it } from 'vitest';
import {
  lnBetaBinomial,
  lnBetaBinomialTwoSided,
  lnGamma,
  lnIncompleteBeta,
  lnNegativeBinomialUpperTail,
  negativeBinomialQuantile,
} from '../../../src/core/detect/distributions.ts';

// Reference values: mpmath 1.3.0 with 40 digits (betainc regularized, loggamma, exact sums).

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
});
