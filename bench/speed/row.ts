import type { Absent, Line } from './line.ts';
import type { RoundOptions } from './rounds.ts';

/** How this run of the bench measures. */
export interface Context extends RoundOptions {
  /** Smaller corpora and fewer rounds: shows that everything works, not how fast. */
  readonly quick: boolean;
}

/** One part of the bench: lines that are measured together. `--only` names it. */
export interface Row {
  readonly name: string;
  readonly about: string;
  measure(context: Context): Promise<readonly (Line | Absent)[]>;
}
