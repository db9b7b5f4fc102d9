import type { LineSpec, LineStyle, Occurrence, Severity } from './line.ts';
import type { StackTraceName } from './stack-traces.ts';

/** Language of a service: decides which stack trace a new error carries. */
export type Language = 'java' | 'python' | 'node' | 'go' | 'native';

/** One service of the simulated system: its table of lines, and how it writes them. Add a file in services/ for a new one. */
export interface ServiceSpec {
  readonly name: string;
  readonly namespace: string;
  readonly version: string;
  readonly pods: number;
  readonly language: Language;
  readonly style: LineStyle;
  /** Median own time in a visit, calls not included. */
  readonly medianMs: number;
  readonly lines: Readonly<Record<string, LineSpec>>;
  /** False: records carry neither severity number nor text. */
  readonly severity?: boolean;
  /** False: records carry neither time nor observed time. */
  readonly time?: boolean;
}

export const flow: Occurrence = { kind: 'flow' };

/** At this share of the service's visits. */
export function visit(probability: number): Occurrence {
  return { kind: 'visit', probability };
}

/** Poisson, or in bursts of the given mean size; `steady` lines do not follow the daily swing. */
export function rate(perMinute: number, burst = 1): Occurrence {
  return { kind: 'rate', perMinute, burst, followsTraffic: true };
}

export function steady(perMinute: number, burst = 1): Occurrence {
  return { kind: 'rate', perMinute, burst, followsTraffic: false };
}

/** On a timer in each pod. */
export function every(seconds: number): Occurrence {
  return { kind: 'every', seconds };
}

function row(severity: Severity, text: string, when: Occurrence, stack?: StackTraceName): LineSpec {
  return stack === undefined ? { severity, text, when } : { severity, text, when, stack };
}

export function debug(text: string, when: Occurrence): LineSpec {
  return row('DEBUG', text, when);
}

export function info(text: string, when: Occurrence): LineSpec {
  return row('INFO', text, when);
}

export function warn(text: string, when: Occurrence): LineSpec {
  return row('WARN', text, when);
}

export function error(text: string, when: Occurrence, stack?: StackTraceName): LineSpec {
  return row('ERROR', text, when, stack);
}
