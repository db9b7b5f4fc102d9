import Database from 'better-sqlite3';
import type { BucketNote } from './probe-lines.ts';

/** What two stores must have in common after the same input. */
export interface Contents {
  /** Every revision's text, in the order in which they became durable. */
  readonly revisions: readonly string[];
  /** Learned state: table, key and value of every row, sorted. */
  readonly state: readonly string[];
  readonly closedTo: string;
}

/** A worker's store, read beside it. */
export class StoreContents {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Messages made durable, all partitions; 0 before there is a store. */
  readTo(): number {
    return this.#query<{ sum: number | null }>('SELECT sum(read_to) AS sum FROM position')[0]?.sum ?? 0;
  }

  /** Messages that a worker which starts now does not read again. */
  resumesAt(): number {
    return this.#query<{ sum: number | null }>('SELECT sum(resume_at) AS sum FROM position')[0]?.sum ?? 0;
  }

  contents(): Contents {
    const revisions = this.#query<{ body: string }>('SELECT body FROM revision ORDER BY seq');
    const state = this.#query<{ part: string; key: string; value: string | Uint8Array }>(
      'SELECT part, key, value FROM state ORDER BY part, key',
    );
    const closed = this.#query<{ value: string }>(`SELECT value FROM meta WHERE key = 'closed_to_ms'`);
    return {
      revisions: revisions.map(({ body }) => body),
      state: state.map(
        ({ part, key, value }) =>
          `${part}\t${key}\t${typeof value === 'string' ? value : Buffer.from(value).toString('hex')}`,
      ),
      closedTo: closed[0]?.value ?? '',
    };
  }

  /** The books of all closed buckets, as the store keeps them; null before there are any. */
  totals(): Pick<BucketNote, 'consumed' | 'counted' | 'dropped'> | null {
    const rows = this.#query<{ value: string }>(`SELECT value FROM state WHERE part = 'totals'`);
    return rows[0] === undefined ? null : (JSON.parse(rows[0].value) as BucketNote);
  }

  #query<Row>(sql: string): Row[] {
    let database: Database.Database;
    try {
      database = new Database(this.path, { readonly: true, fileMustExist: true });
    } catch {
      return [];
    }
    try {
      return database.prepare(sql).all() as Row[];
    } catch {
      return [];
    } finally {
      database.close();
    }
  }
}

export interface Difference {
  readonly revisions: number;
  /** The end of the last judged bucket is one of the rows. */
  readonly state: number;
}

/** How many revisions and rows of state are not the same bytes in both, or only in one. */
export function differenceOf(a: Contents, b: Contents): Difference {
  const revisions = differing(a.revisions, b.revisions);
  const state = Math.max(differing(a.state, b.state), Number(a.closedTo !== b.closedTo));
  return { revisions, state };
}

function differing(a: readonly string[], b: readonly string[]): number {
  if (a.length === b.length && a.every((text, i) => text === b[i])) return 0;
  const inB = new Set(b);
  const inA = new Set(a);
  const onlyA = a.filter((text) => !inB.has(text)).length;
  const onlyB = b.filter((text) => !inA.has(text)).length;
  // The same texts in another order are a difference too.
  return Math.max(1, onlyA, onlyB);
}
