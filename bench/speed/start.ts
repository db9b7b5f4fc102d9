import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildPackage } from './build.ts';
import { figureLine, type Line, median } from './line.ts';
import type { Context } from './row.ts';

const ROOT = join(import.meta.dirname, '../..');

/**
 * From the start of the process to the moment at which its worker has the stored state and takes records: of the sources as
 * they are in a clone, whose types Node.js takes out first, and of the build that the package installs.
 */
export async function startLines(
  store: string,
  templates: number,
  directory: string,
  context: Context,
): Promise<Line[]> {
  const config = join(directory, 'winnow.yaml');
  writeFileSync(
    config,
    JSON.stringify({ store: { path: store }, sources: [{ type: 'stdin' }], http: { port: 0 } }),
  );
  const built = buildPackage(join(directory, 'package'));
  const sources = join(ROOT, 'src/main.ts');
  const starts = new Map<string, StartTime[]>([
    [sources, []],
    [built, []],
  ]);
  // The first of each compiles what the others read from the cache.
  for (let i = 0; i <= context.rounds; i++) {
    context.progress(`start ${i} of ${context.rounds}`);
    for (const [main, times] of starts) {
      const time = await timeOfStart(main, config);
      if (i > 0) times.push(time);
    }
  }
  const line = (id: string, what: string, times: readonly StartTime[]): Line =>
    figureLine(
      id,
      `start of \`winnow run\`, ${what}, with ${templates} templates stored`,
      's',
      times.map(({ wall }) => wall),
      {
        aim: { is: 'at most', demanded: 1 },
        better: 'less',
        note: `from the start of Node.js to its worker taking records; ${median(times.map(({ cpu }) => cpu)).toFixed(2)} s of CPU time`,
      },
    );
  return [
    line('steady.start', 'from `src`', starts.get(sources)!),
    line('steady.start.built', 'as built', starts.get(built)!),
  ];
}

interface StartTime {
  readonly wall: number;
  /** NaN where /proc does not tell. */
  readonly cpu: number;
}

async function timeOfStart(main: string, config: string): Promise<StartTime> {
  const started = performance.now();
  const child = spawn(process.execPath, [main, 'run', '--config', config], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let output = '';
  const ready = new Promise<StartTime>((resolve, reject) => {
    const read = (data: Buffer): void => {
      output += data.toString();
      if (!output.includes('worker started')) return;
      resolve({ wall: (performance.now() - started) / 1_000, cpu: cpuSecondsOf(child.pid!) });
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('exit', (code) => reject(new Error(`winnow run ended with ${code}: ${output.slice(-500)}`)));
  });
  try {
    return await ready;
  } finally {
    child.kill('SIGKILL');
    await exited;
  }
}

/** CPU time of a running process from Linux's /proc/PID/stat, in which a tick is 10 ms. */
function cpuSecondsOf(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return Number.NaN;
  }
}
