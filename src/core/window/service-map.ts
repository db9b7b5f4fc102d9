import type { ServiceRef } from '../../contracts.ts';
import type { Neighbours } from './neighbours.ts';
import type { MinuteRing } from './ring.ts';

interface Scope {
  readonly tenant: string;
  readonly environment: string;
}

/** Which services there are, by name, and which of them handle the same requests; as of one bucket. */
export class ServiceMap {
  readonly #ring: MinuteRing;
  readonly #neighbours: Neighbours;
  readonly #byName = new Map<string, ReadonlyMap<string, ServiceRef>>();

  constructor(ring: MinuteRing, neighbours: Neighbours) {
    this.#ring = ring;
    this.#neighbours = neighbours;
  }

  /** Call once a bucket, after ring and neighbours took it. */
  refresh(): void {
    this.#byName.clear();
  }

  /** Services of a tenant and environment seen of late, by name. */
  byName({ tenant, environment }: Scope): ReadonlyMap<string, ServiceRef> {
    const key = `${tenant}\u0000${environment}`;
    let services = this.#byName.get(key);
    if (services === undefined) {
      services = this.#ring.servicesByName(tenant, environment);
      this.#byName.set(key, services);
    }
    return services;
  }

  /** Do both services, given by key, handle the same requests? */
  readonly areNeighbours = (a: string, b: string): boolean => this.#neighbours.areNeighbours(a, b);
}
