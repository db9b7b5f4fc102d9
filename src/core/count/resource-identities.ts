import type { Resource } from '../../contracts.ts';
import { instanceHash } from './instances.ts';

/** Resources whose identity is remembered; twice what the decoder holds. When full, all are forgotten. */
const IDENTITIES_MAX = 8_192;

/** What every bucket needs of a resource, made once. */
export interface ResourceIdentity {
  /** Service and version. */
  readonly seriesKey: string;
  readonly instanceHash: number;
}

/** Identities by resource object, across buckets: decoded resources are interned, so most are seen in every bucket. */
export class ResourceIdentities {
  readonly #held = new Map<Resource, ResourceIdentity>();

  of(resource: Resource): ResourceIdentity {
    let identity = this.#held.get(resource);
    if (identity === undefined) {
      identity = {
        seriesKey: `${resource.service.key}\u001e${resource.version}`,
        instanceHash: instanceHash(resource.instance),
      };
      if (this.#held.size >= IDENTITIES_MAX) this.#held.clear();
      this.#held.set(resource, identity);
    }
    return identity;
  }
}
