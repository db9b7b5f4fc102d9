import type {
  AnyStateRow,
  DropReason,
  MinedBucket,
  MinedService,
  ServiceRef,
  StateRow,
} from '../../contracts.ts';
import { RowReader, RowWriter } from '../row-bytes.ts';
import { NONE } from '../slot-index.ts';
import { RING_MINUTES, RING_TEMPLATES_MAX } from './limits.ts';
import { type RingMinute, readMinute, readNames, writeMinute, writeNames } from './ring-row.ts';
import { type RingService, RingSlots } from './ring-slots.ts';

export const MINUTE_MS = 60_000;

export const DROP_REASONS: readonly DropReason[] = [
  'late',
  'malformed',
  'time_out_of_range',
  'no_time',
  'too_large',
  'overflow',
];

/** Keys of rows: a minute is its number, these go before the numbers of a block of names and of a service. */
const NAMES_KEY = 'n';
const SERVICE_KEY = 's';

/**
 * Counts per minute of all services and templates of the last `RING_MINUTES`: what was normal just before a finding.
 * A minute without any bucket has no entry: nothing is known about it. Buckets come in order.
 */
export class MinuteRing {
  readonly table: string;
  /** Ascending. */
  #minutes: RingMinute[] = [];
  readonly #services = new Map<string, RingService>();
  /** The same by their numbers; none is free before `#freeFrom`. */
  readonly #numbered: (RingService | undefined)[] = [];
  #freeFrom = 0;
  readonly #slots = new RingSlots();
  readonly #changed = new Set<number>();
  readonly #changedServices = new Set<number>();
  readonly #writer = new RowWriter();

  constructor(table: string) {
    this.table = table;
  }

