// Adds the signatures of one template up into one count.
import type {
  CountedSet,
  KeptRecord,
  SeverityCounts,
  SignatureBucket,
  TemplateCount,
} from '../../contracts.ts';
import { byName } from '../count/by-name.ts';
import { compareKept } from '../count/compare-kept.ts';
import { instanceHash } from '../count/instances.ts';
import { hashString } from '../hash.ts';
import { INSTANCES_MAX, SAMPLE_MAX } from './limits.ts';

const SAMPLE_SEED = 0x2c9277b5;

/**
 * What a template was seen doing in one bucket. Sums and minima: the order of `add` does not matter. It is read from its
 * signatures, so that what nobody asks for is not made; most templates have one.
 */
export class TemplateSum implements TemplateCount {
  readonly templateId: string;
  readonly created: boolean;
  readonly candidate: boolean;
  private readonly first: SignatureBucket;
  private more: SignatureBucket[] | null = null;

  constructor(templateId: string, created: boolean, candidate: boolean, first: SignatureBucket) {
    this.templateId = templateId;
    this.created = created;
    this.candidate = candidate;
    this.first = first;
  }

  add(signature: SignatureBucket): void {
    this.more ??= [];
    this.more.push(signature);
  }

  get records(): number {
    let { records } = this.first;
    if (this.more !== null) for (const one of this.more) records += one.records;
    return records;
  }

  get severity(): SeverityCounts {
    const { severity } = this.first;
    if (this.more === null) return severity;
    const sum: SeverityCounts = [...severity];
    for (const one of this.more) {
      const added = one.severity;
      for (let i = 0; i < sum.length; i++) sum[i]! += added[i]!;
    }
    return sum;
  }

  get firstMs(): number {
    let { firstMs } = this.first;
    if (this.more !== null) for (const one of this.more) firstMs = Math.min(firstMs, one.firstMs);
    return firstMs;
  }

  get lastMs(): number {
    let { lastMs } = this.first;
    if (this.more !== null) for (const one of this.more) lastMs = Math.max(lastMs, one.lastMs);
    return lastMs;
  }

  get versions(): readonly (readonly [string, number])[] {
    if (this.more === null) return [[this.first.version, this.first.records]];
    const versions = new Map<string, number>();
    for (const { version, records } of this.signatures()) add(versions, version, records);
    return [...versions].sort(byName);
  }

  /** Counts of a set that was censored before are lower bounds, as the flag says. */
  get instances(): CountedSet {
    const counts = new Map<string, number>();
    let censored = false;
    for (const { instances } of this.signatures()) {
      for (const [name, records] of instances.members) add(counts, name, records);
      if (instances.censored) censored = true;
    }
    if (counts.size <= INSTANCES_MAX) return { members: [...counts].sort(byName), censored };
    const smallest = [...counts]
      .map(([name, records]) => ({ name, records, hash: instanceHash(name) }))
      .sort((a, b) => a.hash - b.hash || (a.name < b.name ? -1 : 1))
      .slice(0, INSTANCES_MAX);
    return { members: smallest.map((m) => [m.name, m.records] as const).sort(byName), censored: true };
  }

  get exemplar(): KeptRecord {
    let { exemplar } = this.first;
    for (const one of this.more ?? []) {
      // The exemplar is the first record: a later one need not be made.
      if (one.firstMs > exemplar.timeMs) continue;
      const other = one.exemplar;
      if (compareKept(other, exemplar) < 0) exemplar = other;
    }
    return exemplar;
  }

  /** All samples where there is room, else the bottom ones by a hash of their position. */
  get sample(): readonly KeptRecord[] {
    const kept = this.signatures().flatMap((signature) => signature.sample);
    if (kept.length <= SAMPLE_MAX) return kept.sort(compareKept);
    return kept
      .map((record) => ({ record, hash: hashString(positionText(record), SAMPLE_SEED) }))
      .sort((a, b) => a.hash - b.hash || compareKept(a.record, b.record))
      .slice(0, SAMPLE_MAX)
      .map((entry) => entry.record)
      .sort(compareKept);
  }

  private signatures(): readonly SignatureBucket[] {
    return this.more === null ? [this.first] : [this.first, ...this.more];
  }
}

function positionText({ position }: KeptRecord): string {
  return `${position.source}/${position.topic}/${position.partition}@${position.offset}.${position.index}`;
}

function add(counts: Map<string, number>, name: string, records: number): void {
  counts.set(name, (counts.get(name) ?? 0) + records);
}
