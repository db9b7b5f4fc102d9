import { dispersionGuess } from '../../src/core/detect/dispersion.ts';
import { lnNegativeBinomialUpperTail } from '../../src/core/detect/distributions.ts';
import { DISPERSION } from '../../src/core/detect/rate-places.ts';
import { newRateState } from '../../src/core/detect/rate-state.ts';
import { bringForward, judgeMinute } from '../../src/core/detect/series.ts';
import { predictiveSize } from '../../src/core/detect/tail.ts';
import { Random } from './random.ts';
import { drawArrivals, drawLines, type StreamKind, syntheticTemplate } from './streams.ts';

const LEVELS = [1e-2, 1e-3, 1e-4] as const;
const NO_PRIOR = [1, 1, 1] as const;
/** A rate is judged from this age on. */
const LEARN_MINUTES = 60;

export interface CalibrationOptions {
  readonly series: number;
  readonly days: number;
  readonly seed: number;
}

/** How often the tail arm's p is at most x, in multiples of x, on level streams; p of a minute without a line is 1. */
export function tailCalibration(kind: StreamKind, { series, days, seed }: CalibrationOptions): number[] {
  const random = new Random(seed);
  const below = LEVELS.map(() => 0);
  let minutes = 0;
  for (let i = 0; i < series; i++) {
    const perMinute = 10 ** (-1.5 + 4 * random.next());
    const template = syntheticTemplate('t', perMinute, drawArrivals(kind, random));
    const rate = newRateState(0, 1, 0, 0);
    for (let minute = 1; minute < days * 1440; minute++) {
      if (minute > LEARN_MINUTES) minutes++;
      const lines = drawLines(template, perMinute, minute, random);
      if (lines === 0) continue;
      const clock = {
        exposure: minute,
        observed: minute,
        prior: NO_PRIOR,
        occupancyPrior: NO_PRIOR,
      };
      bringForward(rate, clock, minute);
      const { a, b } = rate;
      const dispersion = dispersionGuess(rate.numbers, DISPERSION, 1, NO_PRIOR);
      const lnP = lnNegativeBinomialUpperTail(lines, a / b, predictiveSize(a / b, a, dispersion));
      if (minute > LEARN_MINUTES)
        LEVELS.forEach((x, k) => {
          if (lnP <= Math.log(x)) below[k]! += 1;
        });
      const m = { minute, lines, slots: [lines], exposure: 1, exposureMax: 1, censored: false };
      judgeMinute(rate, m, clock, 1e-9, 'all');
      rate.exposureAt = minute + 1;
      rate.observedAt = minute + 1;
      rate.seenAt = minute + 1;
    }
  }
  return LEVELS.map((x, k) => below[k]! / minutes / x);
}

/** Prints the shares for each kind of stream. */
export function runCalibration(options: CalibrationOptions): void {
  console.log(`tail arm: P(p ≤ x) / x under the null, ${options.series} series, ${options.days} days\n`);
  console.log(`| stream | ${LEVELS.map((x) => `x = ${x}`).join(' | ')} |`);
  console.log('|---|---|---|---|');
  for (const kind of ['poisson', 'burst', 'spread'] as const) {
    const ratios = tailCalibration(kind, options).map((ratio) => ratio.toFixed(2));
    console.log(`| ${kind} | ${ratios.join(' | ')} |`);
  }
  console.log();
}
