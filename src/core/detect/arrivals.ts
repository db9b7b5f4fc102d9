import type { MinedService, TemplateCount } from '../../contracts.ts';
import type { Registry } from './registry.ts';
import type { ServiceState } from './service-state.ts';
import type { TemplateState } from './template-state.ts';

/** One template's records of this bucket beside its state before them. */
export interface Arrival {
  readonly count: TemplateCount;
  readonly state: TemplateState;
  /** Never seen before (and no tombstone). */
  readonly isNew: boolean;
  /** First bucket of its minute with a record. */
  readonly newMinute: boolean;
}

/** A service's templates of a bucket, in the order of their ids. Those that are not held yet are added. */
export function arrivalsOf(
  service: ServiceState,
  mined: MinedService,
  minute: number,
  registry: Registry,
): Arrival[] {
  let before: TemplateState | null = null;
  const arrivals: Arrival[] = [];
  for (const count of mined.templates) {
    const { templateId } = count;
    const known = registry.find(service, count, before);
    const state = known ?? registry.add(service, templateId, count.firstMs, count.severity);
    registry.touch(state);
    arrivals.push({
      count,
      state,
      isNew: known === undefined && !service.tombstones.has(templateId),
      newMinute: state.openMinute !== minute,
    });
    before = state;
  }
  return arrivals;
}
