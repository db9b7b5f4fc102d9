// Tail probabilities in natural logarithms, so that 1e-300 and below keep their order. Ours, not a library's: jstat and
// stdlib give probabilities, which are 0 below 1e-308 and 1 − cdf long before, and the negative binomial for whole sizes.

/** Lanczos approximation, g = 7, n = 9 (Numerical Recipes 3rd ed. §6.1; coefficients by P. Godfrey): |error| < 1e-13. */
const LANCZOS = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Iterations after which a continued fraction or series is taken as it stands; convergence needs O(sqrt(max argument)). */
const ITERATIONS_MAX = 2000;
const EPSILON = 1e-15;
const TINY = 1e-300;

/** ln Γ(x) for x > 0. */
export function lnGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - lnGamma(1 - x);
  const z = x - 1;
  let sum = LANCZOS[0]!;
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i]! / (z + i);
  const t = z + 7.5;
  return 0.5 * Math.log(2 * Math.PI) + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** ln B(a, b). */
export function lnBeta(a: number, b: number): number {
  return lnGamma(a) + lnGamma(b) - lnGamma(a + b);
}

/** ln I_x(a, b), the regularised incomplete beta function, for a, b > 0 and 0 <= x <= 1 (DLMF §8.17). */
export function lnIncompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return Number.NEGATIVE_INFINITY;
  if (x >= 1) return 0;
  const lnFront = a * Math.log(x) + b * Math.log1p(-x) - lnBeta(a, b);
  if (x < (a + 1) / (a + b + 2)) return lnFront + Math.log(betaFraction(x, a, b)) - Math.log(a);
  const complement = Math.exp(lnFront + Math.log(betaFraction(1 - x, b, a)) - Math.log(b));
  return Math.log1p(-Math.min(complement, 1 - 1e-16));
}

/** Continued fraction of I_x(a, b) by Lentz's method (DLMF 8.17.22; Numerical Recipes §6.4). */
function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m <= ITERATIONS_MAX; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / guard(1 + even * d);
    c = guard(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / guard(1 + odd * d);
    c = guard(1 + odd / c);
    const delta = d * c;
    h *= delta;
    if (Math.abs(delta - 1) < EPSILON) break;
  }
  return h;
}

function guard(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/**
 * ln P(Y >= y) for Y negative binomial with mean `mu` and size `r` (variance mu + mu²/r), y a whole number.
 * P(Y >= y) = I_{mu/(r+mu)}(y, r) (Johnson, Kotz, Kemp, Univariate Discrete Distributions §5.6).
 */
export function lnNegativeBinomialUpperTail(y: number, mu: number, r: number): number {
  if (y <= 0) return 0;
  if (mu <= 0) return Number.NEGATIVE_INFINITY;
  return lnIncompleteBeta(mu / (r + mu), y, r);
}

/** Smallest y with P(Y > y) <= tail; by doubling, then halving. */
export function negativeBinomialQuantile(tail: number, mu: number, r: number): number {
  const lnTail = Math.log(tail);
  const exceeds = (y: number): boolean => lnNegativeBinomialUpperTail(y + 1, mu, r) > lnTail;
  let high = Math.max(1, Math.ceil(mu));
  while (exceeds(high)) high *= 2;
  let low = -1;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (exceeds(middle)) low = middle;
    else high = middle;
  }
  return high;
}

/** ln P(X = k) for X beta-binomial with n trials, mean share `share` and concentration `s` (a = share·s, b = (1−share)·s). */
export function lnBetaBinomial(k: number, n: number, share: number, s: number): number {
  const a = share * s;
  const b = (1 - share) * s;
  return lnGamma(n + 1) - lnGamma(k + 1) - lnGamma(n - k + 1) + lnBeta(k + a, n - k + b) - lnBeta(a, b);
}

/** ln of the smaller one-sided tail, doubled, of a beta-binomial at k. At most `n + 1` terms; stops when they vanish. */
export function lnBetaBinomialTwoSided(k: number, n: number, share: number, s: number): number {
  const upper = k >= n * share;
  const lnFirst = lnBetaBinomial(k, n, share, s);
  let sum = 1;
  for (let i = upper ? k + 1 : k - 1; i >= 0 && i <= n; i += upper ? 1 : -1) {
    const term = Math.exp(lnBetaBinomial(i, n, share, s) - lnFirst);
    sum += term;
    if (term < EPSILON * sum) break;
  }
  return Math.min(0, lnFirst + Math.log(sum) + Math.LN2);
}
