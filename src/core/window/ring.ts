import type { AnyStateRow, DropReason, MinedBucket, ServiceRef, StateRow } from '../../contracts.ts';
import { RowWriter } from '../row-bytes.ts';
import { RING_MINUTES, RING_TEMPLATES_MAX } from './limits.ts';
import { type RingMinute, readMinute, writeMinute } from './ring-row.ts';

export const MINUTE_MS = 60_000;

export const DROP_REASONS: readonly DropReason[] = [
  'late',
  'malformed',
  'time_out_of_range',
  'no_time',
  'too_large',
  'overflow',
];

/**
 * Counts per minute of all services and templates of the last `RING_MINUTES`: what was normal just before a finding.
 * A minute without any bucket has no entry: nothing is known about it.
 */
export class MinuteRing {
  readonly table: string;
  readonly #minutes = new Map<number, RingMinute>();
  readonly #changed = new Set<number>();
  readonly #writer = new RowWriter();

  constructor(table: string) {
    this.table = table;
  }

  add(bucket: MinedBucket): void {
    const minute = Math.floor(bucket.startMs / MINUTE_MS);
    let ring = this.#minutes.get(minute);
    if (ring === undefined) {
      ring = { services: new Map(), dropped: new Map(), entries: 0, incomplete: false };
      this.#minutes.set(minute, ring);
      this.#drop(minute - RING_MINUTES);
    }
    this.#changed.add(minute);
    for (const mined of bucket.services) {
      let service = ring.services.get(mined.service.key);
      if (service === undefined) {
        service = { service: mined.service, records: 0, templates: new Map() };
        ring.services.set(mined.service.key, service);
      }
      service.records += mined.records;
      for (const count of mined.templates)
        addTemplate(ring, service.templates, count.templateId, count.records);
    }
    for (const reason of DROP_REASONS) {
      const records = bucket.accounting.dropped[reason];
      if (records > 0) ring.dropped.set(reason, (ring.dropped.get(reason) ?? 0) + records);
    }
    for (const change of bucket.changes) {
      if (change.change === 'merged' && change.into !== undefined)
        this.#rename(change.service, change.templateId, change.into);
    }
  }

  /** Records of a service (template null) or a template per minute from `fromMs` on; absent minutes are unknown. */
  counts(serviceKey: string, templateId: string | null, fromMs: number): Map<number, number> {
    const out = new Map<number, number>();
    const from = Math.floor(fromMs / MINUTE_MS);
    for (const minute of this.#sortedMinutes()) {
      if (minute < from) continue;
      const ring = this.#minutes.get(minute)!;
      const service = ring.services.get(serviceKey);
      const records = templateId === null ? service?.records : service?.templates.get(templateId);
      if (records !== undefined) out.set(minute, records);
      else if (!ring.incomplete || templateId === null) out.set(minute, 0);
    }
    return out;
  }

  /** Records dropped from `fromMs` on, by reason; of all tenants, for a dropped record may have none. */
  dropped(fromMs: number): Map<DropReason, number> {
    const out = new Map<DropReason, number>();
    for (const minute of this.#sortedMinutes()) {
      if (minute < Math.floor(fromMs / MINUTE_MS)) continue;
      for (const [reason, records] of this.#minutes.get(minute)!.dropped)
        out.set(reason, (out.get(reason) ?? 0) + records);
    }
    return out;
  }

  /** Services of a tenant and environment seen within the ring, by name. */
  servicesByName(tenant: string, environment: string): Map<string, ServiceRef> {
    const out = new Map<string, ServiceRef>();
    for (const minute of this.#sortedMinutes()) {
      for (const { service } of this.#minutes.get(minute)!.services.values()) {
        if (service.tenant === tenant && service.environment === environment) out.set(service.name, service);
      }
    }
    return out;
  }

  /** Keys of a tenant's services seen within the ring. */
  serviceKeys(tenant: string): Set<string> {
    const out = new Set<string>();
    for (const ring of this.#minutes.values()) {
      for (const { service } of ring.services.values()) if (service.tenant === tenant) out.add(service.key);
    }
    return out;
  }

  /** Start of the oldest minute held, or null. */
  get oldestMs(): number | null {
    const oldest = this.#sortedMinutes()[0];
    return oldest === undefined ? null : oldest * MINUTE_MS;
  }

  takeChanges(): StateRow<Uint8Array>[] {
    const rows = [...this.#changed]
      .sort((a, b) => a - b)
      .map((minute): StateRow<Uint8Array> => {
        const ring = this.#minutes.get(minute);
        return {
          table: this.table,
          key: String(minute),
          value: ring === undefined ? null : writeMinute(this.#writer, ring),
        };
      });
    this.#changed.clear();
    return rows;
  }

  load(rows: readonly AnyStateRow[]): void {
    for (const { table, key, value } of rows) {
      if (table === this.table && value instanceof Uint8Array)
        this.#minutes.set(Number(key), readMinute(value));
    }
  }

  #sortedMinutes(): number[] {
    return [...this.#minutes.keys()].sort((a, b) => a - b);
  }

  #drop(upTo: number): void {
    for (const minute of this.#sortedMinutes()) {
      if (minute > upTo) return;
      this.#minutes.delete(minute);
      this.#changed.add(minute);
    }
  }

  #rename(serviceKey: string, templateId: string, into: string): void {
    for (const [minute, ring] of this.#minutes) {
      const templates = ring.services.get(serviceKey)?.templates;
      const records = templates?.get(templateId);
      if (templates === undefined || records === undefined) continue;
      templates.delete(templateId);
      templates.set(into, (templates.get(into) ?? 0) + records);
      this.#changed.add(minute);
    }
  }
}

function addTemplate(
  ring: RingMinute,
  templates: Map<string, number>,
  templateId: string,
  records: number,
): void {
  const before = templates.get(templateId);
  if (before === undefined) {
    if (ring.entries >= RING_TEMPLATES_MAX) {
      ring.incomplete = true;
      return;
    }
    ring.entries++;
  }
  templates.set(templateId, (before ?? 0) + records);
}
