import type { DropReason } from '../../contracts.ts';
import { RowReader, type RowWriter } from '../row-bytes.ts';
import { BLOCK_SLOTS, type RingService, type RingSlots, type SlotName } from './ring-slots.ts';

// Names of templates are stored once, by slot; a minute's row, which every checkpoint writes anew, has numbers alone.

export interface RingMinute {
  readonly minute: number;
  /** Records of each service, all of its templates and those without any, in order of arrival. */
  readonly services: Map<RingService, number>;
  readonly dropped: Map<DropReason, number>;
  /** Templates that were counted. */
  entries: number;
  /** Some templates found no room: an absent one is unknown, not 0. */
  incomplete: boolean;
}

/** Its slots' counts in order, where many zeros are one zero and their number. */
export function writeMinute(
  row: RowWriter,
  minute: RingMinute,
  slots: RingSlots,
  column: number,
): Uint8Array {
  row.number(minute.services.size);
  for (const [service, records] of minute.services) {
    row.number(service.number);
    row.number(records);
  }
  row.number(minute.dropped.size);
  for (const [reason, records] of minute.dropped) {
    row.text(reason);
    row.number(records);
  }
  row.number(minute.entries);
  row.flag(minute.incomplete);
  let zeros = 0;
  slots.forEach(column, (records) => {
    if (records === 0) {
      zeros++;
      return;
    }
    if (zeros > 0) {
      row.number(0);
      row.number(zeros);
      zeros = 0;
    }
    row.number(records);
  });
  return row.take();
}

/** Puts the counts into their slots, which must have been restored. */
export function readMinute(
  value: Uint8Array,
  minute: number,
  services: readonly (RingService | undefined)[],
  slots: RingSlots,
  column: number,
): RingMinute {
  const row = new RowReader(value);
  const records = new Map<RingService, number>();
  for (let left = row.number(); left > 0; left--) records.set(services[row.number()]!, row.number());
  const dropped = new Map<DropReason, number>();
  for (let left = row.number(); left > 0; left--) dropped.set(row.text() as DropReason, row.number());
  const entries = row.number();
  const incomplete = row.flag();
  for (let slot = 0; !row.isAtEnd; ) {
    const count = row.number();
    if (count === 0) slot += row.number();
    else slots.add(slot++, column, count);
  }
  return { minute, services: records, dropped, entries, incomplete };
}

export function writeNames(row: RowWriter, names: readonly (SlotName | null)[]): Uint8Array {
  for (const name of names) {
    row.nullable(name?.service.number ?? null);
    if (name !== null) row.text(name.templateId);
  }
  return row.take();
}

export function readNames(
  value: Uint8Array,
  block: number,
  services: readonly (RingService | undefined)[],
  slots: RingSlots,
): void {
  const row = new RowReader(value);
  for (let at = 0; at < BLOCK_SLOTS; at++) {
    const service = row.nullable();
    if (service !== null) slots.restore(block * BLOCK_SLOTS + at, services[service]!, row.text());
  }
}
