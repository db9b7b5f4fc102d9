import type Database from 'better-sqlite3';
import type { AnyStateRow } from '../contracts.ts';

/** Rows that one call writes: the calls of one for each row are a third of what writing a row takes. More is no quicker. */
const ROWS_AT_ONCE = 16;

/** The rows of what was learnt: a checkpoint writes those that changed. */
export class StateTable {
  readonly #all: Database.Statement;
  readonly #put: Database.Statement;
  readonly #putMany: Database.Statement;
  readonly #delete: Database.Statement;

  constructor(database: Database.Database) {
    this.#all = database.prepare('SELECT part AS "table", key, value FROM state ORDER BY part, key');
    this.#put = database.prepare(putStatement(1));
    this.#putMany = database.prepare(putStatement(ROWS_AT_ONCE));
    this.#delete = database.prepare('DELETE FROM state WHERE part = ? AND key = ?');
  }

  all(): AnyStateRow[] {
    return this.#all.all() as AnyStateRow[];
  }

  /** Within the caller's transaction, in order; a row without a value is deleted. */
  putAll(rows: readonly AnyStateRow[]): void {
    let waiting: AnyStateRow[] = [];
    for (const row of rows) {
      if (row.value !== null) {
        waiting.push(row);
        if (waiting.length < ROWS_AT_ONCE) continue;
        this.#putMany.run(waiting.flatMap(valuesOf));
      } else {
        for (const one of waiting) this.#put.run(valuesOf(one));
        this.#delete.run(row.table, row.key);
      }
      waiting = [];
    }
    for (const one of waiting) this.#put.run(valuesOf(one));
  }
}

function valuesOf({ table, key, value }: AnyStateRow): unknown[] {
  return [table, key, value];
}

function putStatement(rows: number): string {
  const values = new Array<string>(rows).fill('(?, ?, ?)').join(', ');
  return `INSERT INTO state (part, key, value) VALUES ${values} ON CONFLICT DO UPDATE SET value = excluded.value`;
}
