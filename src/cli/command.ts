import { type ParseArgsConfig, parseArgs } from 'node:util';
import { WinnowError } from '../errors.ts';
import type { Terminal } from './terminal.ts';

/** One subcommand: one file in this folder and one line in `commands.ts`. */
export interface Command {
  readonly name: string;
  /** Everything after `winnow NAME`, e.g. `FILE… [options]`. */
  readonly usage: string;
  readonly options: readonly OptionHelp[];
  /** Further paragraphs of the help text: what it prints, examples. */
  readonly notes: string;
  /** Returns the exit code; throws WinnowError for anything the caller should read about. */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

export interface OptionHelp {
  readonly flag: string;
  /** Placeholder of the value; absent = a switch. */
  readonly value?: string;
  readonly help: string;
}

export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
/** The command line or the configuration is wrong. */
export const EXIT_USAGE = 2;
/** The work was done, but some input could not be read; it was named on stderr. */
export const EXIT_PARTIAL = 3;

export interface ParsedArgs {
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly switches: ReadonlySet<string>;
  readonly positionals: readonly string[];
}

/** Reads a command's arguments by its own option table. Throws WINNOW_USAGE for anything not in it. */
export function parseCommandArgs(
  command: Pick<Command, 'name' | 'options'>,
  args: readonly string[],
): ParsedArgs {
  const options: NonNullable<ParseArgsConfig['options']> = {};
  for (const { flag, value } of command.options)
    options[flag] = { type: value === undefined ? 'boolean' : 'string' };
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const flags: Record<string, string | undefined> = {};
    const switches = new Set<string>();
    for (const [flag, value] of Object.entries(values)) {
      if (typeof value === 'string') flags[flag] = value;
      else if (value === true) switches.add(flag);
    }
    return { flags, switches, positionals };
  } catch (error) {
    throw usageError(command.name, argumentProblem(error as Error));
  }
}

/** Node's text, which has several lines and sentences, in one. */
function argumentProblem({ message }: Error): string {
  const ambiguous = /^Option '(--[^'\s]+)[^']*' argument is ambiguous/.exec(message);
  if (ambiguous !== null)
    return `${ambiguous[1]} needs a value; one that begins with a dash is written ${ambiguous[1]}=-1`;
  const sentence = message.split(/\.(?:\s|$)/, 1)[0]!;
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}

export function usageError(command: string, problem: string): WinnowError {
  return new WinnowError('WINNOW_USAGE', `winnow ${command}: ${problem}`, {
    hint: `see \`winnow ${command} --help\``,
  });
}

/** Reads a flag that must be one of `choices`. */
export function choice<Choice extends string>(
  command: string,
  flag: string,
  value: string | undefined,
  choices: readonly Choice[],
  fallback: Choice,
): Choice {
  if (value === undefined) return fallback;
  if ((choices as readonly string[]).includes(value)) return value as Choice;
  throw usageError(command, `--${flag} ${value} is none of ${choices.join(', ')}`);
}

/** Reads a flag that must be a number within bounds. */
export function numberFlag(
  command: string,
  flag: string,
  value: string | undefined,
  fallback: number,
  least: number,
  most: number,
): number {
  if (value === undefined) return fallback;
  const number = Number(value);
  if (value.trim() !== '' && number >= least && number <= most) return number;
  throw usageError(command, `--${flag} ${value} is not a number from ${least} to ${most}`);
}

/** The same for a count. */
export function integerFlag(
  command: string,
  flag: string,
  value: string | undefined,
  fallback: number,
  least: number,
  most: number,
): number {
  const number =
    value === undefined || /^[+-]?\d+$/.test(value.trim()) ? Number(value ?? fallback) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw usageError(command, `--${flag} ${value} is not a whole number from ${least} to ${most}`);
}

export function helpText(command: Command, summary: string): string {
  const rows = [...command.options, { flag: 'help', help: 'this text' } as OptionHelp].map(
    ({ flag, value, help }) => [`--${flag}${value === undefined ? '' : ` ${value}`}`, help] as const,
  );
  const width = Math.max(...rows.map(([left]) => left.length));
  const options = rows.map(([left, help]) => `  ${left.padEnd(width)}  ${help}`).join('\n');
  return `winnow ${command.name} ${command.usage}\n\n${summary}.\n\nOptions:\n${options}\n\n${command.notes.trim()}\n`;
}
