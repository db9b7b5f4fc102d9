import type { DropReason, ServiceRef } from '../../contracts.ts';
import { RowReader, type RowWriter } from '../row-bytes.ts';

interface RingService {
  readonly service: ServiceRef;
  records: number;
  readonly templates: Map<string, number>;
}

export interface RingMinute {
  readonly services: Map<string, RingService>;
  readonly dropped: Map<DropReason, number>;
  entries: number;
  /** Some templates found no room: an absent one is unknown, not 0. */
  incomplete: boolean;
}

/** Bytes: the open minute is written by every checkpoint, with as many counts as there are templates. */
export function writeMinute(row: RowWriter, minute: RingMinute): Uint8Array {
  row.number(minute.services.size);
  for (const { service, records, templates } of minute.services.values()) {
    row.text(JSON.stringify(service));
    row.number(records);
    row.number(templates.size);
    for (const [templateId, count] of templates) {
      row.text(templateId);
      row.number(count);
    }
  }
  row.number(minute.dropped.size);
  for (const [reason, records] of minute.dropped) {
    row.text(reason);
    row.number(records);
  }
  row.number(minute.entries);
  row.flag(minute.incomplete);
  return row.take();
}

export function readMinute(value: Uint8Array): RingMinute {
  const row = new RowReader(value);
  const services = new Map<string, RingService>();
  for (let left = row.number(); left > 0; left--) {
    const service = JSON.parse(row.text()) as ServiceRef;
    const records = row.number();
    services.set(service.key, { service, records, templates: readCounts(row) });
  }
  return {
    services,
    dropped: readCounts(row) as Map<DropReason, number>,
    entries: row.number(),
    incomplete: row.flag(),
  };
}

function readCounts(row: RowReader): Map<string, number> {
  const counts = new Map<string, number>();
  for (let left = row.number(); left > 0; left--) counts.set(row.text(), row.number());
  return counts;
}
