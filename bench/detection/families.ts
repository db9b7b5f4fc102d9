// Plays generated families of systems with injected faults through the whole pipeline and holds the windows against the
// truth: counts beside rates, per family. Seeds 1–99 are for tuning, 1001–1099 are held out.
import { offlinePipeline, runToEnd } from '../../src/cli/offline.ts';
import type { WindowRevision } from '../../src/contracts.ts';
import { FAMILY_NAMES, FAMILY_WARM_UP_MS, type FamilyName, family } from '../../src/simulator/families.ts';
import type { ExpectedLine, InjectedFault } from '../../src/simulator/fault.ts';
import { type MatchReport, matchWindows } from '../../src/simulator/match.ts';
import { type Simulation, simulate } from '../../src/simulator/simulate.ts';
import { createSimulatedSource } from '../../src/sources/simulated.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PARTITIONS = 4;
/** A Poisson count of so many is zero once in three thousand: fewer lost lines are no evidence at any budget. */
const LOST_LINES_MIN = 8;
/** After a fault's end this long is neither fault nor clean: its windows may still be open. */
const SETTLE_MS = 5 * 60_000;

interface Sum {
  systems: number;
  faults: number;
  /** Faults that lose too few lines to be seen by anyone; not among `faults`. */
  hidden: number;
  found: number;
  first: number;
  /** Windows of no fault that begin in clean time, and those that begin while a fault or its aftermath lasts. */
  falseWindows: number;
  besideFaults: number;
  warmUpWindows: number;
  harmless: number;
  cleanMs: number;
  openCleanMs: number;
  onsetErrorsMs: number[];
  /** The same of faults that show by a line that is new or many times as frequent. */
  suddenOnsetErrorsMs: number[];
  delaysMs: number[];
  records: number;
}

export interface FamiliesOptions {
  /** First and last seed. */
  readonly seeds: readonly [number, number];
  /** Absent = all. */
  readonly family: string | undefined;
  /** Prints every fault and every false window. */
  readonly each: boolean;
}

export async function runFamilies(options: FamiliesOptions): Promise<void> {
  const names = FAMILY_NAMES.filter((name) => options.family === undefined || name === options.family);
  console.log(HEADER);
  for (const name of names) {
    const sum = newSum();
    for (let seed = options.seeds[0]; seed <= options.seeds[1]; seed++) {
      await play(name, seed, sum, options.each);
    }
    console.log(row(name, sum));
  }
}

const HEADER =
  'family     systems  faults  hidden  found  service 1st  onset med  new or spike  told med  false/day (n)  beside faults  harmless  warm-up  open clean';

async function play(name: FamilyName, seed: number, sum: Sum, each: boolean): Promise<void> {
  const simulation = simulate(family(name, seed));
  const pipeline = offlinePipeline({ tenant: 'default', budgetPerDay: 10, redact: true });
  pipeline.observe(({ accounting }) => {
    sum.records += accounting.consumed;
  });
  const revisions: WindowRevision[] = [];
  const source = createSimulatedSource(simulation, { partitions: PARTITIONS });
  await runToEnd(pipeline, source, null, (some) => revisions.push(...some));
  const { startMs, durationMs } = simulation.options;
  const warmMs = startMs + FAMILY_WARM_UP_MS;
  const report = matchWindows(simulation.truth, revisions);
  const clean = cleanSpans(simulation.truth, warmMs, startMs + durationMs);
  const hidden = hiddenFaults(simulation);
  add(sum, report, hidden, warmMs, clean);
  sum.cleanMs += clean.reduce((total, [a, b]) => total + b - a, 0);
  sum.openCleanMs += overlapMs(openSpans(revisions), clean);
  if (!each) return;
  for (const { fault, window, rank, delayMs, onsetErrorMs, linesShown } of report.faults) {
    const found =
      window === null
        ? 'NOT FOUND'
        : `rank ${rank} onset ${onsetErrorMs} ms told ${delayMs} ms lines ${linesShown}`;
    console.log(`  ${name}/${seed} ${fault.kind} in ${fault.service} (${fault.severity}): ${found}`);
  }
  for (const window of report.falseWindows) {
    const when = window.onsetMs < warmMs ? 'warm-up' : 'false';
    console.log(`  ${name}/${seed} ${when} ${new Date(window.onsetMs).toISOString()} ${window.headline}`);
  }
}

function newSum(): Sum {
  return {
    systems: 0,
    faults: 0,
    hidden: 0,
    found: 0,
    first: 0,
    falseWindows: 0,
    besideFaults: 0,
    warmUpWindows: 0,
    harmless: 0,
    cleanMs: 0,
    openCleanMs: 0,
    onsetErrorsMs: [],
    suddenOnsetErrorsMs: [],
    delaysMs: [],
    records: 0,
  };
}

