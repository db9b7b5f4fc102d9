import { afterLines, callersOf } from '../call-graph.ts';
import type { CompiledService } from '../compiled-service.ts';
import type { VisitFailure } from '../effects.ts';
import { type ExpectedLine, expected, faultLine, onceAt, type Planning } from '../fault.ts';
import type { Pod } from '../fleet.ts';
import type { FlowSpec } from '../flow.ts';
import type { Line } from '../line.ts';
import type { Language } from '../service.ts';
import type { StackTraceName } from '../stack-traces.ts';

/** From the start of a container to its "ready". */
const READY_AFTER_MS = 4_000;

/** A trace that a program in this language prints; native programs print none. */
export const CRASH_TRACE: Readonly<Record<Language, StackTraceName | undefined>> = {
  java: 'javaNullPointer',
  python: 'pythonKey',
  node: 'nodeType',
  go: 'goPanic',
  native: undefined,
};

export const CONNECT_TRACE: Readonly<Record<Language, StackTraceName | undefined>> = {
  java: 'javaConnect',
  python: undefined,
  node: 'nodeConnect',
  go: undefined,
  native: undefined,
};

/** An ERROR line of the service at fault, with a trace where its language has one. */
export function errorLine(planning: Planning, name: string, text: string, stack?: StackTraceName): Line {
  const row = { severity: 'ERROR', text } as const;
  return faultLine(planning, planning.service, name, stack === undefined ? row : { ...row, stack });
}

/** Adds a visit failure of the service at fault over the fault's span, with defaults. */
export function failVisits(planning: Planning, line: Line | null, change: Partial<VisitFailure>): void {
  planning.effects.failures.push({
    faultId: planning.faultId,
    service: planning.service.spec.name,
    fromMs: planning.startMs,
    toMs: planning.endMs,
    probability: 1,
    line,
    status: 500,
    tookMs: 15,
    callersFailFromMs: planning.startMs,
    ...change,
  });
}

/** Callers' report lines, nearest first; they appear unless they are routine there. */
export function callerLines(planning: Planning, flows: readonly FlowSpec[] = planning.flows): ExpectedLine[] {
  const lines: ExpectedLine[] = [];
  for (const name of callersOf(flows, planning.service.spec.name)) {
    const caller = planning.services.get(name);
    if (!caller?.has('upstream_failed')) continue;
    const change = planning.callsFailRoutinely ? 'grows' : 'appears';
    lines.push(expected(caller.line('upstream_failed'), name, change));
  }
  return lines;
}

/** Lines that the service at fault no longer reaches. */
export function lostLines(planning: Planning, change: 'stops' | 'shrinks'): ExpectedLine[] {
  const name = planning.service.spec.name;
  return afterLines(planning.flows, name).map((key) => expected(planning.service.line(key), name, change));
}

export function affected(planning: Planning, lines: readonly ExpectedLine[]): string[] {
  return [...new Set([planning.service.spec.name, ...lines.map((line) => line.service)])];
}

/** What every process says when it starts. */
export function sayStarted(planning: Planning, service: CompiledService, pods: readonly Pod[]): void {
  const starting = faultLine(planning, service, 'starting', {
    severity: 'INFO',
    text: 'Starting application | version={version} instance={instance}',
  });
  const ready = faultLine(planning, service, 'ready', {
    severity: 'INFO',
    text: 'Application ready | startup={seconds:3}s',
  });
  for (const pod of pods) {
    onceAt(planning, service.spec.name, starting, pod.fromMs, pod.slot);
    onceAt(planning, service.spec.name, ready, pod.fromMs + READY_AFTER_MS, pod.slot);
  }
}
