import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareRequests, type RequestSpec, readRequests } from '../corpora.ts';
import { figureLine, type Line, median, nanosPerRecord } from '../line.ts';
import { alternate, nodeSubject } from '../rounds.ts';
import type { Context, Row } from '../row.ts';

const SERVICES = 100;
const TEMPLATES_PER_SERVICE = 100;

/** A hundred services whose templates are all about equally frequent: nearly all are active in every bucket. */
function spec(formatsPerService: number, context: Context): RequestSpec {
  return {
    name: `steady-${formatsPerService}${context.quick ? '-quick' : ''}`,
    seed: 1,
    kind: 'short',
    services: context.quick ? 10 : SERVICES,
    formatsPerService,
    exponent: 0,
    recordsPerBucket: context.quick ? 4_000 : 40_000,
    buckets: 2,
    recordBytes: 0,
    partitions: 1,
  };
}

export const steadyRow: Row = {
  name: 'steady',
  about: 'memory, stage 2 and start of a worker with its store: 100 services of 100 templates each',
  measure: async (context) => {
    const directory = mkdtempSync(join(tmpdir(), 'winnow-bench-'));
    try {
      return await measureIn(directory, context);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

async function measureIn(directory: string, context: Context): Promise<Line[]> {
  const corpora = [TEMPLATES_PER_SERVICE, 1].map((formats) => prepareRequests(spec(formats, context)));
  const stores = ['many.db', 'one.db'].map((name) => join(directory, name));
  const bucketsPerRound = context.quick ? 2 : 10;
  const launches = corpora.map((corpus, i) => {
    const messagesPerBucket = readRequests(corpus).requests.length / 2;
    return nodeSubject(
      i === 0 ? 'many templates' : 'one template a service',
      'steady',
      {
        corpus,
        store: stores[i]!,
        messagesPerBucket: String(messagesPerBucket),
        bucketsPerRound: String(bucketsPerRound),
      },
      ['--expose-gc', '--import', join(import.meta.dirname, '../small-heap.ts')],
    );
  });
  const [many, one] = await alternate(launches, context);
  const { templates, activePerBucket, retainedBytes, residentMaxMiB, longestStage2Ms } = many!.end;
  const perTemplate = (figure: string): number =>
    (many!.end[figure]! - one!.end[figure]!) / (templates! - one!.end.templates!);
  const figures = (name: string): number[] => many!.rounds.map((round) => round.figures![name]!);
  const size = `${templates} templates, ${Math.round(activePerBucket!)} active in a bucket`;
  const atMost = (demanded: number) => ({ aim: { is: 'at most', demanded }, better: 'less' }) as const;
  return [
    figureLine('steady.stage2', 'stage 2 of a bucket', 'ms CPU', figures('stage2Ms'), {
      ...atMost(50),
      note: `${size}; longest ${longestStage2Ms!.toFixed(0)} ms`,
    }),
    figureLine(
      'steady.judge',
      'of it: mining, detecting and assembling windows',
      'ms CPU',
      figures('judgeMs'),
      { better: 'less', note: 'what no checkpoint and no record is part of' },
    ),
    figureLine('steady.checkpoint', 'a checkpoint and its commit', 'ms CPU', figures('checkpointMs'), {
      better: 'less',
      note: 'every 5 s, which is twice a bucket; rows of state, their encoding and the transaction',
    }),
    figureLine('steady.block', 'longest block of the event loop in a round', 'ms CPU', figures('longestMs'), {
      ...atMost(50),
      note: `a message of 1,000 records, the bucket it closes, its checkpoint and commit; by the wall clock ${Math.max(...figures('longestWallMs')).toFixed(0)} ms`,
    }),
    figureLine('steady.resident', 'resident memory', 'MiB', figures('residentMiB'), {
      ...atMost(200),
      note: `${size}; at most ${residentMaxMiB!.toFixed(0)} MiB`,
    }),
    figureLine(
      'steady.template',
      'retained for a template beyond the first of a service',
      'B',
      [perTemplate('retainedBytes')],
      {
        ...atMost(2_048),
        note: `after a collection; ${perTemplate('heapBytes').toFixed(0)} B of it heap, the rest typed arrays, those of open buckets among them; ${(retainedBytes! / 2 ** 20).toFixed(0)} MiB in all`,
      },
    ),
    figureLine('steady.ns', 'worker and store', 'ns/record', many!.rounds.map(nanosPerRecord), {
      better: 'less',
    }),
    await startLine(stores[0]!, templates!, directory, context),
  ];
}

/** From the start of the process to the moment at which its worker has the stored state and takes records. */
async function startLine(
  store: string,
  templates: number,
  directory: string,
  context: Context,
): Promise<Line> {
  const config = join(directory, 'winnow.yaml');
  writeFileSync(
    config,
    JSON.stringify({ store: { path: store }, sources: [{ type: 'stdin' }], http: { port: 0 } }),
  );
  const starts: StartTime[] = [];
  for (let i = 0; i < context.rounds; i++) {
    context.progress(`start ${i + 1} of ${context.rounds}`);
    starts.push(await timeOfStart(config));
  }
  const wall = starts.map((start) => start.wall);
  const cpu = starts.map((start) => start.cpu);
  return figureLine('steady.start', `start of \`winnow run\` with ${templates} templates stored`, 's', wall, {
    aim: { is: 'at most', demanded: 1 },
    better: 'less',
    note: `from the start of Node.js to its worker taking records; ${median(cpu).toFixed(2)} s of CPU time`,
  });
}

interface StartTime {
  readonly wall: number;
  /** NaN where /proc does not tell. */
  readonly cpu: number;
}

async function timeOfStart(config: string): Promise<StartTime> {
  const main = join(import.meta.dirname, '../../../src/main.ts');
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
