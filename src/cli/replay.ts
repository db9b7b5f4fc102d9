import type { WindowRevision } from '../contracts.ts';
import { renderText } from '../core/window/render.ts';
import { createFilesSource } from '../sources/files.ts';
import { loadTokenCounter } from '../tokens.ts';
import { type Command, choice, EXIT_FAILED, numberFlag, parseCommandArgs, usageError } from './command.ts';
import { openExclusively } from './exclusive-store.ts';
import { CONFIG_OPTION, offlineOptions, offlinePipeline, runToEnd } from './offline.ts';
import { exitCodeOf, printProblems } from './problems.ts';
import { grouped, Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';

const ENCODINGS = ['auto', 'otlp_proto', 'otlp_json', 'text', 'json', 'raw'] as const;

export const replay: Command = {
  name: 'replay',
  usage: 'FILE… [options]',
  options: [
    {
      flag: 'format',
      value: 'json|text',
      help: 'json: every revision, one a line; text: each window as it ended (default json)',
    },
    CONFIG_OPTION,
    { flag: 'encoding', value: 'NAME', help: `${ENCODINGS.join(', ')} (default auto)` },
    { flag: 'service', value: 'NAME', help: 'service of lines that name none (default: files)' },
    { flag: 'tenant', value: 'NAME', help: 'tenant of records that name none (default: default)' },
    { flag: 'budget', value: 'N', help: 'false findings a day to stay under (default 10)' },
    {
      flag: 'store',
      value: 'FILE',
      help: 'also write windows and state to this store, and go on from what it holds',
    },
    { flag: 'no-redaction', help: 'leave secrets in the output as they are' },
    { flag: 'quiet', help: 'no progress and no summary' },
  ],
  notes: `
Reads OTLP protobuf (.pb: 4-byte length + request), OTLP/JSON and NDJSON (.jsonl), plain lines, each also .gz or .zst;
\`-\` is standard input. Event time is the only clock: the same files give the same windows, byte for byte.

--config tries out what \`winnow run\` would do with its masking, redaction, tenant and budget; its sources, store and feeds
are left alone, and flags win over it.

Exit code 3: some input could not be read (named on stderr); the windows are those of the rest. 1: nothing could be read.

  winnow replay logs.otlp.jsonl.zst > windows.jsonl
  winnow replay app.log --service app --format text
  winnow replay app.log --config winnow.yaml`,

  async run(args, terminal) {
    const { flags, switches, positionals } = parseCommandArgs(this, args);
    if (positionals.length === 0) throw usageError('replay', 'no file given');
    const format = choice('replay', 'format', flags.format, ['json', 'text'] as const, 'json');
    const encoding = choice('replay', 'encoding', flags.encoding, ENCODINGS, 'auto');
    numberFlag('replay', 'budget', flags.budget, 10, 0.001, 10_000);
    const isQuiet = switches.has('quiet');
    const pipeline = offlinePipeline(offlineOptions(flags, switches));
    const progress = new Progress(terminal, 'replay');
    const counts = { records: 0, dropped: 0, revisions: 0 };
    pipeline.observe((bucket) => {
      counts.records += bucket.accounting.consumed;
      counts.dropped += bucket.accounting.consumed - bucket.accounting.counted;
    });
    const source = createFilesSource({
      name: 'files',
      paths: positionals,
      encoding,
      ...(flags.service === undefined ? {} : { service: flags.service }),
      onProgress: ({ bytesRead, bytesTotal, file }) => {
        if (isQuiet) return;
        const share = bytesTotal === null ? null : bytesRead / bytesTotal;
        progress.update(
          positionals.length === 1 ? share : null,
          `${file} · ${grouped(counts.records)} records`,
        );
      },
    });
    const output = format === 'json' ? new JsonOutput(terminal) : new TextOutput(terminal);
    const store = flags.store === undefined ? null : openExclusively(flags.store);
    try {
      await runToEnd(pipeline, source, store, (revisions) => {
        counts.revisions += revisions.length;
        output.take(revisions);
      });
    } finally {
      store?.release();
      progress.end();
    }
    counts.records += pipeline.counting.unbooked.consumed;
    counts.dropped += pipeline.counting.unbooked.consumed;
    const exitCode = exitCodeOf(source.problems, counts.records);
    if (exitCode === EXIT_FAILED) {
      printProblems(source.problems, terminal);
      return exitCode;
    }
    const windows = await output.end();
    printProblems(source.problems, terminal);
    if (!isQuiet) {
      terminal.err(
        `${grouped(counts.records)} records (${grouped(counts.dropped)} dropped), ${windows} windows, ` +
          `${counts.revisions} revisions in ${progress.elapsed}\n`,
      );
    }
    return exitCode;
  },
};

interface Output {
  take(revisions: readonly WindowRevision[]): void;
  /** Writes what is left; returns the number of windows. */
  end(): Promise<number>;
}

/** Every revision as it comes, one JSON object a line. */
class JsonOutput implements Output {
  readonly #terminal: Terminal;
  readonly #windows = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  take(revisions: readonly WindowRevision[]): void {
    for (const revision of revisions) {
      this.#windows.add(revision.windowId);
      const line = `${JSON.stringify(revision.event)}\n`;
      this.#last = this.#last.then(() => this.#terminal.out(line));
    }
  }

  async end(): Promise<number> {
    await this.#last;
    return this.#windows.size;
  }
}

/** The last revision of each window as the text a model reads, in order of onset. */
class TextOutput implements Output {
  readonly #terminal: Terminal;
  readonly #latest = new Map<string, WindowRevision>();

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  take(revisions: readonly WindowRevision[]): void {
    for (const revision of revisions) this.#latest.set(revision.windowId, revision);
  }

  async end(): Promise<number> {
    const countTokens = await loadTokenCounter();
    const windows = [...this.#latest.values()].sort(
      (a, b) => a.onsetMs - b.onsetMs || (a.windowId < b.windowId ? -1 : 1),
    );
    for (const window of windows) await this.#terminal.out(`${renderText(window.event, { countTokens })}\n`);
    if (windows.length === 0) await this.#terminal.out('no anomaly windows\n');
    return windows.length;
  }
}
