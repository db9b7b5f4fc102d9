import { hashString } from '../hash.ts';
import { CAP_SLACK, INSTANCE_NAMES_MAX, SERIES_INSTANCES_MAX } from './limits.ts';

const INSTANCE_SEED = 0x51ab;

/** The hash by which instances are told apart and, where there are too many, chosen. */
export function instanceHash(name: string): number {
  return hashString(name, INSTANCE_SEED);
}

interface Entry {
  readonly hash: number;
  value: number;
}

/** Keeps the entries with the smallest hashes: which they are does not depend on the order in which they came. */
class SmallestByHash {
  readonly entries = new Map<string, Entry>();
  readonly #most: number;
  /** From this hash on, entries are not taken. */
  #limit = Number.POSITIVE_INFINITY;

  constructor(most: number) {
    this.#most = most;
  }

  get isCensored(): boolean {
    return this.#limit !== Number.POSITIVE_INFINITY;
  }

  /** The entry of a name, made with `first` when there is none; null = it is not among the smallest. */
  take(name: string, hash: number, first: number): Entry | null {
    const known = this.entries.get(name);
    if (known !== undefined) return known;
    if (hash >= this.#limit) return null;
    const entry = { hash, value: first };
    this.entries.set(name, entry);
    if (this.entries.size < this.#most * CAP_SLACK) return entry;
    this.settle();
    return this.entries.get(name) ?? null;
  }

  /** Makes the cap exact. */
  settle(): void {
    if (this.entries.size <= this.#most) return;
    const byHash = [...this.entries].sort((a, b) => a[1].hash - b[1].hash || (a[0] < b[0] ? -1 : 1));
    this.#limit = byHash[this.#most]![1].hash;
    for (const [name, { hash }] of byHash) if (hash >= this.#limit) this.entries.delete(name);
  }

  clear(): void {
    this.entries.clear();
    this.#limit = Number.POSITIVE_INFINITY;
  }
}

/** Records per instance of one service version. A member was never out of the set, so its count is exact. */
export class InstanceCounts {
  readonly #counts = new SmallestByHash(SERIES_INSTANCES_MAX);

  add(name: string, hash: number, records: number): void {
    const entry = this.#counts.take(name, hash, 0);
    if (entry !== null) entry.value += records;
  }

  /** [name, records] of the members, and whether there were more. Call after the bucket is complete. */
  settled(): { readonly members: [string, number][]; readonly censored: boolean } {
    this.#counts.settle();
    const members: [string, number][] = [];
    for (const [name, { value }] of this.#counts.entries) members.push([name, value]);
    return { members, censored: this.#counts.isCensored };
  }
}

/** Names of the instances that one bucket has seen, by number; number 0 stands for those beyond the cap. */
export class InstanceNames {
  readonly #ids = new SmallestByHash(INSTANCE_NAMES_MAX);
  #next = 1;

  idOf(name: string, hash: number): number {
    const entry = this.#ids.take(name, hash, this.#next);
    if (entry === null) return 0;
    if (entry.value === this.#next) this.#next++;
    return entry.value;
  }

  /** Calls back with number, name and hash of those that are among the smallest by hash in the end. */
  settled(onName: (id: number, name: string, hash: number) => void): void {
    this.#ids.settle();
    for (const [name, { value, hash }] of this.#ids.entries) onName(value, name, hash);
  }

  clear(): void {
    this.#ids.clear();
    this.#next = 1;
  }
}
