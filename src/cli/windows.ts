import type { WindowQuery, WindowReader, WindowSummary } from '../contracts.ts';
import { severityClassName } from '../core/severity.ts';
import { renderText } from '../core/window/render.ts';
import { WinnowError } from '../errors.ts';
import { MAX_LISTED, openWindowReader } from '../store/window-reader.ts';
import { loadTokenCounter } from '../tokens.ts';
import {
  type Command,
  choice,
  EXIT_OK,
  integerFlag,
  type ParsedArgs,
  parseCommandArgs,
  usageError,
} from './command.ts';
import type { Terminal } from './terminal.ts';

const STATUSES = ['open', 'updated', 'closed', 'suppressed'] as const;

export const windows: Command = {
  name: 'windows',
  usage: 'list | show ID | prompt ID [options]',
  options: [
    { flag: 'store', value: 'FILE', help: 'the store to read (default winnow.db)' },
    {
      flag: 'limit',
      value: 'N',
      help: `list: at most so many, newest onset first (default 20, most ${MAX_LISTED})`,
    },
    { flag: 'status', value: 'STATUS', help: `list: only ${STATUSES.join(', ')}` },
    { flag: 'service', value: 'NAME', help: 'list: only windows that name this service' },
    { flag: 'revision', value: 'N', help: 'show, prompt: that revision instead of the latest' },
    { flag: 'json', help: 'list: one JSON object a line' },
    { flag: 'no-ask', help: 'prompt: leave out the closing instructions' },
  ],
  notes: `
Works while the service runs. ID may be shortened as long as it is clear which window is meant.

  winnow windows list --service checkout
  winnow windows prompt w_7f3a | your-model`,

  async run(args, terminal) {
    const { flags, switches, positionals } = parseCommandArgs(this, args);
    const [action, id, ...rest] = positionals;
    if (rest.length > 0) throw usageError('windows', `unexpected ${rest[0]}`);
    const isList = action === 'list' && id === undefined;
    const isOne = (action === 'show' || action === 'prompt') && id !== undefined;
    if (!isList && !isOne) throw usageError('windows', 'give list, show ID or prompt ID');
    // Before the store is opened: a wrong flag is wrong whatever the store holds.
    const query = queryOf(flags);
    const revision = revisionFlag(flags.revision);
    const reader = openWindowReader(flags.store ?? 'winnow.db');
    try {
      if (isOne) await printOne(find(reader, id, revision), action, switches, terminal);
      else await printList(reader.list(query), switches, terminal);
    } finally {
      reader.close();
    }
    return EXIT_OK;
  },
};

function queryOf(flags: ParsedArgs['flags']): WindowQuery {
  const limit = integerFlag('windows', 'limit', flags.limit, 20, 1, MAX_LISTED);
  const status =
    flags.status === undefined ? undefined : choice('windows', 'status', flags.status, STATUSES, 'open');
  return {
    limit,
    ...(status === undefined ? {} : { status }),
    ...(flags.service === undefined ? {} : { service: flags.service }),
  };
}

function revisionFlag(value: string | undefined): number | undefined {
  return value === undefined ? undefined : integerFlag('windows', 'revision', value, 1, 1, 1e9);
}

async function printList(
  rows: readonly WindowSummary[],
  switches: ParsedArgs['switches'],
  terminal: Terminal,
): Promise<void> {
  await (switches.has('json') ? printJson(rows, terminal) : printTable(rows, terminal));
}

async function printOne(
  event: Readonly<Record<string, unknown>>,
  action: string,
  switches: ParsedArgs['switches'],
  terminal: Terminal,
): Promise<void> {
  if (action === 'show') {
    await terminal.out(`${JSON.stringify(event, null, 2)}\n`);
    return;
  }
  const countTokens = await loadTokenCounter();
  await terminal.out(renderText(event, { countTokens, ask: !switches.has('no-ask') }));
}

function find(
  reader: WindowReader,
  id: string,
  revision: number | undefined,
): Readonly<Record<string, unknown>> {
  const window = reader.get(id, revision);
  if (window !== null) return window.event;
  const which = revision === undefined ? id : `${id} revision ${revision}`;
  throw new WinnowError('WINNOW_WINDOW_UNKNOWN', `find window ${which}: none, or the short id fits several`, {
    hint: '`winnow windows list` shows what is stored',
  });
}

async function printJson(rows: readonly WindowSummary[], terminal: Terminal): Promise<void> {
  for (const row of rows) await terminal.out(`${JSON.stringify(row)}\n`);
}

async function printTable(rows: readonly WindowSummary[], terminal: Terminal): Promise<void> {
  if (rows.length === 0) {
    await terminal.out('no windows\n');
    return;
  }
  await terminal.out(
    `${terminal.bold('WINDOW           REV STATUS   SEVERITY ONSET                    SERVICES · HEADLINE')}\n`,
  );
  for (const row of rows) {
    const onset = new Date(row.onsetMs).toISOString().replace('.000', '');
    const cells = [
      row.windowId.padEnd(16),
      String(row.revision).padStart(3),
      row.status.padEnd(8),
      severityClassName(row.severity).padEnd(8),
      onset.padEnd(24),
    ];
    await terminal.out(`${cells.join(' ')} ${row.services.join(', ')} · ${terminal.dim(row.headline)}\n`);
  }
}
