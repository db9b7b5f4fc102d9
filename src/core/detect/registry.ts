import type { ServiceRef, StateRow } from '../../contracts.ts';
import { compareText } from './findings.ts';
import { newServiceState, type ServiceState } from './service-state.ts';
import {
  readService,
  readTemplate,
  SERVICE_TABLE,
  serviceRow,
  splitTemplateKey,
  TEMPLATE_TABLE,
  templateKey,
  templateRow,
} from './state-rows.ts';
import type { TemplateState } from './template-state.ts';

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
  readonly #changedServices = new Set<string>();
  /** Changed template → key of its service: no string is built per record. */
  readonly #changedTemplates = new Map<TemplateState, string>();
  /** Row keys of templates that are gone. */
  readonly #removedTemplates = new Set<string>();
  #present = new Map<string, Present>();
  #presentMinute = -1;
  #templates = 0;

  constructor(templatesMax: number, servicesMax: number) {
    this.#templatesMax = templatesMax;
    this.#servicesMax = servicesMax;
  }

  get templates(): number {
    return this.#templates;
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
      service = newServiceState(ref, ms, minute, fleetExposure, fleetObserved);
      this.#services.set(ref.key, service);
    }
    this.#changedServices.add(ref.key);
    return service;
  }

  add(service: ServiceState, template: TemplateState): void {
    service.templates.set(template.id, template);
    this.#templates += 1;
  }

  /** Marks a template as changed. */
  touch(service: ServiceState, template: TemplateState): void {
    this.#changedTemplates.set(template, service.ref.key);
  }

  touchService(service: ServiceState): void {
    this.#changedServices.add(service.ref.key);
  }

  remove(serviceKey: string, templateId: string, tombstone: boolean): void {
    const service = this.#services.get(serviceKey);
    if (service === undefined) return;
    const template = service.templates.get(templateId);
    if (template !== undefined) {
      service.templates.delete(templateId);
      template.open = null;
      this.#templates -= 1;
      service.busy.delete(templateId);
      this.#changedTemplates.delete(template);
      this.#removedTemplates.add(templateKey(serviceKey, templateId));
    }
    if (!tombstone) return;
    service.tombstones.delete(templateId);
    service.tombstones.add(templateId);
    if (service.tombstones.size > TOMBSTONES_MAX)
      service.tombstones.delete(service.tombstones.values().next().value!);
    this.#changedServices.add(serviceKey);
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

  /** Services with records in the open minute, by key, their templates by id; begins a new minute. */
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
    if (this.#templates > this.#templatesMax) this.#evictTemplates();
  }

  takeChanges(): StateRow[] {
    const rows: StateRow[] = [];
    for (const key of [...this.#changedServices].sort(compareText)) {
      const service = this.#services.get(key);
      rows.push(service === undefined ? { table: SERVICE_TABLE, key, value: null } : serviceRow(service));
    }
    const templates: StateRow[] = [];
    for (const [template, serviceKey] of this.#changedTemplates)
      templates.push(templateRow(serviceKey, template));
    for (const key of this.#removedTemplates) {
      const { serviceKey, templateId } = splitTemplateKey(key);
      if (this.#services.get(serviceKey)?.templates.has(templateId)) continue;
      templates.push({ table: TEMPLATE_TABLE, key, value: null });
    }
    for (const row of templates.sort((x, y) => compareText(x.key, y.key))) rows.push(row);
    this.#removedTemplates.clear();
    this.#changedServices.clear();
    this.#changedTemplates.clear();
    return rows;
  }

  load(rows: readonly StateRow[]): void {
    for (const row of rows) {
      if (row.table === SERVICE_TABLE && row.value !== null)
        this.#services.set(row.key, readService(row.value));
    }
    for (const service of this.#services.values()) {
      if (service.openMinute !== null) this.present(service, service.openMinute);
    }
    for (const row of rows) {
      if (row.table !== TEMPLATE_TABLE || row.value === null) continue;
      const { serviceKey, templateId } = splitTemplateKey(row.key);
      const service = this.#services.get(serviceKey);
      if (service === undefined) continue;
      const template = readTemplate(templateId, row.value);
      this.add(service, template);
      if (template.open !== null) this.presentTemplate(service, template);
    }
  }

  #evictServices(): void {
    const oldest = [...this.#services.values()].sort(
      (x, y) => x.lastMs - y.lastMs || compareText(x.ref.key, y.ref.key),
    );
    const target = Math.floor(this.#servicesMax * (1 - EVICT_SHARE));
    for (const service of oldest.slice(0, oldest.length - target)) {
      const { key } = service.ref;
      for (const id of [...service.templates.keys()]) this.remove(key, id, false);
      this.#services.delete(key);
      this.#present.delete(key);
      this.#changedServices.add(key);
    }
  }

  #evictTemplates(): void {
    const all: { service: ServiceState; template: TemplateState }[] = [];
    for (const service of this.#services.values()) {
      for (const template of service.templates.values())
        if (template.open === null) all.push({ service, template });
    }
    all.sort(
      (x, y) =>
        x.template.lastMs - y.template.lastMs ||
        compareText(x.service.ref.key, y.service.ref.key) ||
        compareText(x.template.id, y.template.id),
    );
    const excess = this.#templates - Math.floor(this.#templatesMax * (1 - EVICT_SHARE));
    for (const { service, template } of all.slice(0, excess)) this.remove(service.ref.key, template.id, true);
  }
}
