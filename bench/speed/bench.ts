// The speed bench: `npm run bench`. Every stage alone and the whole, each beside its peer in the same run. Read the
// ratios: absolute figures are the machine's. Figures are medians over rounds in which the subjects take turns; a figure
// is given only when what came out adds up to what went in. docs/performance.md says how to read and profile.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { compare, type Measurements, readBaseline, thisMachine, whyIncomparable } from './baseline.ts';
import type { Absent, Line } from './line.ts';
import { hottest } from './profile.ts';
import { renderTable } from './report.ts';
import type { Context } from './row.ts';
import { ROWS } from './rows.ts';

/** Functions of each profile that are printed. */
const HOTTEST_SHOWN = 20;

const HELP = `npm run bench -- [options]
  --only NAMES       rows to measure, with commas between: ${ROWS.map((row) => row.name).join(', ')}
  --quick            small corpora and short rounds: shows that everything works, not how fast
  --rounds N         rounds of each subject (default 5)
  --profile DIR      leave a CPU profile of every subject in Node.js there, and print its hottest functions
  --json FILE        write the figures
  --baseline FILE    compare with figures of the same machine and Node.js; ends with 1 when one fell below 85 %
  --force            compare with figures of another machine all the same`;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      profile: { type: 'string' },
      json: { type: 'string' },
      baseline: { type: 'string' },
      force: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const names = values.only?.split(',') ?? ROWS.map((row) => row.name);
  const unknown = names.filter((name) => !ROWS.some((row) => row.name === name));
  if (unknown.length > 0) {
    console.error(`no row ${unknown.join(', ')}\n${HELP}`);
    return 2;
  }
  const then = values.baseline === undefined ? null : readBaseline(values.baseline);
  const { quick } = values;
  const rounds = Number(values.rounds ?? (quick ? 2 : 5));
  const progress = (text: string): void => void process.stderr.write(`${text}\n`);
  const context: Context = {
    quick,
    rounds,
    roundMs: quick ? 100 : 500,
    progress,
    ...(values.profile === undefined ? {} : { profileDirectory: values.profile }),
  };
  const machine = thisMachine();
  // What is measured is kept at once: a run takes long, and may be ended before its end.
  const { lines, failed } = await measure(names, context, (row, all) => {
    progress(`\n${renderTable(row)}\n`);
    if (values.json !== undefined) writeFigures(values.json, { machine, quick, lines: all });
  });
  const now: Measurements = { machine, quick, lines };
  const { cpu, cores, memoryGiB, node } = now.machine;
  console.log(`${cpu}, ${cores} cores, ${memoryGiB} GiB, Node.js ${node}; ${rounds} rounds\n`);
  console.log(renderTable(lines));
  if (values.profile !== undefined) printProfiles(values.profile);
  const stepsBack = then === null ? 0 : compareWith(then, now, values.force);
  return failed || stepsBack > 0 ? 1 : 0;
}

async function measure(
  names: readonly string[],
  context: Context,
  onMeasured: (row: readonly (Line | Absent)[], all: readonly (Line | Absent)[]) => void,
): Promise<{ lines: (Line | Absent)[]; failed: boolean }> {
  const lines: (Line | Absent)[] = [];
  let failed = false;
  for (const row of ROWS.filter(({ name }) => names.includes(name))) {
    context.progress(`${row.name}: ${row.about}`);
    let measured: readonly (Line | Absent)[];
    try {
      measured = await row.measure(context);
    } catch (error) {
      failed = true;
      measured = [{ id: row.name, absent: `FAILED: ${error instanceof Error ? error.message : error}` }];
    }
    lines.push(...measured);
    onMeasured(measured, lines);
  }
  return { lines, failed };
}

function writeFigures(file: string, figures: Measurements): void {
  writeFileSync(file, `${JSON.stringify(figures, null, 2)}\n`);
}

function printProfiles(directory: string): void {
  for (const file of readdirSync(directory).filter((name) => name.endsWith('.cpuprofile'))) {
    console.log(`\n${file}`);
    for (const line of hottest(join(directory, file), HOTTEST_SHOWN)) console.log(line);
  }
}

/** Number of figures that fell. */
function compareWith(then: Measurements, now: Measurements, force: boolean): number {
  const why = whyIncomparable(now, then);
  if (why !== null) {
    console.log(`\n${force ? 'compared although' : 'not compared with the baseline:'} ${why}`);
    if (!force) return 0;
  }
  const { text, stepsBack } = compare(now, then);
  console.log(`\nagainst the baseline:\n${text}`);
  return stepsBack;
}
