import type { LineSpec } from './line.ts';
import { drawPhrases } from './phrases.ts';
import { Random } from './random.ts';
import { type ServiceSpec, steady } from './service.ts';

/** Rates of tail lines are spread evenly in their logarithm between these, a minute: once in 30 min … once in 5 days. */
const FASTEST_PER_MINUTE = 1 / 30;
const SLOWEST_PER_MINUTE = 1 / 7_200;
/** Warnings of the tail: once in 8 h … once in 5 days. */
const FASTEST_WARNING_PER_MINUTE = 1 / 480;

/** Lines per service that are so rare that they keep appearing for the first time long after the start. */
export interface Tail {
  readonly infos: number;
  readonly warnings: number;
}

/**
 * The service with a long tail of rare harmless lines, as real programs have: "never seen before" is then no answer.
 * They come in no relation to any fault.
 */
export function withTail(spec: ServiceSpec, seed: number, tail: Tail): ServiceSpec {
  const random = Random.named(seed, `tail ${spec.name}`);
  const lines: Record<string, LineSpec> = { ...spec.lines };
  drawPhrases(random, tail.infos + tail.warnings).forEach((text, i) => {
    const isWarning = i >= tail.infos;
    const fastest = isWarning ? FASTEST_WARNING_PER_MINUTE : FASTEST_PER_MINUTE;
    const perMinute = fastest * (SLOWEST_PER_MINUTE / fastest) ** random.unit();
    const severity = isWarning ? 'WARN' : random.chance(0.5) ? 'DEBUG' : 'INFO';
    lines[`tail_${i}`] = { severity, text, when: steady(perMinute) };
  });
  return { ...spec, lines };
}
