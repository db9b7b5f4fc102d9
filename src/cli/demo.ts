import type { WindowRevision } from '../contracts.ts';
import { renderText } from '../core/window/render.ts';
import { demoScenario } from '../simulator/demo.ts';
import { type FaultMatch, matchWindows } from '../simulator/match.ts';
import { simulate } from '../simulator/simulate.ts';
import { createSimulatedSource } from '../sources/simulated.ts';
import { loadTokenCounter } from '../tokens.ts';
import { type Command, EXIT_OK, integerFlag, parseCommandArgs, usageError } from './command.ts';
import { openExclusively } from './exclusive-store.ts';
import { offlinePipeline, runToEnd } from './offline.ts';
import { grouped, Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';

const PARTITIONS = 6;
/** A service teaches for this long; until then only ERROR and above speak. */
const LEARNING_MS = 3 * 3_600_000;

export const demo: Command = {
  name: 'demo',
  usage: '[options]',
  options: [
    { flag: 'seed', value: 'N', help: 'another seed, another day in the shop (default 7)' },
    {
      flag: 'store',
      value: 'FILE',
      help: 'store to write, in place of an earlier demo (default winnow-demo.db)',
    },
  ],
  notes: `
Seven hours of event time from a dozen services: a daily swing, a harmless deploy, six faults. Nothing leaves this
machine and no broker is needed. Afterwards the windows are in the store like those of a real run.`,

  async run(args, terminal) {
    const { flags, positionals } = parseCommandArgs(this, args);
    if (positionals.length > 0) throw usageError('demo', `unexpected ${positionals[0]}`);
    const seed = integerFlag('demo', 'seed', flags.seed, 7, 0, 4_294_967_295);
    const path = flags.store ?? 'winnow-demo.db';

    const simulation = simulate(demoScenario(seed));
    const { startMs, durationMs } = simulation.options;
    const pipeline = offlinePipeline({ tenant: 'default', budgetPerDay: 10, redact: true });
    const progress = new Progress(terminal, 'demo');
    const counts = { records: 0, bytes: 0 };
    pipeline.observe(({ accounting }) => {
      counts.records += accounting.consumed;
      counts.bytes += accounting.bytes;
    });
    terminal.err(
      `playing ${durationMs / 3_600_000} h of a simulated shop (seed ${seed}) through the pipeline …\n`,
    );
    const source = createSimulatedSource(simulation, {
      partitions: PARTITIONS,
      onProgress: (eventTimeMs) =>
        progress.update((eventTimeMs - startMs) / durationMs, `${grouped(counts.records)} records`),
    });
    const revisions: WindowRevision[] = [];
    const store = openExclusively(path, { demo: true });
    try {
      await runToEnd(pipeline, source, store, (batch) => revisions.push(...batch));
    } finally {
      store.release();
      progress.end();
    }
    await printWindows(revisions, terminal);
    const report = matchWindows(simulation.truth, revisions);
    await terminal.out(`${terminal.bold('What was injected, and what the windows say')}\n`);
    for (const match of report.faults) await terminal.out(`${matchLine(match)}\n`);
    const windows = new Set(revisions.map((revision) => revision.windowId)).size;
    const taught = report.falseWindows.filter((window) => window.onsetMs < startMs + LEARNING_MS).length;
    await terminal.out(
      `\n${grouped(counts.records)} records (${grouped(counts.bytes / 1e6)} MB) became ${windows} windows in ${progress.elapsed}; ` +
        `${taught} window(s) of first errors while the services were being learnt, ${report.falseWindows.length - taught} later of nothing injected, ${report.nonIncidentWindows.length} of harmless changes.\n\n` +
        `They are stored in ${path}. To look further:\n` +
        `  npm run -s winnow -- windows list --store ${path}\n` +
        `  npm run -s winnow -- windows prompt ${revisions[0]?.windowId ?? 'ID'} --store ${path}\n` +
        `  npm run -s winnow -- windows show ${revisions[0]?.windowId ?? 'ID'} --store ${path}\n`,
    );
    return EXIT_OK;
  },
};

async function printWindows(revisions: readonly WindowRevision[], terminal: Terminal): Promise<void> {
  const countTokens = await loadTokenCounter();
  const latest = new Map(revisions.map((revision) => [revision.windowId, revision]));
  const inOrder = [...latest.values()].sort(
    (a, b) => a.onsetMs - b.onsetMs || (a.windowId < b.windowId ? -1 : 1),
  );
  for (const window of inOrder)
    await terminal.out(`${renderText(window.event, { countTokens, ask: false })}\n`);
}

function matchLine({ fault, window, onsetErrorMs, delayMs, rank, linesShown }: FaultMatch): string {
  const at = new Date(fault.onsetMs).toISOString().slice(11, 19);
  const what = `  ${at} ${fault.kind} in ${fault.service}`.padEnd(44);
  if (window === null) return `${what} not found`;
  const seconds = (ms: number | null): string => `${Math.round((ms ?? 0) / 1_000) || 0} s`;
  const place = rank === 0 ? 'service not named' : rank === 1 ? 'service first' : `service ranked ${rank}`;
  return `${what} ${window.windowId} · ${place} · onset ${seconds(onsetErrorMs)} off · told after ${seconds(delayMs)} · ${linesShown}/${fault.lines.length} lines`;
}
