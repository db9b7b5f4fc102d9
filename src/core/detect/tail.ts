import { lnNegativeBinomialUpperTail, negativeBinomialQuantile } from './distributions.ts';

/** Effect gate: below twice the expectation, or five lines more, a rise is no news however improbable. */
const RATIO_MIN = 2;
const EXCESS_MIN = 5;

/** A series as the tail arm needs it: gamma shape, expected lines of this minute, dispersion of single minutes. */
export interface TailInput {
  readonly lines: number;
  readonly expected: number;
  readonly shape: number;
  readonly dispersion: number;
}

export interface TailVerdict {
  readonly lnP: number;
  readonly p99: number;
}

/** Whether there is an effect at all, however improbable it may be. */
export function isWorthALine(lines: number, expected: number): boolean {
  return lines >= RATIO_MIN * expected && lines - expected >= EXCESS_MIN;
}

/**
 * Spike: the predictive tail of one minute's count. Var = φμ + μ²/a (dispersion plus what is not known of the rate),
 * negative binomial with size r = μ²/(Var − μ). Null = not improbable enough, or no effect worth a line.
 */
export function judgeTail(input: TailInput, alpha: number): TailVerdict | null {
  const { lines, expected, shape, dispersion } = input;
  if (!isWorthALine(lines, expected)) return null;
  const size = predictiveSize(expected, shape, dispersion);
  const lnP = lnNegativeBinomialUpperTail(lines, expected, size);
  if (lnP > Math.log(alpha)) return null;
  return { lnP, p99: negativeBinomialQuantile(0.01, expected, size) };
}

/** Size parameter of the negative binomial that has mean `expected` and variance φμ + μ²/a. */
export function predictiveSize(expected: number, shape: number, dispersion: number): number {
  return expected / (dispersion - 1 + expected / shape);
}

/**
 * Index of the first bucket of the minute that is clearly above its share of the expectation; the first with a line
 * when no single bucket is.
 */
export function firstSlotAbove(slots: readonly number[], expected: number): number {
  const share = expected / slots.length;
  const clear = share + 3 * Math.sqrt(share) + 1;
  for (let i = 0; i < slots.length; i++) if (slots[i]! > clear) return i;
  return Math.max(
    0,
    slots.findIndex((lines) => lines > 0),
  );
}
