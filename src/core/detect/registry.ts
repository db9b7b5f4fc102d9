import type { AnyStateRow, ServiceRef, SeverityClass, StateValue, TemplateCount } from '../../contracts.ts';
import { RowWriter } from '../row-bytes.ts';
import { readNumbers, readRates, readTemplates } from './block-bytes.ts';
import { compareText } from './findings.ts';
import { HeldTemplates } from './held-templates.ts';
import { readService, serviceText, writeSeries, writeServiceNumbers } from './service-rows.ts';
import { newServiceState, type ServiceState } from './service-state.ts';
import {
  RATE_TABLE,
  SERIES_TABLE,
  SERVICE_NUMBERS_TABLE,
  SERVICE_TABLE,
  splitBlockKey,
  TEMPLATE_NUMBERS_TABLE,
  TEMPLATE_TABLE,
} from './state-tables.ts';
import { TemplateBlocks } from './template-blocks.ts';
import { TemplateState } from './template-state.ts';

/** Evicting a share at once makes eviction rare; the share is small enough to keep what is in use. */
const EVICT_SHARE = 0.05;

/** Ids remembered per service after eviction, so that their return is not taken for something new. */
const TOMBSTONES_MAX = 2_000;

/** A service with records in the open minute, and its templates with records. */
interface Present {
  readonly service: ServiceState;
  readonly templates: TemplateState[];
}

/**
 * All services and templates held, what of them changed since the last checkpoint, and what is present in the open
 * minute. Invariant after `evict`: at most `templatesMax` templates and `servicesMax` services.
 */
export class Registry {
  readonly #templatesMax: number;
  readonly #servicesMax: number;
  readonly #services = new Map<string, ServiceState>();
  /** Keys of the services whose rows of a table are to be written; services come with all of them. */
  readonly #changedTexts = new Set<string>();
  readonly #changedNumbers = new Set<string>();
  readonly #changedSeries = new Set<string>();
  readonly #blocks = new TemplateBlocks();
  readonly #held = new HeldTemplates();
  readonly #writer = new RowWriter();
  #present = new Map<string, Present>();
  #presentMinute = -1;

  constructor(templatesMax: number, servicesMax: number) {
    this.#templatesMax = templatesMax;
    this.#servicesMax = servicesMax;
  }

  get templates(): number {
    return this.#held.size;
  }

  get serviceCount(): number {
    return this.#services.size;
  }

  /** In no particular order: nothing that comes out may depend on it. */
  services(): IterableIterator<ServiceState> {
    return this.#services.values();
  }

  service(key: string): ServiceState | undefined {
    return this.#services.get(key);
  }

