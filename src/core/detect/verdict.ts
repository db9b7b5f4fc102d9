import { cusumThreshold, EXPECTED, FROZEN_DISPERSION, LINES, SINCE_MINUTE, SUM } from './cusum.ts';
import type { Numbers } from './numbers.ts';
import { MINUTE_MS } from './time.ts';

export type Arm = 'tail' | 'up' | 'down' | 'sparse' | 'zero_run';

/** What one arm says about one series. */
export interface Verdict {
  readonly arm: Arm;
  readonly observed: number;
  readonly expected: number;
  readonly p99: number | null;
  readonly lnP: number | null;
  readonly statistic: number | null;
  readonly threshold: number | null;
  readonly dispersion: number;
  /** Minutes that `observed` and `expected` cover. */
  readonly minutes: number;
  readonly onsetMs: number;
  readonly onsetUncertaintyMs: number;
  /** Judged against the last hour, not against days and nights. */
  readonly isRecent?: true;
}

/** No line since `lastSeenMs`, where `expected` were, at `perMinute`. */
export function zeroRunVerdict(
  run: { readonly expected: number; readonly lnP: number; readonly dispersion: number },
  perMinute: number,
  minutes: number,
  lastSeenMs: number,
): Verdict {
  return {
    arm: 'zero_run',
    observed: 0,
    p99: null,
    statistic: null,
    threshold: null,
    ...run,
    minutes,
    onsetMs: lastSeenMs,
    // The line was due within one mean interval of the last one.
    onsetUncertaintyMs: Math.max(1000, Math.round(MINUTE_MS / perMinute)),
  };
}

/** The sum has alarmed. `perMinute` and `ratio` are those of its threshold. */
export function cusumVerdict(
  n: Numbers,
  at: number,
  arm: 'up' | 'down' | 'sparse',
  minute: number,
  tested: { readonly ratio: number; readonly perMinute: number; readonly alpha: number },
): Verdict {
  const sinceMinute = n[at + SINCE_MINUTE]!;
  const dispersion = n[at + FROZEN_DISPERSION]!;
  const minutes = Math.max(1, minute - sinceMinute + 1);
  return {
    arm,
    observed: n[at + LINES]!,
    expected: n[at + EXPECTED]!,
    p99: null,
    lnP: null,
    statistic: n[at + SUM]!,
    threshold: cusumThreshold(tested.alpha, tested.ratio, tested.perMinute, dispersion),
    dispersion,
    minutes,
    onsetMs: sinceMinute * MINUTE_MS,
    // Measured: the reset lies within a quarter of the run of the true change for most changes.
    onsetUncertaintyMs: Math.max(MINUTE_MS, (minutes * MINUTE_MS) / 4),
  };
}
