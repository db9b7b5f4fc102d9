// Keeps the miner within its bounds: what was unused for longest goes first.
import { KEPT_SHARE, SIGNATURES_PER_SERVICE, TEMPLATES_IN_ALL, TEMPLATES_PER_SERVICE } from './limits.ts';
import type { ServiceTemplates } from './service-templates.ts';
import type { LearntTemplate } from './template.ts';

/** Templates to evict, in order: each service over its own cap first, then the largest services until all fit. */
export function evictTemplates(
  services: ReadonlyMap<string, ServiceTemplates>,
  held: number,
): (readonly [ServiceTemplates, LearntTemplate])[] {
  const evicted: (readonly [ServiceTemplates, LearntTemplate])[] = [];
  const cap = held > TEMPLATES_IN_ALL ? fairShare(services) : TEMPLATES_PER_SERVICE;
  for (const service of inKeyOrder(services)) {
    if (service.templates.size <= cap) continue;
    const excess = service.templates.size - Math.floor(cap * KEPT_SHARE);
    const oldest = [...service.templates.values()].sort((a, b) => a.seen - b.seen || (a.id < b.id ? -1 : 1));
    for (const template of oldest.slice(0, excess)) evicted.push([service, template]);
  }
  return evicted;
}

/** Largest number of templates per service at which all services together stay within the total. */
function fairShare(services: ReadonlyMap<string, ServiceTemplates>): number {
  const sizes = [...services.values()].map((service) => service.templates.size).sort((a, b) => a - b);
  let left = TEMPLATES_IN_ALL;
  for (let i = 0; i < sizes.length; i++) {
    const share = Math.floor(left / (sizes.length - i));
    if (sizes[i]! > share) return Math.min(share, TEMPLATES_PER_SERVICE);
    left -= sizes[i]!;
  }
  return TEMPLATES_PER_SERVICE;
}

/** Forgets signatures over the cap; their templates stay and are found again by form. */
export function forgetSignatures(service: ServiceTemplates): void {
  if (service.signatures.size <= SIGNATURES_PER_SERVICE) return;
  const excess = service.signatures.size - Math.floor(SIGNATURES_PER_SERVICE * KEPT_SHARE);
  const oldest = [...service.signatures].sort((a, b) => a[1].seen - b[1].seen || (a[0] < b[0] ? -1 : 1));
  for (const [signature] of oldest.slice(0, excess)) service.forget(signature);
}

function inKeyOrder(services: ReadonlyMap<string, ServiceTemplates>): ServiceTemplates[] {
  return [...services.values()].sort((a, b) => (a.service < b.service ? -1 : 1));
}
