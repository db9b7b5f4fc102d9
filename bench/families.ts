// Plays generated families of systems with injected faults through the whole pipeline and holds the windows against the
// truth: counts beside rates, per family and per seed. Usage: npm run bench:families -- [--seeds FROM-TO] [--family NAME]
// [--each]. Seeds 1–99 are for tuning, 1001–1099 are held out.
import { parseArgs } from 'node:util';
import { offlinePipeline, runToEnd } from '../src/cli/offline.ts';
import type { WindowRevision } from '../src/contracts.ts';
import { FAMILY_NAMES, FAMILY_WARM_UP_MS, type FamilyName, family } from '../src/simulator/families.ts';
import type { InjectedFault } from '../src/simulator/fault.ts';
import { type MatchReport, matchWindows } from '../src/simulator/match.ts';
import { simulate } from '../src/simulator/simulate.ts';
import { createSimulatedSource } from '../src/sources/simulated.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PARTITIONS = 4;
/** After a fault's end this long is neither fault nor clean: its windows may still be open. */
const SETTLE_MS = 5 * 60_000;

interface Sum {
  systems: number;
  faults: number;
  found: number;
  first: number;
  falseWindows: number;
  warmUpWindows: number;
  harmless: number;
  cleanMs: number;
  openCleanMs: number;
  onsetErrorsMs: number[];
  delaysMs: number[];
  records: number;
}

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1-3' },
    family: { type: 'string' },
    each: { type: 'boolean', default: false },
  },
});
const [from, to] = values.seeds.split('-').map(Number) as [number, number | undefined];
const names = values.family === undefined ? FAMILY_NAMES : [values.family as FamilyName];

console.log(
  'family     systems  faults  found  service 1st  onset med  told med  false/day (n)  harmless  warm-up  open clean',
);
for (const name of names) {
  const sum = newSum();
  for (let seed = from; seed <= (to ?? from); seed++) await play(name, seed, sum);
  console.log(row(name, sum));
}

async function play(name: FamilyName, seed: number, sum: Sum): Promise<void> {
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
  add(sum, report, warmMs);
  const clean = cleanSpans(simulation.truth, warmMs, startMs + durationMs);
  sum.cleanMs += clean.reduce((total, [a, b]) => total + b - a, 0);
  sum.openCleanMs += overlapMs(openSpans(revisions), clean);
  if (!values.each) return;
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
    found: 0,
    first: 0,
    falseWindows: 0,
    warmUpWindows: 0,
    harmless: 0,
    cleanMs: 0,
    openCleanMs: 0,
    onsetErrorsMs: [],
    delaysMs: [],
    records: 0,
  };
}

function add(sum: Sum, report: MatchReport, warmMs: number): void {
  sum.systems++;
  sum.faults += report.faults.length;
  for (const { window, rank, onsetErrorMs, delayMs } of report.faults) {
    if (window === null) continue;
    sum.found++;
    if (rank === 1) sum.first++;
    sum.onsetErrorsMs.push(Math.abs(onsetErrorMs!));
    sum.delaysMs.push(delayMs!);
  }
  for (const window of report.falseWindows) {
    if (window.onsetMs < warmMs) sum.warmUpWindows++;
    else sum.falseWindows++;
  }
  sum.harmless += report.nonIncidentWindows.length;
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
    `${sum.found}`.padStart(6),
    `${sum.first}`.padStart(12),
    seconds(sum.onsetErrorsMs).padStart(10),
    seconds(sum.delaysMs).padStart(9),
    `${falsePerDay} (${sum.falseWindows})`.padStart(14),
    String(sum.harmless).padStart(9),
    String(sum.warmUpWindows).padStart(8),
    `${((100 * sum.openCleanMs) / sum.cleanMs).toFixed(1)} %`.padStart(11),
  ].join(' ');
}
