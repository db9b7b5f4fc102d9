#!/usr/bin/env node
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE, helpText } from './cli/command.ts';
import { COMMANDS } from './cli/commands.ts';
import { processTerminal, type Terminal } from './cli/terminal.ts';
import { keepCompiled, useCompileCache } from './compile-cache.ts';
import { WinnowError } from './errors.ts';
import { keepYoungHeapSmall } from './small-heap.ts';
import { programVersion } from './version.ts';

function overview(): string {
  const width = Math.max(...COMMANDS.map((command) => command.name.length));
  const rows = COMMANDS.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return [
    'winnow reads logs and writes anomaly windows: what changed, since when, with evidence.',
    '',
    'winnow COMMAND [options]',
    '',
    'Commands:',
    ...rows,
    '',
    '`winnow COMMAND --help` tells more. `winnow --version` prints the version.',
    '',
  ].join('\n');
}

async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    await terminal.out(overview());
    return name === undefined ? EXIT_USAGE : EXIT_OK;
  }
  if (name === '--version') {
    await terminal.out(`${programVersion()}\n`);
    return EXIT_OK;
  }
  const entry = COMMANDS.find((one) => one.name === name);
  if (entry === undefined) {
    terminal.err(`winnow: unknown command ${name}\nhint: winnow --help lists the commands\n`);
    return EXIT_USAGE;
  }
  if (entry.isService) keepYoungHeapSmall();
  useCompileCache();
  const command = await entry.load();
  keepCompiled();
  if (args.includes('--help') || args.includes('-h')) {
    await terminal.out(helpText(command, entry.summary));
    return EXIT_OK;
  }
  return command.run(args, terminal);
}

/** A WinnowError is for the reader; anything else is a bug and shows its stack. */
function report(error: unknown, terminal: Terminal): number {
  if (!(error instanceof WinnowError)) {
    terminal.err(`${error instanceof Error ? error.stack : String(error)}\n`);
    return EXIT_FAILED;
  }
  const { message } = error;
  // A usage error names the program and the command itself.
  const text = message.startsWith('winnow ') ? message : `winnow: ${message}`;
  terminal.err(`${text}\n${error.hint === undefined ? '' : `hint: ${error.hint}\n`}`);
  return error.code === 'WINNOW_USAGE' || error.code.startsWith('WINNOW_CONFIG') ? EXIT_USAGE : EXIT_FAILED;
}

const terminal = processTerminal();
process.exit(await main(process.argv.slice(2), terminal).catch((error: unknown) => report(error, terminal)));