function add(
  sum: Sum,
  report: MatchReport,
  hidden: ReadonlySet<InjectedFault>,
  warmMs: number,
  clean: readonly [number, number][],
): void {
  sum.systems++;
  sum.hidden += hidden.size;
  for (const { fault, window, rank, onsetErrorMs, delayMs } of report.faults) {
    if (hidden.has(fault)) continue;
    sum.faults++;
    if (window === null) continue;
    sum.found++;
    if (rank === 1) sum.first++;
    sum.onsetErrorsMs.push(Math.abs(onsetErrorMs!));
    if (fault.lines.some(isSudden)) sum.suddenOnsetErrorsMs.push(Math.abs(onsetErrorMs!));
    sum.delaysMs.push(delayMs!);
  }
  for (const window of report.falseWindows) {
    if (window.onsetMs < warmMs) sum.warmUpWindows++;
    else if (clean.some(([a, b]) => window.onsetMs >= a && window.onsetMs < b)) sum.falseWindows++;
    else sum.besideFaults++;
  }
  sum.harmless += report.nonIncidentWindows.length;
}

/**
 * Faults that show by nothing but lines that stop or thin out, and lose fewer than `LOST_LINES_MIN` of them: counted in
 * the stream against the hour before.
 */
function hiddenFaults(simulation: Simulation): Set<InjectedFault> {
  const quiet = simulation.truth.filter(
    (fault) => fault.incident && fault.lines.length > 0 && fault.lines.every(isLoss),
  );
  if (quiet.length === 0) return new Set();
  const counts = quiet.map((fault) => fault.lines.map(() => ({ before: 0, during: 0 })));
  for (const records of simulation.seconds()) {
    for (const { timeMs, lineKey } of records) {
      quiet.forEach((fault, i) => {
        if (timeMs < fault.startMs - HOUR_MS || timeMs >= fault.endMs) return;
        fault.lines.forEach((line, k) => {
          if (line.lineKey === lineKey) counts[i]![k]![timeMs < fault.startMs ? 'before' : 'during']++;
        });
      });
    }
  }
  return new Set(
    quiet.filter((fault, i) => {
      const share = (fault.endMs - fault.startMs) / HOUR_MS;
      return counts[i]!.every(({ before, during }) => before * share - during < LOST_LINES_MIN);
    }),
  );
}

function isSudden({ change }: ExpectedLine): boolean {
  return change === 'appears' || change === 'grows';
}

function isLoss({ change }: ExpectedLine): boolean {
  return change === 'stops' || change === 'shrinks';
}

/** Time after the warm-up outside faults and harmless changes. */
function cleanSpans(truth: readonly InjectedFault[], fromMs: number, toMs: number): [number, number][] {
  const spans: [number, number][] = [];
  let at = fromMs;
  for (const fault of [...truth].sort((a, b) => a.startMs - b.startMs)) {
    if (fault.startMs > at) spans.push([at, fault.startMs]);
    at = Math.max(at, fault.endMs + SETTLE_MS);
  }
  if (toMs > at) spans.push([at, toMs]);
  return spans;
}

/** From the first revision of a window to its last evidence. */
function openSpans(revisions: readonly WindowRevision[]): [number, number][] {
  const spans = new Map<string, [number, number]>();
  for (const revision of revisions) {
    const { time } = revision.event.data as { time: { end: string } };
    const first = spans.get(revision.windowId)?.[0] ?? revision.watermarkMs;
    spans.set(revision.windowId, [first, Math.max(first, Date.parse(time.end))]);
  }
  return [...spans.values()].sort((a, b) => a[0] - b[0]);
}

function overlapMs(spans: readonly [number, number][], clean: readonly [number, number][]): number {
  let total = 0;
  for (const [from, to] of clean) {
    let at = from;
    for (const [a, b] of spans) {
      const start = Math.max(a, at);
      const end = Math.min(b, to);
      if (end <= start) continue;
      total += end - start;
      at = end;
    }
  }
  return total;
}

function row(name: string, sum: Sum): string {
  const seconds = (list: number[]): string => {
    const sorted = [...list].sort((a, b) => a - b);
    return sorted.length === 0 ? '–' : `${(sorted[Math.floor(sorted.length / 2)]! / 1_000).toFixed(0)} s`;
  };
  const falsePerDay = (sum.falseWindows / (sum.cleanMs / DAY_MS)).toFixed(1);
  return [
    name.padEnd(10),
    String(sum.systems).padStart(7),
    String(sum.faults).padStart(7),
    String(sum.hidden).padStart(7),
    `${sum.found}`.padStart(6),
    `${sum.first}`.padStart(12),
    seconds(sum.onsetErrorsMs).padStart(10),
    `${seconds(sum.suddenOnsetErrorsMs)} (${sum.suddenOnsetErrorsMs.length})`.padStart(13),
    seconds(sum.delaysMs).padStart(9),
    `${falsePerDay} (${sum.falseWindows})`.padStart(14),
    String(sum.besideFaults).padStart(14),
    String(sum.harmless).padStart(9),
    String(sum.warmUpWindows).padStart(8),
    `${((100 * sum.openCleanMs) / sum.cleanMs).toFixed(1)} %`.padStart(11),
  ].join(' ');
}
