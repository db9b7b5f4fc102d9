import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import type { DropReason } from '../../src/contracts.ts';

/** Where the units of one closed bucket went. */
export interface BucketNote {
  readonly consumed: number;
  readonly counted: number;
  readonly dropped: Readonly<Record<DropReason, number>>;
  readonly templates: number;
  readonly frames: number;
  readonly censored: number;
  /** Counted records by service name. */
  readonly services: Readonly<Record<string, number>>;
}

/** What `probe.ts` writes. `accepted`: messages and processor time, all threads, from the start of the process. */
export type ProbeLine =
  | {
      readonly kind: 'accepted';
      readonly atMs: number;
      readonly messages: number;
      readonly processorMs: number;
    }
  | { readonly kind: 'bucket'; readonly startMs: number; readonly books: BucketNote }
  /** What a partition sent before its first plausible time: totals of the process so far. */
  | {
      readonly kind: 'unbooked';
      readonly consumed: number;
      readonly dropped: Readonly<Record<DropReason, number>>;
    }
  | {
      readonly kind: 'checkpoint';
      readonly ms: number;
      /** From BEGIN to the return of COMMIT; `ms` holds the making of the rows too. */
      readonly storeMs: number;
      readonly bytes: number;
      readonly bareMs: number | null;
    }
  | {
      readonly kind: 'memory';
      readonly rss: number;
      readonly heapUsed: number;
      readonly external: number;
      readonly arrayBuffers: number;
    };

/** Reads the lines of one process as they appear; a line that SIGKILL cut short is left out. */
export class ProbeReader {
  readonly #path: string;
  #at = 0;
  #rest = '';

  constructor(path: string) {
    this.#path = path;
  }

  /** Lines since the last call. */
  read(): ProbeLine[] {
    if (!existsSync(this.#path)) return [];
    const file = openSync(this.#path, 'r');
    const chunk = Buffer.alloc(1024 * 1024);
    let text = this.#rest;
    for (;;) {
      const bytes = readSync(file, chunk, 0, chunk.length, this.#at);
      if (bytes === 0) break;
      this.#at += bytes;
      text += chunk.toString('latin1', 0, bytes);
    }
    closeSync(file);
    const lines = text.split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.map((line) => JSON.parse(line) as ProbeLine);
  }
}

/**
 * The books of all buckets over all lives of a service: a bucket that was judged again after a kill counts once.
 * `disagreements` = it was judged with another result the second time.
 */
export class Books {
  disagreements = 0;
  judgedAgain = 0;
  readonly #byStart = new Map<number, string>();

  add(line: ProbeLine): void {
    if (line.kind !== 'bucket') return;
    const books = JSON.stringify(line.books);
    const before = this.#byStart.get(line.startMs);
    if (before !== undefined) this.judgedAgain++;
    if (before !== undefined && before !== books) this.disagreements++;
    this.#byStart.set(line.startMs, books);
  }

  get buckets(): number {
    return this.#byStart.size;
  }

  totals(): BucketNote {
    const totals = {
      consumed: 0,
      counted: 0,
      templates: 0,
      frames: 0,
      censored: 0,
      dropped: {} as Record<DropReason, number>,
      services: {} as Record<string, number>,
    };
    for (const text of this.#byStart.values()) {
      const books = JSON.parse(text) as BucketNote;
      for (const name of ['consumed', 'counted', 'templates', 'frames', 'censored'] as const)
        totals[name] += books[name];
      for (const [reason, units] of Object.entries(books.dropped) as [DropReason, number][])
        totals.dropped[reason] = (totals.dropped[reason] ?? 0) + units;
      for (const [name, records] of Object.entries(books.services))
        totals.services[name] = (totals.services[name] ?? 0) + records;
    }
    return totals;
  }
}

/** Units that were dropped, all reasons. */
export function droppedIn(books: Pick<BucketNote, 'dropped'>): number {
  return Object.values(books.dropped).reduce((sum, units) => sum + units, 0);
}
