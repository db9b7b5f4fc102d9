import type Database from 'better-sqlite3';
import type { WindowRevision } from '../contracts.ts';
import { bodyOf } from './revision-row.ts';

/**
 * Writes window revisions, each once. A revision that is already stored stays as it is: after a restart the replay offers
 * it again, and feeds may have delivered the stored bytes.
 */
export class RevisionTable {
  /** Revisions offered again with other content than the stored one. */
  conflicts = 0;
  readonly #stored: Database.Statement;
  readonly #add: Database.Statement;
  readonly #putWindow: Database.Statement;

  constructor(database: Database.Database) {
    this.#stored = database.prepare('SELECT body FROM revision WHERE window_id = ? AND revision = ?');
    this.#add = database.prepare('INSERT INTO revision (window_id, revision, body) VALUES (?, ?, ?)');
    this.#putWindow = database.prepare(PUT_WINDOW);
  }

  /** Within the caller's transaction; returns how many bytes of text were added. */
  putAll(revisions: readonly WindowRevision[]): number {
    let addedBytes = 0;
    for (const revision of revisions) addedBytes += this.#put(revision);
    return addedBytes;
  }

  #put(revision: WindowRevision): number {
    const body = bodyOf(revision);
    const stored = this.#stored.get(revision.windowId, revision.revision) as { body: string } | undefined;
    if (stored !== undefined) {
      if (stored.body !== body) this.conflicts += 1;
      return 0;
    }
    const bytes = Buffer.byteLength(body);
    this.#putWindow.run({
      windowId: revision.windowId,
      revision: revision.revision,
      status: revision.status,
      tenant: revision.tenant,
      severity: revision.severity,
      onsetMs: revision.onsetMs,
      watermarkMs: revision.watermarkMs,
      services: JSON.stringify(revision.services),
      kinds: JSON.stringify(revision.kinds),
      headline: revision.headline,
      bytes,
    });
    this.#add.run(revision.windowId, revision.revision, body);
    return bytes;
  }
}

// A revision older than the latest one is kept but does not become the latest: CASE, because its bytes count anyway.
const PUT_WINDOW = `
INSERT INTO window
  (window_id, revision, status, tenant, severity, onset_ms, watermark_ms, services, kinds, headline, revisions_bytes)
VALUES
  (@windowId, @revision, @status, @tenant, @severity, @onsetMs, @watermarkMs, @services, @kinds, @headline, @bytes)
ON CONFLICT DO UPDATE SET
  status = CASE WHEN excluded.revision > revision THEN excluded.status ELSE status END,
  tenant = CASE WHEN excluded.revision > revision THEN excluded.tenant ELSE tenant END,
  severity = CASE WHEN excluded.revision > revision THEN excluded.severity ELSE severity END,
  onset_ms = CASE WHEN excluded.revision > revision THEN excluded.onset_ms ELSE onset_ms END,
  watermark_ms = CASE WHEN excluded.revision > revision THEN excluded.watermark_ms ELSE watermark_ms END,
  services = CASE WHEN excluded.revision > revision THEN excluded.services ELSE services END,
  kinds = CASE WHEN excluded.revision > revision THEN excluded.kinds ELSE kinds END,
  headline = CASE WHEN excluded.revision > revision THEN excluded.headline ELSE headline END,
  revision = max(excluded.revision, revision),
  revisions_bytes = revisions_bytes + excluded.revisions_bytes
`;
