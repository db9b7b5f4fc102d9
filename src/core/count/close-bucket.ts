import type { ClosedBucket, ServiceBucket, SeverityCounts } from '../../contracts.ts';
import { byName } from './by-name.ts';
import { ClosedRows } from './closed-rows.ts';
import { BUCKET_STEP_MS, LATENESS_MS } from './limits.ts';
import type { OpenBucket } from './open-bucket.ts';
import type { PartitionClocks } from './partition-clock.ts';
import { RowOrder } from './row-order.ts';
import { CLASSES, type Series } from './series.ts';

/**
 * Gives open buckets the canonically sorted form that stage 2 reads. Its signatures read the open bucket's table and kept
 * records; what the closer holds is scratch memory for the next bucket.
 */
export class BucketCloser {
  readonly #order = new RowOrder();
  readonly #rows: ClosedRows;
  #serviceOf = new Int32Array(64);

  constructor(clocks: PartitionClocks) {
    this.#rows = new ClosedRows(clocks);
  }

  /** Valid until `release`, which must come before the bucket is changed. */
  close(bucket: OpenBucket): ClosedBucket {
    bucket.settle();
    const bySeries = this.#seriesByService(bucket);
    this.#order.sort(bucket, this.#serviceOf, bySeries.length);
    const { rows, starts } = this.#order;
    this.#rows.open(bucket, rows);
    const services = bySeries.map((series, i) => ({
      ...sumOf(series),
      signatures: this.#rows.signatures(starts[i]!, starts[i + 1]!),
    }));
    services.sort((a, b) => compare(a.service.key, b.service.key));
    return {
      startMs: bucket.startMs,
      stepMs: BUCKET_STEP_MS,
      watermarkMs: bucket.startMs + BUCKET_STEP_MS + LATENESS_MS,
      accounting: bucket.accounting(),
      services,
    };
  }

  /** The bucket closed last has been handed over. */
  release(): void {
    this.#rows.close();
  }

  /** The series of each service, and into `#serviceOf` the number of each series' service. */
  #seriesByService(bucket: OpenBucket): Series[][] {
    const numbers = new Map<string, number>();
    const services: Series[][] = [];
    if (bucket.series.length > this.#serviceOf.length)
      this.#serviceOf = new Int32Array(bucket.series.length * 2);
    for (const series of bucket.series) {
      const { key } = series.resource.service;
      let number = numbers.get(key);
      if (number === undefined) {
        number = services.length;
        numbers.set(key, number);
        services.push([]);
      }
      services[number]!.push(series);
      this.#serviceOf[series.id] = number;
    }
    return services;
  }
}

/** All but the signatures; the order of the fields is that of the contract. */
function sumOf(series: readonly Series[]): Omit<ServiceBucket, 'signatures'> {
  const severity: SeverityCounts = [0, 0, 0, 0, 0];
  const censored: SeverityCounts = [0, 0, 0, 0, 0];
  const versions: [string, number][] = [];
  const sum = { records: 0, bytes: 0, frames: 0, severityInferred: 0, timeInferred: 0 };
  for (const one of series) {
    sum.records += one.records;
    sum.bytes += one.bytes;
    sum.frames += one.frames;
    sum.severityInferred += one.severityInferred;
    sum.timeInferred += one.timeInferred;
    for (let i = 0; i < CLASSES; i++) {
      severity[i as 0] += one.severity[i]!;
      censored[i as 0] += one.censored[i]!;
    }
    versions.push([one.resource.version, one.records]);
  }
  versions.sort(byName);
  return {
    service: series[0]!.resource.service,
    ...sum,
    severity,
    versions,
    instances: instancesOf(series),
    censored,
  };
}

function instancesOf(series: readonly Series[]): ServiceBucket['instances'] {
  const only = series[0]!.instances.settled();
  if (series.length === 1) return { members: only.members.sort(byName), censored: only.censored };
  const instances = new Map<string, number>();
  let censored = false;
  for (const one of series) {
    const settled = one.instances.settled();
    censored ||= settled.censored;
    for (const [name, records] of settled.members) instances.set(name, (instances.get(name) ?? 0) + records);
  }
  return { members: [...instances].sort(byName), censored };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
