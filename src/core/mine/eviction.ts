// Keeps the miner within its bounds: what was unused for longest goes first.
import {
  KEPT_SHARE,
  SIGNATURES_IN_ALL,
  SIGNATURES_PER_SERVICE,
  SIGNATURES_PER_TEMPLATE,
  TEMPLATES_IN_ALL,
  TEMPLATES_PER_SERVICE,
} from './limits.ts';
import type { ServiceTemplates } from './service-templates.ts';
import type { LearntTemplate } from './template.ts';

export interface Limits {
  readonly perService: number;
  readonly inAll: number;
}

const LIMITS: Limits = { perService: TEMPLATES_PER_SERVICE, inAll: TEMPLATES_IN_ALL };

export type Eviction = readonly [service: ServiceTemplates, template: LearntTemplate];

/**
 * Templates to evict, in order: of each service over its cap; then, with too many in all, of the largest services, so
 * that those that keep within their share lose nothing; and only when there are more services than room, the oldest.
 */
export function evictTemplates(
  services: ReadonlyMap<string, ServiceTemplates>,
  held: number,
  limits: Limits = LIMITS,
): Eviction[] {
  const evicted: Eviction[] = [];
  const cap = held > limits.inAll ? fairShare(templateCounts(services), limits) : limits.perService;
  for (const service of inKeyOrder(services)) {
    if (service.templates.size <= cap) continue;
    const oldest = [...service.templates.values()].sort(
      (a, b) => hourOf(service, a) - hourOf(service, b) || compare(a.id, b.id),
    );
    const excess = oldest.length - Math.max(1, Math.floor(cap * KEPT_SHARE));
    for (const template of oldest.slice(0, excess)) evicted.push([service, template]);
  }
  if (held - evicted.length > limits.inAll)
    evictOldest(services, evicted, Math.floor(limits.inAll * KEPT_SHARE));
  return evicted;
}

function templateCounts(services: ReadonlyMap<string, ServiceTemplates>): number[] {
  return [...services.values()].map((service) => service.templates.size);
}

/** Largest number per service, at least one, at which all services together stay within the total. */
function fairShare(counts: readonly number[], limits: Limits): number {
  const sizes = [...counts].sort((a, b) => a - b);
  let left = limits.inAll;
  for (let i = 0; i < sizes.length; i++) {
    const share = Math.max(1, Math.floor(left / (sizes.length - i)));
    if (sizes[i]! > share) return Math.min(share, limits.perService);
    left -= sizes[i]!;
  }
  return limits.perService;
}

function evictOldest(
  services: ReadonlyMap<string, ServiceTemplates>,
  evicted: Eviction[],
  keep: number,
): void {
  const gone = new Set(evicted.map(([, template]) => template));
  const rest = inKeyOrder(services).flatMap((service) =>
    [...service.templates.values()]
      .filter((template) => !gone.has(template))
      .map((template): Eviction => [service, template]),
  );
  rest.sort(
    (a, b) => hourOf(...a) - hourOf(...b) || compare(a[0].service, b[0].service) || compare(a[1].id, b[1].id),
  );
  evicted.push(...rest.slice(0, Math.max(0, rest.length - keep)));
}

/**
 * Forgets signatures over the caps of their template, their service and all services, those unseen for longest first;
 * their templates stay and are found again by form. Returns how many were forgotten.
 */
export function forgetSignatures(services: ReadonlyMap<string, ServiceTemplates>): number {
  let held = 0;
  let forgotten = 0;
  for (const service of services.values()) {
    const { signatures } = service;
    for (const template of signatures.takeOverfull()) {
      const oldest = signatures.oldestFirst(template);
      forgotten += forget(service, oldest, Math.floor(SIGNATURES_PER_TEMPLATE * KEPT_SHARE));
    }
    held += signatures.size;
  }
  const limits = { perService: SIGNATURES_PER_SERVICE, inAll: SIGNATURES_IN_ALL };
  const sizes = [...services.values()].map(({ signatures }) => signatures.size);
  const cap = held > limits.inAll ? fairShare(sizes, limits) : limits.perService;
  for (const service of services.values()) {
    if (service.signatures.size <= cap) continue;
    forgotten += forget(service, service.signatures.oldestFirst(null), Math.floor(cap * KEPT_SHARE));
  }
  return forgotten;
}

function forget(service: ServiceTemplates, oldestFirst: readonly number[], keep: number): number {
  const excess = oldestFirst.slice(0, Math.max(0, oldestFirst.length - keep));
  const gone = new Set(excess);
  for (const template of new Set(excess.map((entry) => service.atEntry(entry)!)))
    service.signatures.forget(template, (entry) => gone.has(entry));
  return excess.length;
}

/** The hour in which a template was seen last. */
function hourOf(service: ServiceTemplates, template: LearntTemplate): number {
  return service.templates.hourAt(template.slot);
}

function inKeyOrder(services: ReadonlyMap<string, ServiceTemplates>): ServiceTemplates[] {
  return [...services.values()].sort((a, b) => compare(a.service, b.service));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
