import type Database from 'better-sqlite3';

export interface RetentionOptions {
  readonly retention?: {
    /** A window is deleted when its last revision is older than this in event time, judged by the last closed bucket. */
    readonly windowsDays?: number;
    /** Oldest windows are deleted above this total of all revisions' text. */
    readonly maxWindowsBytes?: number;
    readonly maxAuditRows?: number;
  };
}

const DAY_MS = 86_400_000;

/** A quarter: long enough to compare with the last incident of the same kind, small beside the logs themselves. */
const DEFAULT_WINDOWS_DAYS = 90;

/** About 100,000 windows of four revisions of 2.5 kB. Bounds the file however many windows there are. */
const DEFAULT_MAX_WINDOWS_BYTES = 1024 * 1024 * 1024;

/** A tick and a few idle changes a minute: about a month. */
const DEFAULT_MAX_AUDIT_ROWS = 100_000;

/** Work per commit; a backlog (a shorter retention was configured) drains over the following commits. */
const MAX_DELETED_PER_COMMIT = 64;

/**
 * Deletes what is older than its term or above its size, oldest last revision first, a bounded amount per commit. A window
 * that never closed goes too: one without a revision for the whole term is abandoned. A feed whose target was away for as
 * long does not hold a window back, or a dead target would fill the disk; what it misses by that is counted.
 */
export class Retention {
  windowsDeleted = 0;
  readonly #windowsMs: number;
  readonly #maxWindowsBytes: number;
  readonly #maxAuditRows: number;
  readonly #statements: ReturnType<typeof prepare>;
  /** All revisions' text; null = to be read again, because a transaction was rolled back. */
  #windowsBytes: number | null = null;

  constructor(database: Database.Database, { retention = {} }: RetentionOptions) {
    this.#windowsMs = (retention.windowsDays ?? DEFAULT_WINDOWS_DAYS) * DAY_MS;
    this.#maxWindowsBytes = retention.maxWindowsBytes ?? DEFAULT_MAX_WINDOWS_BYTES;
    this.#maxAuditRows = retention.maxAuditRows ?? DEFAULT_MAX_AUDIT_ROWS;
    this.#statements = prepare(database);
  }

  /** Within the transaction that added `addedBytes` of revisions. */
  deleteOldWindows(closedToMs: number, addedBytes: number): void {
    let bytes = this.#windowsBytes === null ? this.#readBytes() : this.#windowsBytes + addedBytes;
    for (let deleted = 0; deleted < MAX_DELETED_PER_COMMIT; deleted++) {
      const window = this.#statements.oldest.get() as OldWindow | undefined;
      if (window === undefined) break;
      if (window.watermarkMs >= closedToMs - this.#windowsMs && bytes <= this.#maxWindowsBytes) break;
      this.#statements.countExpired.run(window.windowId);
      this.#statements.deleteWindow.run(window.windowId);
      bytes -= window.bytes;
      this.windowsDeleted += 1;
    }
    this.#windowsBytes = bytes;
  }

  deleteOldAudit(): void {
    this.#statements.deleteAudit.run(this.#maxAuditRows);
  }

  /** After a rollback. */
  forgetTotals(): void {
    this.#windowsBytes = null;
  }

  #readBytes(): number {
    return (this.#statements.totalBytes.get() as { bytes: number }).bytes;
  }
}

interface OldWindow {
  readonly windowId: string;
  readonly watermarkMs: number;
  readonly bytes: number;
}

function prepare(database: Database.Database) {
  return {
    totalBytes: database.prepare('SELECT coalesce(sum(revisions_bytes), 0) AS bytes FROM window'),
    oldest: database.prepare(
      `SELECT window_id AS windowId, watermark_ms AS watermarkMs, revisions_bytes AS bytes
       FROM window ORDER BY watermark_ms, window_id LIMIT 1`,
    ),
    countExpired: database.prepare(
      `UPDATE feed_cursor SET expired = expired + missed.n
       FROM (SELECT feed AS name, count(*) AS n FROM feed_cursor JOIN revision ON revision.seq > feed_cursor.seq
             WHERE revision.window_id = ? GROUP BY feed) AS missed
       WHERE feed = missed.name`,
    ),
    deleteWindow: database.prepare('DELETE FROM window WHERE window_id = ?'),
    deleteAudit: database.prepare('DELETE FROM audit WHERE seq <= (SELECT max(seq) FROM audit) - ?'),
  };
}
