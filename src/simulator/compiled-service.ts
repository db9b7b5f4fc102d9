import { WinnowError } from '../errors.ts';
import { compileLine, type Line, type LineSpec } from './line.ts';
import type { ServiceSpec } from './service.ts';

/** How much of the routine trouble in the tables is present: factors on the rates of WARN and ERROR rows. */
export interface Noise {
  readonly warnings: number;
  readonly errors: number;
  /** Share of calls between services that fail for no reason that the logs know; absent = none. */
  readonly failedCalls?: number;
}

export interface VisitLine {
  readonly line: Line;
  readonly probability: number;
}

export interface RateLine {
  readonly line: Line;
  readonly perMinute: number;
  readonly burst: number;
  readonly followsTraffic: boolean;
}

export interface TimerLine {
  readonly line: Line;
  readonly seconds: number;
}

/** A service's table, compiled once per simulation and sorted by what makes its lines appear. */
export class CompiledService {
  readonly spec: ServiceSpec;
  readonly visitLines: readonly VisitLine[];
  readonly rateLines: readonly RateLine[];
  readonly timerLines: readonly TimerLine[];
  private readonly byKey = new Map<string, Line>();

  constructor(spec: ServiceSpec, noise: Noise) {
    this.spec = spec;
    const visitLines: VisitLine[] = [];
    const rateLines: RateLine[] = [];
    const timerLines: TimerLine[] = [];
    for (const [key, row] of Object.entries(spec.lines)) {
      const line = compileLine(`${spec.name}.${key}`, row, spec.style, this.byKey.size);
      this.byKey.set(key, line);
      const factor = noiseFactor(row, noise);
      if (factor === 0) continue;
      const when = row.when;
      if (when.kind === 'visit')
        visitLines.push({ line, probability: Math.min(1, when.probability * factor) });
      if (when.kind === 'rate') rateLines.push({ ...when, line, perMinute: when.perMinute * factor });
      if (when.kind === 'every') timerLines.push({ line, seconds: when.seconds });
    }
    this.visitLines = visitLines;
    this.rateLines = rateLines;
    this.timerLines = timerLines;
  }

  /** The row of the table; a missing one is a mistake in a table or an option. */
  line(key: string): Line {
    const line = this.byKey.get(key);
    if (line === undefined) {
      throw new WinnowError(
        'WINNOW_SIMULATOR_LINE',
        `find line ${key} of simulated service ${this.spec.name}`,
      );
    }
    return line;
  }

  has(key: string): boolean {
    return this.byKey.has(key);
  }

  /** A line of a fault, laid out as this service writes. */
  faultLine(key: string, row: Omit<LineSpec, 'when'>): Line {
    return compileLine(`${this.spec.name}.${key}`, row, this.spec.style, 0);
  }
}

function noiseFactor(row: LineSpec, noise: Noise): number {
  if (row.severity === 'WARN') return noise.warnings;
  if (row.severity === 'ERROR' || row.severity === 'FATAL') return noise.errors;
  return 1;
}
