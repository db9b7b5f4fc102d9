// Runs subjects against each other: every one in a process of its own, round about, so that whatever else the machine does
// falls on all of them alike.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Round } from './subject.ts';

/** How a subject is started. */
export interface Launch {
  /** As the table names it. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** A subject's rounds and the figures of its end. */
export interface Timed {
  readonly name: string;
  readonly rounds: readonly Round[];
  readonly end: Readonly<Record<string, number>>;
}

export interface RoundOptions {
  readonly rounds: number;
  /** Work of each subject in each round, ms of CPU time. */
  readonly roundMs: number;
  readonly progress: (text: string) => void;
  /** Subjects in Node.js leave a CPU profile here. */
  readonly profileDirectory?: string;
}

/** A subject of this bench in Node.js, as it is in the sources or where `main` says. */
export function nodeSubject(
  name: string,
  subject: string,
  settings: Readonly<Record<string, string>>,
  nodeFlags: readonly string[] = [],
  main: string = join(import.meta.dirname, 'run-subject.ts'),
): Launch {
  const args = [...nodeFlags, main, subject, JSON.stringify(settings)];
  return { name, command: process.execPath, args };
}

/**
 * Rounds A B A B … after one round of each that does not count. A subject whose sums do not add up at the end fails the
 * whole comparison: `end` rejects, and no figure is given.
 */
export async function alternate(launches: readonly Launch[], options: RoundOptions): Promise<Timed[]> {
  const running: Running[] = [];
  try {
    for (const launch of launches) {
      options.progress(`start ${launch.name}`);
      running.push(await Running.start(profiled(launch, options.profileDirectory)));
    }
    const rounds = running.map((): Round[] => []);
    for (let round = 0; round <= options.rounds; round++) {
      for (const [i, subject] of running.entries()) {
        options.progress(
          `${round === 0 ? 'warm up' : `round ${round} of ${options.rounds}`}: ${subject.name}`,
        );
        const done = (await subject.ask(`round ${options.roundMs}`)) as Round;
        if (!(done.records > 0 && done.cpuMs > 0)) throw new Error(`${subject.name} did nothing in a round`);
        if (round > 0) rounds[i]!.push(done);
      }
    }
    const timed: Timed[] = [];
    for (const [i, subject] of running.entries()) {
      const end = (await subject.ask('end')) as Record<string, number>;
      timed.push({ name: subject.name, rounds: rounds[i]!, end });
    }
    return timed;
  } finally {
    for (const subject of running) await subject.stop();
  }
}

/** The same subject with V8's sampling profiler, where it runs in Node.js. */
function profiled(launch: Launch, directory: string | undefined): Launch {
  if (directory === undefined || launch.command !== process.execPath) return launch;
  const file = `${launch.name.replace(/[^\w.-]+/g, '-')}.cpuprofile`;
  const flags = ['--cpu-prof', `--cpu-prof-dir=${directory}`, `--cpu-prof-name=${file}`];
  return { ...launch, args: [...flags, ...launch.args] };
}

/** One process and its lines. States: starting → ready ⇄ asked → ended. */
class Running {
  readonly name: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #answers: AsyncIterator<string>;
  #errors = '';

  private constructor(launch: Launch) {
    this.name = launch.name;
    this.#child = spawn(launch.command, launch.args, { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.on('error', (error) => {
      this.#errors += error.message;
    });
    this.#child.stdin.on('error', () => undefined);
    this.#child.stderr.on('data', (data: Buffer) => {
      if (this.#errors.length < ERRORS_KEPT) this.#errors += data.toString();
    });
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  static async start(launch: Launch): Promise<Running> {
    const running = new Running(launch);
    const first = await running.#answer();
    if (first !== 'ready') throw new Error(`${launch.name} began with ${JSON.stringify(first)}`);
    return running;
  }

  async ask(question: string): Promise<unknown> {
    this.#child.stdin.write(`${question}\n`);
    return await this.#answer();
  }

  /** Lets it end by itself, which writes its profile, but not for long. */
  async stop(): Promise<void> {
    this.#child.stdin.end();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), END_MS_MAX);
    await once(this.#child, 'exit');
    clearTimeout(timer);
  }

  async #answer(): Promise<unknown> {
    const next = await this.#answers.next();
    if (next.done === true) throw new Error(`${this.name} ended: ${this.#errors.trim().slice(-ERRORS_KEPT)}`);
    return JSON.parse(next.value);
  }
}

const ERRORS_KEPT = 2_000;
/** A large profile takes seconds to write. */
const END_MS_MAX = 20_000;
