import type { CompiledService } from './compiled-service.ts';
import type { Effects } from './effects.ts';
import type { Fleet } from './fleet.ts';
import type { FlowSpec } from './flow.ts';
import type { Line, LineSpec, Severity } from './line.ts';
import type { Random } from './random.ts';
import type { StackTraceName } from './stack-traces.ts';

/** A fault as asked for: what, where, when. Absent parts are the kind's own defaults. */
export interface FaultSpec {
  readonly kind: string;
  /** Service at fault. */
  readonly service?: string;
  /** Begin, from the simulation's start. */
  readonly atMs: number;
  readonly durationMs?: number;
  /** Which of the kind's texts; absent = drawn from the seed. */
  readonly variant?: number;
  /** Factor on the rates and shares of the fault; absent = 1. */
  readonly intensity?: number;
  /** For `given_lines` only. */
  readonly given?: readonly GivenLine[];
}

/** A line of a hand-written fault: this often, this far apart, from the fault's start on. */
export interface GivenLine {
  readonly severity: Severity;
  readonly text: string;
  readonly times?: number;
  readonly gapMs?: number;
  readonly stack?: StackTraceName;
}

/** What an expected line does during a fault. */
export type LineChange = 'appears' | 'grows' | 'shrinks' | 'stops';

/** Evidence that a reader of the logs could find. */
export interface ExpectedLine {
  readonly service: string;
  readonly severity: Severity;
  readonly change: LineChange;
  /** Key of the row, as in `SimulatedRecord.lineKey`. */
  readonly lineKey: string;
  /** The message with `<*>` for every variable, without the fields that the service's format puts after or around it. */
  readonly text: string;
}

/** Ground truth of one fault. Times are Unix ms of event time. */
export interface InjectedFault {
  readonly id: string;
  readonly kind: string;
  /** False: it looks like news and is none (a plain deploy, an agent's restart). */
  readonly incident: boolean;
  /** `service.name` at fault. */
  readonly service: string;
  /** All services whose lines change, the one at fault first. */
  readonly affectedServices: readonly string[];
  /** When the cause begins (a rollout starts, memory begins to leak). */
  readonly startMs: number;
  /** First visible change of the lines below. */
  readonly onsetMs: number;
  readonly endMs: number;
  /** Expected evidence, first evidence first. */
  readonly lines: readonly ExpectedLine[];
  /** Highest severity among lines that appear or grow; INFO where lines only stop. */
  readonly severity: Severity;
  readonly story: string;
}

/** What a planner works with. It adds to `effects` and `fleet`, and returns the truth about it. */
export interface Planning {
  readonly faultId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly intensity: number;
  readonly variant: number | undefined;
  readonly given: readonly GivenLine[];
  readonly service: CompiledService;
  readonly services: ReadonlyMap<string, CompiledService>;
  readonly random: Random;
  readonly effects: Effects;
  readonly fleet: Fleet;
  readonly flows: readonly FlowSpec[];
  /** Callers report failed calls all day. */
  readonly callsFailRoutinely: boolean;
}

export type PlannedTruth = Omit<
  InjectedFault,
  'id' | 'kind' | 'incident' | 'startMs' | 'endMs' | 'service' | 'severity'
>;

/** One kind of fault: a row of the registry in faults/kinds.ts. */
export interface FaultKind {
  readonly incident: boolean;
  readonly defaultService: string;
  /** Services where it makes sense; families draw from these. */
  readonly services: readonly string[];
  readonly defaultDurationMs: number;
  readonly plan: (planning: Planning) => PlannedTruth;
}

export function expected(line: Line, service: string, change: LineChange): ExpectedLine {
  return {
    service,
    severity: line.severity,
    change,
    lineKey: line.key,
    text: line.text.split(' | ')[0]!.replaceAll(/\{[a-z]\w*(?::[^}]*)?\}/gi, '<*>'),
  };
}

/** The text that the plan asks for, or one drawn by the seed. */
export function chooseVariant<T>(planning: Planning, variants: readonly T[]): T {
  if (planning.variant !== undefined) return variants[planning.variant % variants.length]!;
  return planning.random.pick(variants);
}

/** Compiles a line of a fault in the style of a service. */
export function faultLine(
  planning: Planning,
  service: CompiledService,
  name: string,
  row: Omit<LineSpec, 'when'>,
): Line {
  return service.faultLine(`${planning.faultId}.${name}`, row);
}

/** A record of the line at exactly this time, so that the fault's first sign is where the truth says. */
export function onceAt(planning: Planning, service: string, line: Line, atMs: number, slot?: number): void {
  const base = { faultId: planning.faultId, service, line, atMs };
  planning.effects.oneOffs.push(slot === undefined ? base : { ...base, slot });
}
