import type Database from 'better-sqlite3';
import type { WindowQuery, WindowReader, WindowRevision, WindowSummary } from '../contracts.ts';
import { WinnowError } from '../errors.ts';
import { openForReading } from './database.ts';
import { revisionOf, summaryOf, type WindowRow } from './revision-row.ts';
import { storeError } from './store-errors.ts';

/** Windows in one answer; it bounds memory. A larger limit is taken for this one. */
export const MAX_LISTED = 10_000;

/** Opens the windows of an existing store for reading, also while a worker writes to it. */
export function openWindowReader(path: string): WindowReader {
  const database = openForReading(path);
  return new SqliteWindowReader(database, path);
}

class SqliteWindowReader implements WindowReader {
  readonly #database: Database.Database;
  readonly #path: string;

  constructor(database: Database.Database, path: string) {
    this.#database = database;
    this.#path = path;
  }

  list(query: WindowQuery): WindowSummary[] {
    const rows = this.#read(() =>
      this.#database.prepare(LIST).all({
        status: query.status ?? null,
        service: query.service ?? null,
        sinceMs: query.sinceMs ?? null,
        limit: Math.max(0, Math.min(query.limit, MAX_LISTED)),
      }),
    ) as WindowRow[];
    return rows.map(summaryOf);
  }

  get(windowId: string, revision?: number): WindowRevision | null {
    return this.#read(() => {
      const fullId = this.#resolve(windowId);
      if (fullId === null) return null;
      const row = this.#database.prepare(GET).get({ windowId: fullId, revision: revision ?? null });
      return row === undefined ? null : revisionOf((row as { body: string }).body);
    });
  }

  close(): void {
    this.#database.close();
  }

  #resolve(windowId: string): string | null {
    if (windowId === '') return null;
    const rows = this.#database.prepare(BY_PREFIX).all({ prefix: windowId }) as { window_id: string }[];
    const ids = rows.map((row) => row.window_id);
    if (ids.includes(windowId)) return windowId;
    if (ids.length < 2) return ids[0] ?? null;
    throw new WinnowError(
      'WINNOW_WINDOW_AMBIGUOUS',
      `find window ${windowId}: ${ids.join(' and ')} both begin so`,
      {
        hint: 'give more characters of the id',
      },
    );
  }

  #read<T>(run: () => T): T {
    try {
      return run();
    } catch (error) {
      throw storeError('read', this.#path, error);
    }
  }
}

const LIST = `
SELECT * FROM window
WHERE (@status IS NULL OR status = @status)
  AND (@sinceMs IS NULL OR onset_ms >= @sinceMs)
  AND (@service IS NULL OR EXISTS (SELECT 1 FROM json_each(services) WHERE value = @service))
ORDER BY onset_ms DESC, window_id LIMIT @limit
`;

const GET = `
SELECT body FROM revision WHERE window_id = @windowId AND (@revision IS NULL OR revision = @revision)
ORDER BY revision DESC LIMIT 1
`;

// Ids are ASCII, so every id with the prefix sorts between it and it with the highest character appended.
// An exact match sorts first.
const BY_PREFIX = `
SELECT window_id FROM window WHERE window_id >= @prefix AND window_id < @prefix || char(0x10FFFF)
ORDER BY window_id LIMIT 2
`;
