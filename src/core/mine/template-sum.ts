// Adds the signatures of one template up into one count.
import type {
  CountedSet,
  KeptRecord,
  SeverityClass,
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
 * What a template was seen doing in one bucket. Sums and minima: the order of `add` does not matter. Numbers are read from
 * the first signature at once, as several stages ask for them; the rest is read when it is asked for, which nobody does of
 * most templates. Most have one signature in a bucket.
 */
export class TemplateSum implements TemplateCount {
  readonly templateId: string;
  /** Hidden from whoever compares or prints what was counted: after a restart it is another one. */
  readonly #handle: number;
  records: number;
  severity: SeverityClass;
  firstMs: number;
  lastMs: number;
  readonly created: boolean;
  readonly candidate: boolean;
  private readonly first: SignatureBucket;
  private others: SignatureBucket[] | null = null;

  constructor(
    templateId: string,
    handle: number,
    created: boolean,
    candidate: boolean,
    first: SignatureBucket,
  ) {
    this.templateId = templateId;
    this.#handle = handle;
    this.records = first.records;
    this.severity = first.severity;
    this.firstMs = first.firstMs;
    this.lastMs = first.lastMs;
    this.created = created;
    this.candidate = candidate;
    this.first = first;
  }

  add(signature: SignatureBucket): void {
    this.others ??= [];
    this.others.push(signature);
    this.records += signature.records;
    this.severity = Math.max(this.severity, signature.severity) as SeverityClass;
    this.firstMs = Math.min(this.firstMs, signature.firstMs);
    this.lastMs = Math.max(this.lastMs, signature.lastMs);
  }

  get handle(): number {
    return this.#handle;
  }

  get versions(): readonly (readonly [string, number])[] {
    if (this.others === null) return [[this.first.version, this.first.records]];
    const versions = new Map<string, number>();
    for (const { version, records } of this.signatures()) add(versions, version, records);
    return [...versions].sort(byName);
  }

  /** Counts of a set that was censored before are lower bounds, as the flag says. */
  get instances(): CountedSet {
    if (this.others === null) {
      const { instances } = this.first;
      if (instances.members.length <= INSTANCES_MAX) return instances;
    }
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
    for (const one of this.others ?? []) {
      // The exemplar is the first record: a later one need not be made.
      if (one.firstMs > exemplar.timeMs) continue;
      const other = one.exemplar;
      if (compareKept(other, exemplar) < 0) exemplar = other;
    }
    return exemplar;
  }

  /** All samples where there is room, else the bottom ones by a hash of their position. */
  get sample(): readonly KeptRecord[] {
    const kept = this.others === null ? this.first.sample : this.signatures().flatMap(({ sample }) => sample);
    if (kept.length <= SAMPLE_MAX) return this.others === null ? kept : [...kept].sort(compareKept);
    return kept
      .map((record) => ({ record, hash: hashString(positionText(record), SAMPLE_SEED) }))
      .sort((a, b) => a.hash - b.hash || compareKept(a.record, b.record))
      .slice(0, SAMPLE_MAX)
      .map((entry) => entry.record)
      .sort(compareKept);
  }

  private signatures(): readonly SignatureBucket[] {
    return this.others === null ? [this.first] : [this.first, ...this.others];
  }
}

function positionText({ position }: KeptRecord): string {
  return `${position.source}/${position.topic}/${position.partition}@${position.offset}.${position.index}`;
}

function add(counts: Map<string, number>, name: string, records: number): void {
  counts.set(name, (counts.get(name) ?? 0) + records);
}
