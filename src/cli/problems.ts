import type { Source } from '../contracts.ts';
import { EXIT_FAILED, EXIT_OK, EXIT_PARTIAL } from './command.ts';
import type { Terminal } from './terminal.ts';

type Problems = NonNullable<Source['problems']>;

/** Names the input that could not be read, each with what can be done about it. */
export function printProblems(problems: Problems, terminal: Terminal): void {
  for (const { message, hint } of problems)
    terminal.err(`winnow: ${message}\n${hint === undefined ? '' : `hint: ${hint}\n`}`);
}

/** The exit code of a command that read `units` of its input. */
export function exitCodeOf(problems: Problems, units: number): number {
  if (problems.length === 0) return EXIT_OK;
  return units === 0 ? EXIT_FAILED : EXIT_PARTIAL;
}
