import type {
  FindingKind,
  SeverityClass,
  WindowRevision,
  WindowStatus,
  WindowSummary,
} from '../contracts.ts';

/** A row of table `window`: the latest revision of a window without its event. */
export interface WindowRow {
  readonly window_id: string;
  readonly revision: number;
  readonly status: string;
  readonly tenant: string;
  readonly severity: number;
  readonly onset_ms: number;
  readonly watermark_ms: number;
  readonly services: string;
  readonly kinds: string;
  readonly headline: string;
}

export function summaryOf(row: WindowRow): WindowSummary {
  return {
    windowId: row.window_id,
    revision: row.revision,
    status: row.status as WindowStatus,
    tenant: row.tenant,
    severity: row.severity as SeverityClass,
    onsetMs: row.onset_ms,
    watermarkMs: row.watermark_ms,
    services: JSON.parse(row.services) as string[],
    kinds: JSON.parse(row.kinds) as FindingKind[],
    headline: row.headline,
  };
}

/** The stored text of a revision: its fields in one fixed order, so that equal revisions are equal bytes. */
export function bodyOf(revision: WindowRevision): string {
  return JSON.stringify({
    windowId: revision.windowId,
    revision: revision.revision,
    status: revision.status,
    fingerprint: revision.fingerprint,
    episodeId: revision.episodeId,
    tenant: revision.tenant,
    severity: revision.severity,
    onsetMs: revision.onsetMs,
    watermarkMs: revision.watermarkMs,
    services: revision.services,
    kinds: revision.kinds,
    headline: revision.headline,
    event: revision.event,
  } satisfies WindowRevision);
}

export function revisionOf(body: string): WindowRevision {
  return JSON.parse(body) as WindowRevision;
}
