import { cleanSpans } from './clean-time.ts';
import { bodyText, type SimulatedRecord } from './record.ts';
import type { Simulation } from './simulate.ts';

/** One line of a truth file: a fault as scoring tools read it. Times are decimal nanoseconds. */
export interface TruthRow {
  readonly incident: string;
  readonly kind: string;
  readonly start_ns: string;
  readonly end_ns: string;
  readonly onset_ns: string;
  /** Services that may be named first. */
  readonly services: readonly string[];
  readonly expected: readonly {
    readonly t_ns: string;
    readonly service: string;
    readonly severity: string;
    readonly line: string;
  }[];
}

/** One line of a rounds file: a span of event time in which nothing is wrong, or in which something is. */
export interface RoundRow {
  readonly round: number;
  readonly kind: 'clean' | 'fault';
  readonly start_ns: string;
  readonly end_ns: string;
}

/** Incidents with the first record of each line that appears. Runs through the whole simulation once. */
export function truthRows(simulation: Simulation): TruthRow[] {
  const firsts = firstRecords(simulation);
  return simulation.truth
    .filter((fault) => fault.incident)
    .map((fault) => ({
      incident: fault.id,
      kind: fault.kind,
      start_ns: nanos(fault.startMs),
      end_ns: nanos(fault.endMs),
      onset_ns: nanos(fault.onsetMs),
      services: [fault.service],
      expected: fault.lines.flatMap((line) => {
        const record = firsts.get(`${fault.id} ${line.lineKey}`);
        if (record === undefined) return [];
        const { service, severity } = line;
        return [{ t_ns: nanos(record.timeMs), service, severity, line: bodyText(record.body) }];
      }),
    }));
}

/** The warm-up as round 0, then clean spans and the rest in turn; score with one warm-up round. */
export function roundRows(simulation: Simulation, warmUpMs: number): RoundRow[] {
  const { startMs, durationMs } = simulation.options;
  const rows: RoundRow[] = [];
  let atMs = startMs;
  const add = (kind: RoundRow['kind'], toMs: number): void => {
    if (toMs > atMs) rows.push({ round: rows.length, kind, start_ns: nanos(atMs), end_ns: nanos(toMs) });
    atMs = Math.max(atMs, toMs);
  };
  add('clean', startMs + warmUpMs);
  for (const { fromMs, toMs } of cleanSpans(simulation.options, simulation.truth, warmUpMs)) {
    add('fault', fromMs);
    add('clean', toMs);
  }
  add('fault', startMs + durationMs);
  return rows;
}

function firstRecords(simulation: Simulation): Map<string, SimulatedRecord> {
  const wanted = new Map<
    string,
    { readonly id: string; readonly onsetMs: number; readonly endMs: number }[]
  >();
  for (const fault of simulation.truth) {
    for (const { change, lineKey } of fault.lines) {
      if (change === 'appears') wanted.set(lineKey, [...(wanted.get(lineKey) ?? []), fault]);
    }
  }
  const firsts = new Map<string, SimulatedRecord>();
  for (const records of simulation.seconds()) {
    for (const record of records) {
      for (const fault of wanted.get(record.lineKey) ?? []) {
        const key = `${fault.id} ${record.lineKey}`;
        if (record.timeMs >= fault.onsetMs && record.timeMs < fault.endMs && !firsts.has(key))
          firsts.set(key, record);
      }
    }
  }
  return firsts;
}

function nanos(timeMs: number): string {
  return `${Math.round(timeMs * 1000)}000`;
}
