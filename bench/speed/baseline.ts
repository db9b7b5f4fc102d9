// Figures of one machine, kept in a file: later runs of the same machine are compared with them, others never.
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Absent, Line } from './line.ts';
import { figure } from './report.ts';

/** What two runs must have in common for their figures to be compared. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
}

export interface Measurements {
  readonly machine: Machine;
  readonly quick: boolean;
  readonly lines: readonly (Line | Absent)[];
}

/** A figure below this share of the baseline's (or above its inverse, where less is better) is a step back. */
const WORST_SHARE = 0.85;

export function thisMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
}

export function readBaseline(file: string): Measurements {
  return JSON.parse(readFileSync(file, 'utf8')) as Measurements;
}

/** Null: the two are not to be compared, `why` says why. */
export function whyIncomparable(now: Measurements, then: Measurements): string | null {
  const differing = (Object.keys(now.machine) as (keyof Machine)[]).filter(
    (key) => now.machine[key] !== then.machine[key],
  );
  const parts = differing.map((key) => `${key} is ${now.machine[key]}, was ${then.machine[key]}`);
  if (now.quick !== then.quick) parts.push('one of the two runs was --quick');
  return parts.length === 0 ? null : parts.join('; ');
}

/** Lines that say how each figure moved, and how many are steps back. */
export function compare(now: Measurements, then: Measurements): { text: string; stepsBack: number } {
  const before = new Map(then.lines.flatMap((line) => ('absent' in line ? [] : [[line.id, line] as const])));
  const text: string[] = [];
  let stepsBack = 0;
  for (const line of now.lines) {
    const old = 'absent' in line ? undefined : before.get(line.id);
    if ('absent' in line || old === undefined || line.better === undefined) continue;
    const gain = line.better === 'more' ? line.median / old.median : old.median / line.median;
    const isBack = gain < WORST_SHARE;
    if (isBack) stepsBack++;
    text.push(
      `${isBack ? 'WORSE ' : '      '}${line.id}: ${figure(old.median)} -> ${figure(line.median)} ${line.unit} (${figure(gain)}x as good)`,
    );
  }
  return { text: text.join('\n'), stepsBack };
}
