import { WinnowError } from '../../errors.ts';
import type { Terminal } from '../terminal.ts';

export type Verdict = 'ok' | 'warn' | 'fail';

/** One thing that was looked at. */
export interface Check {
  readonly verdict: Verdict;
  /** One line; begins with what it is about. */
  readonly what: string;
  readonly hint?: string;
  /** The numbers behind it, for `--json`. */
  readonly facts?: Readonly<Record<string, unknown>>;
}

type Facts = NonNullable<Check['facts']>;

export function ok(what: string, facts?: Facts): Check {
  return { verdict: 'ok', what, ...(facts === undefined ? {} : { facts }) };
}

export function warn(what: string, hint: string, facts?: Facts): Check {
  return { verdict: 'warn', what, hint, ...(facts === undefined ? {} : { facts }) };
}

export function fail(what: string, hint: string, facts?: Facts): Check {
  return { verdict: 'fail', what, hint, ...(facts === undefined ? {} : { facts }) };
}

/** What an error says, with its hint. */
export function failed(about: string, error: unknown, verdict: 'warn' | 'fail' = 'fail'): Check {
  const text = error instanceof Error ? error.message : String(error);
  // The client's hints say that it tries again; doctor does not.
  const hint = error instanceof WinnowError ? error.hint?.replace(/; retrying$/, '') : undefined;
  return { verdict, what: `${about}: ${text}`, ...(hint === undefined ? {} : { hint }) };
}

/** Text of others (topics, services, errors) must not move the cursor or begin a line of its own. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, 500);
}

/** `ok    what`, `warn  what  — hint`. */
export function checkLine({ verdict, what, hint }: Check, terminal: Terminal): string {
  const word = verdict.padEnd(5);
  const shown = verdict === 'ok' ? word : terminal.bold(word);
  const advice = hint === undefined ? '' : terminal.dim(`  — ${oneLine(hint)}`);
  return `${shown} ${oneLine(what)}${advice}\n`;
}

/** `3 d 4 h`, `12 min`, `8 s`: two units at most. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const units: readonly (readonly [string, number])[] = [
    ['d', 86_400],
    ['h', 3_600],
    ['min', 60],
    ['s', 1],
  ];
  const from = units.findIndex(([, length]) => seconds >= length);
  if (from < 0) return `${Math.round(ms)} ms`;
  const [unit, length] = units[from]!;
  const rest = units[from + 1];
  const more = rest === undefined ? 0 : Math.floor((seconds % length) / rest[1]);
  return `${Math.floor(seconds / length)} ${unit}${more === 0 ? '' : ` ${more} ${rest![0]}`}`;
}

export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;
}

/** The first few, and how many more there are. */
export function list(names: readonly string[], shown = 3): string {
  const rest = names.length - shown;
  return rest > 0 ? `${names.slice(0, shown).join(', ')} and ${rest} more` : names.join(', ');
}
