import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Books, type ProbeLine, ProbeReader } from './probe-lines.ts';
import { StoreContents } from './store-contents.ts';
import { until } from './until.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const PROBE = new URL('./probe.ts', import.meta.url).href;
const LOG_KEPT = 64 * 1024;

export interface InstallationOptions {
  readonly directory: string;
  readonly brokers: readonly string[];
  readonly topic: string;
  /** Consumer group; two installations that read one topic have two. */
  readonly group: string;
  readonly checkpointEveryMs: number;
  readonly maxMessageBytes?: number;
  /** How often new partitions are looked for; absent = the default. */
  readonly topicCheckMs?: number;
  /** Measure a bare transaction after every checkpoint. */
  readonly bare?: boolean;
}

/** One store and one configuration, and the lives of the processes that ran on them. */
export class Installation {
  readonly store: StoreContents;
  readonly books = new Books();
  readonly checkpoints: Extract<ProbeLine, { kind: 'checkpoint' }>[] = [];
  readonly #options: InstallationOptions;
  readonly #config: string;
  #lives = 0;

  constructor(options: InstallationOptions) {
    this.#options = options;
    mkdirSync(options.directory, { recursive: true });
    const path = join(options.directory, 'winnow.db');
    this.store = new StoreContents(path);
    this.#config = join(options.directory, 'winnow.json');
    const config = {
      name: 'faults',
      store: { path },
      sources: [
        {
          type: 'kafka',
          brokers: options.brokers,
          topics: [options.topic],
          group: options.group,
          encoding: 'otlp_proto',
          start: 'earliest',
          ...(options.topicCheckMs === undefined ? {} : { topicCheckMs: options.topicCheckMs }),
        },
      ],
      http: { port: 0 },
      checkpointEveryMs: options.checkpointEveryMs,
      // A partition that a fault keeps quiet must not be taken for one that has no more to say: see docs/reliability.md.
      idleAfterMs: 3_600_000,
      ...(options.maxMessageBytes === undefined
        ? {}
        : { limits: { maxMessageBytes: options.maxMessageBytes } }),
    };
    writeFileSync(this.#config, JSON.stringify(config));
  }

  start(): Life {
    const probe = join(this.#options.directory, `life-${this.#lives}.jsonl`);
    const log = join(this.#options.directory, `life-${this.#lives++}.log`);
    return new Life(this, probe, log);
  }

  get lives(): number {
    return this.#lives;
  }

  /** Command line and environment of one life. */
  command(probe: string): { args: string[]; env: NodeJS.ProcessEnv } {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('WINNOW_'));
    const bare = this.#options.bare === true;
    return {
      args: ['--expose-gc', '--import', PROBE, MAIN, 'run', '--config', this.#config],
      env: {
        ...Object.fromEntries(inherited),
        FAULTS_PROBE: probe,
        ...(bare ? { FAULTS_BARE_DATABASE: join(this.#options.directory, 'bare.db') } : {}),
      },
    };
  }
}

/** One `winnow run` process. */
export class Life {
  readonly startedMs: number;
  /** Wall clock at its first batch with messages; NaN before. */
  firstAcceptedMs = Number.NaN;
  /** Processor time up to there: what a start costs on a machine that has other things to do. */
  firstProcessorMs = Number.NaN;
  lastAcceptedMs = Number.NaN;
  /** Messages it has taken. */
  messages = 0;
  /** Consumed and dropped without a bucket; null = nothing was. */
  unbooked: Extract<ProbeLine, { kind: 'unbooked' }> | null = null;
  readonly memory: Extract<ProbeLine, { kind: 'memory' }>[] = [];
  /** The longest time between two batches with messages, ms. */
  gapMsMax = 0;
  readonly #installation: Installation;
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #probe: ProbeReader;
  readonly #log: string;
  #text = '';

  constructor(installation: Installation, probe: string, log: string) {
    this.#installation = installation;
    this.#probe = new ProbeReader(probe);
    this.#log = log;
    const { args, env } = installation.command(probe);
    this.startedMs = Date.now();
    this.#child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#closed = once(this.#child, 'close');
    const endWithUs = (): boolean => this.#child.kill('SIGKILL');
    process.once('exit', endWithUs);
    void this.#closed.then(() => process.off('exit', endWithUs));
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#text = (this.#text + text).slice(-LOG_KEPT);
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** The end of what it has logged. */
  get log(): string {
    return this.#text;
  }

  /** Takes in what the probe has noted since the last look. */
  look(): void {
    for (const line of this.#probe.read()) {
      this.#installation.books.add(line);
      if (line.kind === 'checkpoint') this.#installation.checkpoints.push(line);
      else if (line.kind === 'memory') this.memory.push(line);
      else if (line.kind === 'unbooked') this.unbooked = line;
      else if (line.kind === 'accepted') {
        if (Number.isNaN(this.firstAcceptedMs)) {
          this.firstAcceptedMs = line.atMs;
          this.firstProcessorMs = line.processorMs;
        } else this.gapMsMax = Math.max(this.gapMsMax, line.atMs - this.lastAcceptedMs);
        this.lastAcceptedMs = line.atMs;
        this.messages = line.messages;
      }
    }
  }

  /** Looks until `isDone`; throws with the log when the process ends before or `deadlineMs` has passed. */
  async until(what: string, isDone: () => boolean, deadlineMs = 120_000): Promise<void> {
    const look = (): boolean => {
      this.look();
      if (isDone()) return true;
      if (this.#child.exitCode === null && this.#child.signalCode === null) return false;
      throw new Error(`winnow ended with ${this.#child.exitCode} while waiting: ${what}\n${this.#text}`);
    };
    try {
      await until(what, look, deadlineMs);
    } catch (error) {
      writeFileSync(this.#log, this.#text);
      throw error;
    }
  }

  /** SIGKILL; resolves when the process is gone and its notes are read. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#closed;
    this.look();
  }

  /** SIGTERM; resolves with the exit code. */
  async stop(): Promise<number | null> {
    this.#child.kill('SIGTERM');
    await this.#closed;
    this.look();
    return this.#child.exitCode;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Resident memory in bytes, as the operating system counts it. */
  rssBytes(): number {
    const pages = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'));
    return Number(pages?.[1] ?? Number.NaN) * 1_024;
  }
}
