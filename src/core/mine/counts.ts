// Adds the signatures of one template up into one count.
import type { CountedSet, KeptRecord, SeverityCounts, SignatureBucket } from '../../contracts.ts';
import { compareKept } from '../count/compare-kept.ts';
import { instanceHash } from '../count/instances.ts';
import { hashString } from '../hash.ts';
import { INSTANCES_MAX, SAMPLE_MAX } from './limits.ts';

const SAMPLE_SEED = 0x2c9277b5;

/** True when the sum of this signature alone is the signature itself, as nearly always: nothing is over a cap. */
export function isSum({ sample, instances }: SignatureBucket): boolean {
  return sample.length <= SAMPLE_MAX && instances.members.length <= INSTANCES_MAX;
}

/** What a template was seen doing in one bucket, so far. Sums and minima: the order of `add` does not matter. */
export class CountSum {
  records = 0;
  readonly severity: SeverityCounts = [0, 0, 0, 0, 0];
  firstMs = Number.POSITIVE_INFINITY;
  lastMs = Number.NEGATIVE_INFINITY;
  exemplar: KeptRecord;
  private readonly byVersion = new Map<string, number>();
  private readonly byInstance = new Map<string, number>();
  private instancesCensored = false;
  private readonly kept: KeptRecord[] = [];

  constructor(first: SignatureBucket) {
    this.exemplar = first.exemplar;
  }

  add(signature: SignatureBucket): void {
    this.records += signature.records;
    for (let i = 0; i < this.severity.length; i++) this.severity[i]! += signature.severity[i]!;
    this.firstMs = Math.min(this.firstMs, signature.firstMs);
    this.lastMs = Math.max(this.lastMs, signature.lastMs);
    if (compareKept(signature.exemplar, this.exemplar) < 0) this.exemplar = signature.exemplar;
    add(this.byVersion, signature.version, signature.records);
    for (const [instance, records] of signature.instances.members) add(this.byInstance, instance, records);
    if (signature.instances.censored) this.instancesCensored = true;
    this.kept.push(...signature.sample);
  }

  versions(): readonly (readonly [string, number])[] {
    return [...this.byVersion].sort(byName);
  }

  /** Counts of a set that was censored before are lower bounds, as the flag says. */
  instances(): CountedSet {
    if (this.byInstance.size <= INSTANCES_MAX) {
      return { members: [...this.byInstance].sort(byName), censored: this.instancesCensored };
    }
    const smallest = [...this.byInstance]
      .map(([name, records]) => ({ name, records, hash: instanceHash(name) }))
      .sort((a, b) => a.hash - b.hash || (a.name < b.name ? -1 : 1))
      .slice(0, INSTANCES_MAX);
    return { members: smallest.map((m) => [m.name, m.records] as const).sort(byName), censored: true };
  }

  /** All samples where there is room, else the bottom ones by a hash of their position. */
  sample(): readonly KeptRecord[] {
    if (this.kept.length <= SAMPLE_MAX) return this.kept.sort(compareKept);
    return this.kept
      .map((record) => ({ record, hash: hashString(positionText(record), SAMPLE_SEED) }))
      .sort((a, b) => a.hash - b.hash || compareKept(a.record, b.record))
      .slice(0, SAMPLE_MAX)
      .map((entry) => entry.record)
      .sort(compareKept);
  }
}

function positionText({ position }: KeptRecord): string {
  return `${position.source}/${position.topic}/${position.partition}@${position.offset}.${position.index}`;
}

function add(counts: Map<string, number>, name: string, records: number): void {
  counts.set(name, (counts.get(name) ?? 0) + records);
}

function byName(a: readonly [string, number], b: readonly [string, number]): number {
  return a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0;
}
