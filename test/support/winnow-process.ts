import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFailed, onTestFinished } from 'vitest';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The winnow program in a process of its own, as a user starts it. Killed at the end of the test at the latest. */
export class WinnowProcess {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #closed: Promise<unknown>;

  constructor(
    args: readonly string[],
    options: { env?: Readonly<Record<string, string>>; cwd?: string; input?: string } = {},
  ) {
    const env = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith('WINNOW_')),
    );
    this.child = spawn(process.execPath, [MAIN, ...args], {
      env: { ...env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    this.#closed = once(this.child, 'close');
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    if (options.input !== undefined) this.child.stdin!.end(options.input);
    onTestFinished(() => this.kill());
    onTestFailed(() => console.error(`winnow ${args.join(' ')} wrote:\n${this.stderr.slice(-4_000)}`));
  }

  /** SIGKILL; resolves when the process is gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#closed;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Resolves when the process has ended by itself and its output is read. */
  async finished(): Promise<Finished> {
    await this.#closed;
    return { code: this.child.exitCode, stdout: this.stdout, stderr: this.stderr };
  }

  /** Port of its HTTP endpoint, from the log line that names it. */
  async httpPort(): Promise<number> {
    let port: number | undefined;
    await until(() => {
      const match = /"port":(\d+)/.exec(this.stderr);
      port = match === null ? undefined : Number(match[1]);
      return port !== undefined || this.child.exitCode !== null;
    });
    if (port === undefined) throw new Error(`no endpoint: ${this.stderr}`);
    return port;
  }

  /** Asks that endpoint, over a connection of its own: one that is kept open may be closed just as it is used again. */
  async get(path: string): Promise<{ readonly status: number; readonly text: string }> {
    const url = `http://127.0.0.1:${await this.httpPort()}${path}`;
    const response = await fetch(url, { headers: { connection: 'close' } });
    return { status: response.status, text: await response.text() };
  }

  /** Resolves when the endpoint says that it is ready. */
  async isReady(deadlineMs = PATIENCE_MS): Promise<void> {
    await until(async () => (await this.get('/readyz')).status === 200, deadlineMs);
  }
}

/** Runs winnow to its end. */
export function winnow(
  args: readonly string[],
  options: { env?: Readonly<Record<string, string>>; cwd?: string; input?: string } = {},
): Promise<Finished> {
  return new WinnowProcess(args, { input: '', ...options }).finished();
}

/** For a worker whose stop is not what a test is about: by itself it gives up after 10 s, which a busy machine may need. */
export const PATIENT_STOP = { shutdownDeadlineMs: 60_000 };

/** How long something may take that takes a second or two: says nothing about it, but that a test must end. */
const PATIENCE_MS = 60_000;

/** Polls until `isDone` holds; throws after `deadlineMs`. */
export async function until(
  isDone: () => boolean | Promise<boolean>,
  deadlineMs = PATIENCE_MS,
): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!(await isDone())) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
