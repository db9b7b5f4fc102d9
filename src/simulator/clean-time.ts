import type { InjectedFault } from './fault.ts';
import type { SimulationOptions } from './simulate.ts';

/** After a fault its own windows are still closing, and rates return: not yet clean. */
const SETTLING_MS = 15 * 60_000;

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Spans in which nothing is wrong: after the warm-up, outside all faults and the time in which they settle.
 * A harmless change leaves time clean: a window there is a false one.
 */
export function cleanSpans(
  options: SimulationOptions,
  truth: readonly InjectedFault[],
  warmUpMs: number,
): Span[] {
  const endMs = options.startMs + options.durationMs;
  const spans: Span[] = [];
  let fromMs = options.startMs + warmUpMs;
  for (const fault of [...truth].sort((left, right) => left.startMs - right.startMs)) {
    if (!fault.incident) continue;
    if (fault.startMs > fromMs) spans.push({ fromMs, toMs: Math.min(fault.startMs, endMs) });
    fromMs = Math.max(fromMs, fault.endMs + SETTLING_MS);
  }
  if (fromMs < endMs) spans.push({ fromMs, toMs: endMs });
  return spans;
}
