// What a thing that can be timed offers; `run-subject.ts` runs one in a process of its own.

/** What one round did: as much work as its time allowed. CPU time of all threads, so that a busy neighbour costs little. */
export interface Round {
  readonly records: number;
  readonly bytes: number;
  readonly cpuMs: number;
  readonly wallMs: number;
  /** Further figures of this round, by name. */
  readonly figures?: Readonly<Record<string, number>>;
}

/** Something that can be timed. */
export interface Subject {
  /** Works for about this long. Rounds go on where the last one ended. */
  round(budgetMs: number): Round | Promise<Round>;
  /** Throws unless everything that went in has come out; returns figures of the whole run. */
  end(): Readonly<Record<string, number>> | Promise<Readonly<Record<string, number>>>;
}

/** Times `pass` again and again until the budget is used; `prepare` runs before each pass and is not timed. */
export function timedPasses(
  budgetMs: number,
  prepare: () => void,
  pass: () => { readonly records: number; readonly bytes: number },
): Round {
  const sum = { records: 0, bytes: 0, cpuMs: 0, wallMs: 0 };
  while (sum.cpuMs < budgetMs) {
    prepare();
    const wall = performance.now();
    const before = process.cpuUsage();
    const { records, bytes } = pass();
    const used = process.cpuUsage(before);
    sum.wallMs += performance.now() - wall;
    sum.cpuMs += (used.user + used.system) / 1_000;
    sum.records += records;
    sum.bytes += bytes;
  }
  return sum;
}

/** For subjects to call when a sum does not add up: the figures of such a run are worth nothing. */
export function mustBe(what: string, actual: number, expected: number): void {
  if (actual !== expected) throw new Error(`${what}: ${actual} instead of ${expected}`);
}
