import type Database from 'better-sqlite3';
import type { Delivery, DeliveryLog } from '../contracts.ts';
import { revisionOf } from './revision-row.ts';

/** What the store lends: error texts of its own around a read, and one durable transaction around a write. */
export interface StoreAccess {
  read<T>(run: () => T): T;
  write(run: () => void): void;
}

/** Above this many numbers behind the end, counting goes by the small index, not by the rows with their texts. */
const ROWS_COUNTED_ONE_BY_ONE = 1_000;

/**
 * The revisions in the order of their commits, read by each feed from its own cursor. Nothing here is held in memory, so
 * a feed that is behind by any amount costs no more than its next page.
 */
export class RevisionLog implements DeliveryLog {
  readonly #access: StoreAccess;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: Database.Database, access: StoreAccess) {
    this.#access = access;
    this.#statements = prepare(database);
  }

  open(feed: string, start: 'earliest' | 'latest'): void {
    if (this.#access.read(() => this.#statements.cursor.get(feed)) !== undefined) return;
    this.#access.write(() => this.#statements.open.run(feed, start === 'earliest' ? 0 : this.#last()));
  }

  read(feed: string, countMax: number, bytesMax: number): readonly Delivery[] {
    return this.#access.read(() => {
      const page: Delivery[] = [];
      let bytes = 0;
      const rows = this.#statements.after.iterate(this.#cursor(feed), countMax) as IterableIterator<Row>;
      for (const { seq, body } of rows) {
        const delivery = deliveryOf(seq, body);
        bytes += Buffer.byteLength(delivery.body);
        if (page.length > 0 && bytes > bytesMax) break;
        page.push(delivery);
      }
      return page;
    });
  }

  advance(feed: string, seq: number): void {
    this.#access.write(() => this.#statements.advance.run(seq, feed));
  }

  pending(feed: string): number {
    return this.#access.read(() => {
      const cursor = this.#cursor(feed);
      const { countNear, countFar } = this.#statements;
      const count = this.#last() - cursor <= ROWS_COUNTED_ONE_BY_ONE ? countNear : countFar;
      return (count.get(cursor) as { n: number }).n;
    });
  }

  expired(feed: string): number {
    return this.#access.read(() => {
      const row = this.#statements.cursor.get(feed) as { expired: number } | undefined;
      return row?.expired ?? 0;
    });
  }

  #cursor(feed: string): number {
    const row = this.#statements.cursor.get(feed) as { seq: number } | undefined;
    return row?.seq ?? 0;
  }

  /** The highest number ever given, also when its revision was deleted since. */
  #last(): number {
    return (this.#statements.last.get() as { seq: number } | undefined)?.seq ?? 0;
  }
}

interface Row {
  readonly seq: number;
  readonly body: string;
}

function deliveryOf(seq: number, body: string): Delivery {
  const { windowId, revision, tenant, services, event } = revisionOf(body);
  // `partitionkey` is final from revision 1 on, while the ranking of services is not.
  const { partitionkey } = event;
  const partitionKey = typeof partitionkey === 'string' ? partitionkey : `${tenant}|${services[0] ?? ''}`;
  return { seq, windowId, revision, partitionKey, body: JSON.stringify(event) };
}

function prepare(database: Database.Database) {
  return {
    cursor: database.prepare('SELECT seq, expired FROM feed_cursor WHERE feed = ?'),
    open: database.prepare('INSERT INTO feed_cursor (feed, seq, expired) VALUES (?, ?, 0)'),
    advance: database.prepare('UPDATE feed_cursor SET seq = max(seq, ?) WHERE feed = ?'),
    after: database.prepare('SELECT seq, body FROM revision WHERE seq > ? ORDER BY seq LIMIT ?'),
    last: database.prepare(`SELECT seq FROM sqlite_sequence WHERE name = 'revision'`),
    countNear: database.prepare('SELECT count(*) AS n FROM revision WHERE seq > ?'),
    // The plus keeps SQLite off the table: https://www.sqlite.org/optoverview.html#disqualifying_where_clause_terms_using_unary_
    countFar: database.prepare('SELECT count(*) AS n FROM revision WHERE +seq > ?'),
  };
}
