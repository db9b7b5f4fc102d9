import type Database from 'better-sqlite3';
import type {
  Checkpoint,
  DeliveryLog,
  JournalledInput,
  PartitionPosition,
  Store,
  StoredState,
} from '../contracts.ts';
import { assert, WinnowError } from '../errors.ts';
import { openForWriting, transact } from './database.ts';
import { RevisionLog } from './delivery-log.ts';
import type { Migration } from './migrations.ts';
import { Retention, type RetentionOptions } from './retention.ts';
import { RevisionTable } from './revision-table.ts';
import { StateTable } from './state-table.ts';
import { storeError } from './store-errors.ts';

export interface StoreOptions extends RetentionOptions {
  readonly path: string;
  /** Noted in the file when it is created. */
  readonly programVersion?: string;
  /** What the store is made for, see `readPurpose`. */
  readonly purpose?: string;
  /** A commit fails with WINNOW_STORE_FULL above this; undefined = as large as the disk. */
  readonly maxFileBytes?: number;
  /** For tests of upgrades. */
  readonly migrations?: readonly Migration[];
}

export interface StoreCounters {
  /** Revisions offered again with other content than the stored one, which was kept. Non-zero = a bug: replay is exact. */
  readonly conflictingRevisions: number;
  /** Windows that retention deleted since this store was opened. */
  readonly windowsDeleted: number;
}

export interface SqliteStore extends Store {
  /** Made when the file was created; survives copies of the file. */
  readonly storeId: string;
  readonly counters: StoreCounters;
  readonly deliveries: DeliveryLog;
}

/**
 * Opens the store for its one writer; take the lock of `lock.ts` first. Where that lock does not hold (some network file
 * systems), the epoch does: each open raises it, and a writer whose epoch is no longer the stored one fails its next
 * commit with WINNOW_STORE_TAKEN_OVER. So nothing but a worker calls this; everything else uses `openWindowReader`.
 */
export function openStore(options: StoreOptions): SqliteStore {
  const database = openForWriting({ programVersion: 'unknown', ...options });
  try {
    return new SqliteWorkerStore(database, options);
  } catch (error) {
    database.close();
    throw storeError('open', options.path, error);
  }
}

/** Invariant: the file always holds positions, state and windows of one and the same checkpoint. */
class SqliteWorkerStore implements SqliteStore {
  readonly storeId: string;
  readonly deliveries: DeliveryLog;
  readonly #database: Database.Database;
  readonly #path: string;
  readonly #statements: Statements;
  readonly #state: StateTable;
  readonly #revisions: RevisionTable;
  readonly #retention: Retention;
  readonly #epoch: string;

  constructor(database: Database.Database, options: StoreOptions) {
    this.#database = database;
    this.#path = options.path;
    this.#statements = prepare(database);
    this.#state = new StateTable(database);
    this.#revisions = new RevisionTable(database);
    this.#retention = new Retention(database, options);
    this.#epoch = transact(database, () => this.#raiseEpoch());
    this.storeId = this.#meta('store_id') ?? '';
    this.deliveries = new RevisionLog(database, {
      read: (run) => this.#guard('read', run),
      write: (run) => this.#write('move a cursor in', run),
    });
  }

  get counters(): StoreCounters {
    return {
      conflictingRevisions: this.#revisions.conflicts,
      windowsDeleted: this.#retention.windowsDeleted,
    };
  }

  load(): StoredState {
    return this.#guard('load', () =>
      this.#database.transaction(() => {
        const closedToMs = this.#meta('closed_to_ms');
        return {
          positions: this.#statements.positions.all() as PartitionPosition[],
          state: this.#state.all(),
          closedToMs: closedToMs === undefined ? null : Number(closedToMs),
        };
      })(),
    );
  }

  commit(checkpoint: Checkpoint): void {
    this.#write('commit to', () => {
      for (const position of checkpoint.positions) this.#putPosition(position);
      this.#state.putAll(checkpoint.state);
      const addedBytes = this.#revisions.putAll(checkpoint.revisions);
      if (checkpoint.closedToMs === null) return this.#retention.forgetTotals();
      this.#statements.putMeta.run('closed_to_ms', String(checkpoint.closedToMs));
      this.#retention.deleteOldWindows(checkpoint.closedToMs, addedBytes);
    });
  }

  record(inputs: readonly JournalledInput[]): void {
    if (inputs.length === 0) return;
    this.#write('record in', () => {
      for (const input of inputs) this.#statements.addAudit.run(input.atMs, input.kind, input.detail);
      this.#retention.deleteOldAudit();
    });
  }

  close(): void {
    if (this.#database.open) this.#guard('close', () => this.#database.close());
  }

  #write(action: string, write: () => void): void {
    this.#guard(action, () => {
      try {
        transact(this.#database, () => {
          this.#refuseStaleWriter();
          write();
        });
      } catch (error) {
        this.#retention.forgetTotals();
        throw error;
      }
    });
  }

  #guard<T>(action: string, run: () => T): T {
    assert(this.#database.open, `${action} store ${this.#path} after close`);
    try {
      return run();
    } catch (error) {
      throw storeError(action, this.#path, error);
    }
  }

  #putPosition(position: PartitionPosition): void {
    const { source, topic, partition, resumeAt, readTo, maxTimeMs } = position;
    this.#statements.putPosition.run(source, topic, partition, resumeAt, readTo, maxTimeMs);
  }

  #raiseEpoch(): string {
    const epoch = String(Number(this.#meta('writer_epoch') ?? '0') + 1);
    this.#statements.putMeta.run('writer_epoch', epoch);
    return epoch;
  }

  #refuseStaleWriter(): void {
    if (this.#meta('writer_epoch') === this.#epoch) return;
    throw new WinnowError(
      'WINNOW_STORE_TAKEN_OVER',
      `commit to store ${this.#path}: another worker opened it since`,
      {
        hint: 'one worker per store: stop this process; the other one continues from the last checkpoint',
      },
    );
  }

  #meta(key: string): string | undefined {
    return (this.#statements.getMeta.get(key) as { value: string } | undefined)?.value;
  }
}

type Statements = ReturnType<typeof prepare>;

function prepare(database: Database.Database) {
  return {
    getMeta: database.prepare('SELECT value FROM meta WHERE key = ?'),
    putMeta: database.prepare(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
    ),
    positions: database.prepare(
      `SELECT source, topic, partition, resume_at AS resumeAt, read_to AS readTo, max_time_ms AS maxTimeMs
       FROM position ORDER BY source, topic, partition`,
    ),
    putPosition: database.prepare(
      `INSERT INTO position (source, topic, partition, resume_at, read_to, max_time_ms)
       VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
       SET resume_at = excluded.resume_at, read_to = excluded.read_to, max_time_ms = excluded.max_time_ms`,
    ),
    addAudit: database.prepare('INSERT INTO audit (at_ms, kind, detail) VALUES (?, ?, ?)'),
  };
}