  add(bucket: MinedBucket): void {
    const minute = this.#open(Math.floor(bucket.startMs / MINUTE_MS));
    for (const mined of bucket.services) this.#addService(minute, mined);
    for (const reason of DROP_REASONS) {
      const records = bucket.accounting.dropped[reason];
      if (records > 0) minute.dropped.set(reason, (minute.dropped.get(reason) ?? 0) + records);
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
    const service = this.#services.get(serviceKey);
    const slot = templateId === null || service === undefined ? NONE : this.#slots.find(service, templateId);
    for (const { minute, services, incomplete } of this.#minutes) {
      if (minute < from) continue;
      if (templateId === null) {
        out.set(minute, (service && services.get(service)) ?? 0);
        continue;
      }
      const records = slot === NONE ? 0 : this.#slots.count(slot, columnOf(minute));
      if (records > 0 || !incomplete) out.set(minute, records);
    }
    return out;
  }

  /** Records dropped from `fromMs` on, by reason; of all tenants, for a dropped record may have none. */
  dropped(fromMs: number): Map<DropReason, number> {
    const out = new Map<DropReason, number>();
    for (const { minute, dropped } of this.#minutes) {
      if (minute < Math.floor(fromMs / MINUTE_MS)) continue;
      for (const [reason, records] of dropped) out.set(reason, (out.get(reason) ?? 0) + records);
    }
    return out;
  }

  /** Services of a tenant and environment seen within the ring, by name. */
  servicesByName(tenant: string, environment: string): Map<string, ServiceRef> {
    const out = new Map<string, ServiceRef>();
    for (const { services } of this.#minutes) {
      for (const { ref } of services.keys()) {
        if (ref.tenant === tenant && ref.environment === environment) out.set(ref.name, ref);
      }
    }
    return out;
  }

  /** Keys of a tenant's services seen within the ring. */
  serviceKeys(tenant: string): Set<string> {
    const out = new Set<string>();
    for (const { services } of this.#minutes) {
      for (const { ref } of services.keys()) if (ref.tenant === tenant) out.add(ref.key);
    }
    return out;
  }

  /** Start of the oldest minute held, or null. */
  get oldestMs(): number | null {
    const oldest = this.#minutes[0];
    return oldest === undefined ? null : oldest.minute * MINUTE_MS;
  }

  takeChanges(): StateRow<Uint8Array>[] {
    const { table } = this;
    const rows: StateRow<Uint8Array>[] = [];
    for (const number of ascending(this.#changedServices))
      rows.push({ table, key: SERVICE_KEY + number, value: this.#serviceRow(this.#numbered[number]) });
    for (const block of this.#slots.takeChanged()) {
      const names = this.#slots.names(block);
      rows.push({ table, key: NAMES_KEY + block, value: names && writeNames(this.#writer, names) });
    }
    for (const number of ascending(this.#changed)) {
      const minute = this.#minutes.find((one) => one.minute === number);
      rows.push({ table, key: String(number), value: minute === undefined ? null : this.#minuteRow(minute) });
    }
    this.#changed.clear();
    this.#changedServices.clear();
    return rows;
  }

  load(rows: readonly AnyStateRow[]): void {
    const minutes: [number, Uint8Array][] = [];
    const blocks: [number, Uint8Array][] = [];
    for (const { table, key, value } of rows) {
      if (table !== this.table || !(value instanceof Uint8Array)) continue;
      if (key.startsWith(SERVICE_KEY)) {
        const ref = JSON.parse(new RowReader(value).text()) as ServiceRef;
        this.#place(ref, Number(key.slice(1)));
      } else if (key.startsWith(NAMES_KEY)) blocks.push([Number(key.slice(1)), value]);
      else minutes.push([Number(key), value]);
    }
    const services = this.#numbered;
    for (const [block, value] of blocks) readNames(value, block, services, this.#slots);
    this.#minutes = minutes
      .sort(([a], [b]) => a - b)
      .map(([minute, value]) => readMinute(value, minute, services, this.#slots, columnOf(minute)));
  }

  /** The minute to add to; a new one takes the place of the one that is as old as the ring is long. */
  #open(number: number): RingMinute {
    this.#changed.add(number);
    const last = this.#minutes.at(-1);
    if (last?.minute === number) return last;
    this.#drop(number - RING_MINUTES);
    const minute = { minute: number, services: new Map(), dropped: new Map(), entries: 0, incomplete: false };
    this.#minutes.push(minute);
    return minute;
  }

  #addService(minute: RingMinute, { service: ref, records, templates }: MinedService): void {
    const service = this.#serviceOf(ref);
    minute.services.set(service, (minute.services.get(service) ?? 0) + records);
    const column = columnOf(minute.minute);
    let slot = NONE;
    for (const count of templates) {
      const { records } = count;
      slot = this.#slots.findNear(slot + 1, service, count);
      if (slot === NONE || this.#slots.count(slot, column) === 0) {
        if (minute.entries >= RING_TEMPLATES_MAX) {
          minute.incomplete = true;
          continue;
        }
        minute.entries++;
        if (slot === NONE) slot = this.#slots.take(service, count.templateId);
      }
      this.#slots.add(slot, column, records);
    }
  }

  #serviceOf(ref: ServiceRef): RingService {
    let service = this.#services.get(ref.key);
    if (service === undefined) {
      while (this.#numbered[this.#freeFrom] !== undefined) this.#freeFrom++;
      service = this.#place(ref, this.#freeFrom);
      this.#changedServices.add(service.number);
    }
    return service;
  }

  #place(ref: ServiceRef, number: number): RingService {
    const service = { number, ref };
    this.#services.set(ref.key, service);
    this.#numbered[number] = service;
    return service;
  }

  #drop(upTo: number): void {
    for (let oldest = this.#minutes[0]; oldest !== undefined && oldest.minute <= upTo; ) {
      this.#minutes.shift();
      this.#changed.add(oldest.minute);
      this.#slots.clear(columnOf(oldest.minute));
      for (const service of oldest.services.keys()) {
        if (this.#minutes.some(({ services }) => services.has(service))) continue;
        this.#services.delete(service.ref.key);
        this.#numbered[service.number] = undefined;
        this.#freeFrom = Math.min(this.#freeFrom, service.number);
        this.#changedServices.add(service.number);
      }
      oldest = this.#minutes[0];
    }
  }

  #rename(serviceKey: string, templateId: string, into: string): void {
    const service = this.#services.get(serviceKey);
    if (service === undefined || into === templateId) return;
    const from = this.#slots.find(service, templateId);
    if (from === NONE) return;
    let to = this.#slots.find(service, into);
    if (to === NONE) to = this.#slots.take(service, into);
    this.#slots.move(from, to, (column) => {
      this.#changed.add(this.#minutes.find(({ minute }) => columnOf(minute) === column)!.minute);
    });
  }

  #minuteRow(minute: RingMinute): Uint8Array {
    return writeMinute(this.#writer, minute, this.#slots, columnOf(minute.minute));
  }

  #serviceRow(service: RingService | undefined): Uint8Array | null {
    if (service === undefined) return null;
    this.#writer.text(JSON.stringify(service.ref));
    return this.#writer.take();
  }
}

/** Minutes that are in the ring together have places of their own. */
function columnOf(minute: number): number {
  return ((minute % RING_MINUTES) + RING_MINUTES) % RING_MINUTES;
}

function ascending(numbers: ReadonlySet<number>): number[] {
  return [...numbers].sort((a, b) => a - b);
}
