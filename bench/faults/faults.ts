// Measures what winnow survives, on a real Kafka broker, with real processes. Usage:
// npm run bench:faults -- [--quick] [--only kills|takeovers|rebalances|mutants|soak] [--seed N] [--keep]
// The table goes to stdout, progress to stderr. The full form takes about half an hour, --quick about three minutes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Cluster } from './cluster.ts';
import { runKills } from './kills.ts';
import { runMutants } from './mutants.ts';
import { runRebalances } from './rebalances.ts';
import { type Figure, RowReport, tableOf } from './report.ts';
import type { RowContext } from './row.ts';
import { runSoak } from './soak.ts';
import { runTakeovers } from './takeovers.ts';

const ROWS: readonly (readonly [string, (context: RowContext) => Promise<void>])[] = [
  ['kills', runKills],
  ['takeovers', runTakeovers],
  ['rebalances', runRebalances],
  ['mutants', runMutants],
  ['soak', runSoak],
];

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false },
  },
});
const chosen = ROWS.filter(([name]) => values.only === undefined || name === values.only);
if (chosen.length === 0) throw new Error(`no row ${values.only}: ${ROWS.map(([name]) => name).join(', ')}`);
const directory = mkdtempSync(join(tmpdir(), 'winnow-faults-'));
const figures: Figure[] = [];
let failures = 0;
const cluster = await Cluster.start();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    rmSync(directory, { recursive: true, force: true });
    void cluster.stop().finally(() => process.exit(1));
  });
}
for (const [name, run] of chosen) {
  const report = new RowReport(name);
  const startedMs = performance.now();
  try {
    await run({ cluster, report, directory, seed: Number(values.seed), isQuick: values.quick });
  } catch (error) {
    failures++;
    report.add(
      'ended early',
      (error instanceof Error ? error.message : String(error)).slice(0, 300),
      '',
      false,
    );
    report.say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  report.say(`took ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`);
  figures.push(...report.figures);
}
await cluster.stop();
process.stdout.write(`seed ${values.seed}, node ${process.version}${values.quick ? ', quick form' : ''}\n`);
process.stdout.write(`${tableOf(figures)}\n`);
if (values.keep || failures > 0) process.stderr.write(`stores, notes and logs: ${directory}\n`);
else rmSync(directory, { recursive: true, force: true });
process.exit(figures.some(({ isKept }) => isKept === false) ? 1 : 0);
