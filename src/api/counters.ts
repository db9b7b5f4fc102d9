import type {
  Accounting,
  DropReason,
  FindingKind,
  Judgement,
  MinedBucket,
  SeverityClass,
  TemplateChange,
  WindowRevision,
  WindowStatus,
} from '../contracts.ts';
import { serviceLabel, windowServiceLabel } from './service-label.ts';

/** An open window as the alert gauge shows it. */
export interface ActiveWindow {
  /** Label of the service that it names first. */
  readonly service: string;
  readonly kinds: readonly FindingKind[];
  readonly severity: SeverityClass;
}

/** Totals of this process, plain numbers that the metrics endpoint copies at scrape. Fed per closed bucket. */
export class PipelineCounters {
  records = 0;
  bytes = 0;
  readonly dropped: Record<DropReason, number> = {
    late: 0,
    malformed: 0,
    time_out_of_range: 0,
    no_time: 0,
    too_large: 0,
    overflow: 0,
  };
  readonly templateChanges: Record<TemplateChange['change'], number> = {
    created: 0,
    generalised: 0,
    merged: 0,
    evicted: 0,
  };
  /** Key: `${kind} ${severityClass}`. */
  readonly findings = new Map<string, number>();
  readonly windows: Record<WindowStatus, number> = { open: 0, updated: 0, closed: 0, suppressed: 0 };
  readonly rareOverflow = new Map<string, number>();
  readonly active = new Map<string, ActiveWindow>();
  /** Labels of the services seen, by their keys, for the per-service gauges. */
  readonly services = new Map<string, string>();
  lastWatermarkMs = Number.NaN;

  observe(bucket: MinedBucket, judgement: Judgement, revisions: readonly WindowRevision[]): void {
    this.#account(bucket.accounting);
    this.lastWatermarkMs = bucket.watermarkMs;
    for (const service of bucket.services)
      this.services.set(service.service.key, serviceLabel(service.service));
    for (const change of bucket.changes) this.templateChanges[change.change]++;
    for (const finding of judgement.findings) {
      const key = `${finding.kind} ${finding.severity}`;
      this.findings.set(key, (this.findings.get(key) ?? 0) + 1);
      if (finding.test.method === 'overflow') {
        const label = serviceLabel(finding.service);
        this.rareOverflow.set(label, (this.rareOverflow.get(label) ?? 0) + (finding.members ?? 1));
      }
    }
    for (const revision of revisions) this.#window(revision);
  }

  #account(accounting: Accounting): void {
    this.records += accounting.consumed;
    this.bytes += accounting.bytes;
    for (const [reason, units] of Object.entries(accounting.dropped))
      this.dropped[reason as DropReason] += units;
  }

  #window(revision: WindowRevision): void {
    this.windows[revision.status]++;
    if (revision.status === 'closed' || revision.status === 'suppressed')
      this.active.delete(revision.windowId);
    else {
      const { kinds, severity } = revision;
      this.active.set(revision.windowId, { service: windowServiceLabel(revision), kinds, severity });
    }
  }
}