  open(
    ref: ServiceRef,
    ms: number,
    minute: number,
    fleetExposure: number,
    fleetObserved: number,
  ): ServiceState {
    let service = this.#services.get(ref.key);
    if (service === undefined) {
      service = newServiceState(this.#held, ref, ms, minute, fleetExposure, fleetObserved);
      this.#services.set(ref.key, service);
      this.#changedTexts.add(ref.key);
      this.#changedSeries.add(ref.key);
    }
    this.#changedNumbers.add(ref.key);
    return service;
  }

  /**
   * The state of a template that was counted. `before` is that of the one counted before it, null = it is the first: most come
   * after the same one as the last time.
   */
  find(
    service: ServiceState,
    { templateId, handle }: Pick<TemplateCount, 'templateId' | 'handle'>,
    before: TemplateState | null,
  ): TemplateState | undefined {
    const guess = before === null ? null : before.next;
    if (guess !== null && guess.handle === handle && handle !== 0 && guess.block !== null) return guess;
    const template = service.templates.get(templateId);
    if (template === undefined) return undefined;
    template.handle = handle;
    if (before !== null) before.next = template;
    return template;
  }

  /** A template that was not held. */
  add(service: ServiceState, id: string, firstMs: number, severity: SeverityClass): TemplateState {
    const template = new TemplateState(this.#held.rows, id, firstMs, severity);
    this.#blocks.add(service, template);
    this.#held.add(template);
    return template;
  }

  /** Marks what a record changes of a template. */
  touch(template: TemplateState): void {
    this.#blocks.touch(template);
  }

  /** Marks the rate of a template as changed, if it has one. */
  touchRate(template: TemplateState): void {
    this.#blocks.touchRate(template);
  }

  /** Marks all of a template as changed. */
  touchAll(template: TemplateState): void {
    this.#blocks.touchAll(template);
  }

  /** A minute was judged. All of it is marked again: a checkpoint may have been taken since its records came. */
  touchMinute(service: ServiceState, templates: readonly TemplateState[]): void {
    this.touchService(service);
    this.touchSeries(service);
    for (const template of templates) {
      this.touch(template);
      this.touchRate(template);
    }
  }

  touchSeries(service: ServiceState): void {
    this.#changedSeries.add(service.ref.key);
  }

  /** Marks the numbers of a service as changed, all that are not of its series or templates. */
  touchService(service: ServiceState): void {
    this.#changedNumbers.add(service.ref.key);
  }

  /** Marks what of a service is no number as changed: its overflow, its trial. */
  touchText(service: ServiceState): void {
    this.#changedTexts.add(service.ref.key);
  }

  remove(serviceKey: string, templateId: string, tombstone: boolean): void {
    const service = this.#services.get(serviceKey);
    if (service === undefined) return;
    const template = service.templates.get(templateId);
    if (template !== undefined) {
      this.#held.remove(template);
      this.#blocks.remove(template);
    }
    if (!tombstone) return;
    service.tombstones.delete(templateId);
    service.tombstones.add(templateId);
    if (service.tombstones.size > TOMBSTONES_MAX)
      service.tombstones.delete(service.tombstones.values().next().value!);
    this.#changedTexts.add(serviceKey);
  }

  present(service: ServiceState, minute: number): void {
    this.#presentMinute = minute;
    if (!this.#present.has(service.ref.key)) this.#present.set(service.ref.key, { service, templates: [] });
  }

  /** Adds a template to the open minute; its service must be present. */
  presentTemplate(service: ServiceState, template: TemplateState): void {
    this.#present.get(service.ref.key)?.templates.push(template);
  }

  isPresent(minute: number): boolean {
    return this.#presentMinute === minute && this.#present.size > 0;
  }

  /** Services with records in the open minute, by key, their templates in no particular order; begins a new minute. */
  takePresent(): Present[] {
    const present = [...this.#present.values()].sort((x, y) =>
      compareText(x.service.ref.key, y.service.ref.key),
    );
    this.#present = new Map();
    return present;
  }

  /** Forgets the longest unseen beyond the bounds. */
  evict(): void {
    if (this.#services.size > this.#servicesMax) this.#evictServices();
    if (this.templates > this.#templatesMax) this.#evictTemplates();
  }

  takeChanges(): AnyStateRow[] {
    const rows: AnyStateRow[] = [];
    const writer = this.#writer;
    this.#take(rows, SERVICE_TABLE, this.#changedTexts, serviceText);
    this.#take(rows, SERVICE_NUMBERS_TABLE, this.#changedNumbers, (service) => {
      writeServiceNumbers(writer, service);
      return writer.take();
    });
    this.#take(rows, SERIES_TABLE, this.#changedSeries, (service) => {
      writeSeries(writer, service);
      return writer.take();
    });
    for (const row of this.#blocks.takeChanges()) rows.push(row);
    return rows;
  }

  load(rows: readonly AnyStateRow[]): void {
    const numbers = new Map(bytesOf(rows, SERVICE_NUMBERS_TABLE));
    const series = new Map(bytesOf(rows, SERIES_TABLE));
    for (const { table, key, value } of rows) {
      if (table !== SERVICE_TABLE || typeof value !== 'string') continue;
      this.#services.set(key, readService(value, numbers.get(key)!, series.get(key)!, this.#held));
    }
    for (const [key, value] of bytesOf(rows, TEMPLATE_TABLE)) {
      const { service, number } = this.#blockOf(key);
      for (const template of readTemplates(value, this.#held.rows)) {
        this.#blocks.place(service, template, number);
        this.#held.add(template);
      }
    }
    for (const [key, value] of bytesOf(rows, TEMPLATE_NUMBERS_TABLE))
      readNumbers(value, this.#templatesOf(key));
    for (const [key, value] of bytesOf(rows, RATE_TABLE)) readRates(value, this.#templatesOf(key));
    for (const service of this.#services.values()) this.#reopen(service);
  }

  #blockOf(key: string): { service: ServiceState; number: number } {
    const { serviceKey, number } = splitBlockKey(key);
    return { service: this.#services.get(serviceKey)!, number };
  }

  #templatesOf(key: string): TemplateState[] {
    const { service, number } = this.#blockOf(key);
    return service.templates.blocks[number]!.templates;
  }

  /** What was present in the open minute is so again. */
  #reopen(service: ServiceState): void {
    if (service.openMinute === null) return;
    this.present(service, service.openMinute);
    for (const template of service.templates.all())
      if (template.isOpen) this.presentTemplate(service, template);
  }

  /** Adds the rows of the services that changed; begins to note changes anew. */
  #take(
    rows: AnyStateRow[],
    table: string,
    changed: Set<string>,
    write: (service: ServiceState) => StateValue,
  ): void {
    for (const key of [...changed].sort(compareText)) {
      const service = this.#services.get(key);
      rows.push({ table, key, value: service === undefined ? null : write(service) });
    }
    changed.clear();
  }

  #evictServices(): void {
    const oldest = [...this.#services.values()].sort(
      (x, y) => x.lastMs - y.lastMs || compareText(x.ref.key, y.ref.key),
    );
    const target = Math.floor(this.#servicesMax * (1 - EVICT_SHARE));
    for (const service of oldest.slice(0, oldest.length - target)) {
      const { key } = service.ref;
      for (const { id } of service.templates.all()) this.remove(key, id, false);
      this.#services.delete(key);
      this.#present.delete(key);
      this.#changedTexts.add(key);
      this.#changedNumbers.add(key);
      this.#changedSeries.add(key);
    }
  }

  #evictTemplates(): void {
    const all: { service: ServiceState; template: TemplateState }[] = [];
    for (const service of this.#services.values()) {
      for (const template of service.templates.all()) if (!template.isOpen) all.push({ service, template });
    }
    all.sort(
      (x, y) =>
        x.template.lastMs - y.template.lastMs ||
        compareText(x.service.ref.key, y.service.ref.key) ||
        compareText(x.template.id, y.template.id),
    );
    const excess = this.templates - Math.floor(this.#templatesMax * (1 - EVICT_SHARE));
    for (const { service, template } of all.slice(0, excess)) this.remove(service.ref.key, template.id, true);
  }
}

/** Key and value of each row of a table of bytes. */
function* bytesOf(rows: readonly AnyStateRow[], table: string): Generator<[string, Uint8Array]> {
  for (const row of rows)
    if (row.table === table && row.value instanceof Uint8Array) yield [row.key, row.value];
}
