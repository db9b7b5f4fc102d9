import type { Batch, ClosedBucket, Message, PartitionRef, SignatureBucket } from '../../src/contracts.ts';
import { Counting } from '../../src/core/counting.ts';
import { type EncodableRecord, encodeLogsRequest } from '../../src/core/decode/otlp-encode.ts';
import { createScanner } from '../../src/core/scan/scanner.ts';

/** A record of a test: seconds of event time, and what it says. */
export interface Line {
  readonly atS: number;
  readonly body: string;
  readonly service?: string;
  readonly version?: string;
  readonly instance?: string;
  readonly severityNumber?: number;
  readonly traceId?: string;
}

/** Start of the tests' event time, on a bucket's edge. */
export const EPOCH_S = 1_700_000_000;

export function partition(number: number, topic = 'otlp_logs'): PartitionRef {
  return { source: 'kafka', topic, partition: number };
}

/** One request; lines of one service, version and instance share a ResourceLogs. */
export function request(lines: readonly Line[]): Uint8Array {
  const groups = new Map<string, Line[]>();
  for (const line of lines) {
    const key = `${line.service ?? 'shop'}\n${line.version ?? '1.0.0'}\n${line.instance ?? 'pod-1'}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return encodeLogsRequest(
    [...groups].map(([key, group]) => {
      const [service, version, instance] = key.split('\n') as [string, string, string];
      return {
        resource: { 'service.name': service, 'service.version': version, 'service.instance.id': instance },
        records: group.map(encodable),
      };
    }),
  );
}

function encodable(line: Line): EncodableRecord {
  return {
    timeUnixNano: BigInt(Math.round((EPOCH_S + line.atS) * 1e6)) * 1_000n,
    severityNumber: line.severityNumber ?? 9,
    body: line.body,
    ...(line.traceId === undefined ? {} : { traceId: line.traceId }),
  };
}

export function message(
  lines: readonly Line[] | Uint8Array,
  offset: number,
  referenceTimeMs = Number.NaN,
): Message {
  return { value: lines instanceof Uint8Array ? lines : request(lines), offset, referenceTimeMs };
}

export function batch(ref: PartitionRef, messages: readonly Message[]): Batch {
  return { partition: ref, messages, encoding: 'otlp_proto', caughtUp: false };
}

export function counting(): Counting {
  return new Counting({ tenant: 'default', decode: {} }, createScanner());
}

/** Stage 1 with a list of what it closed. */
export class Stage1 {
  readonly counting = counting();
  readonly closed: ClosedBucket[] = [];
  readonly #onClosed = (bucket: ClosedBucket): void => {
    this.closed.push(owned(bucket));
  };

  constructor(partitions: readonly PartitionRef[] = []) {
    for (const ref of partitions) this.counting.clocks.get(ref);
  }

  feed(
    ref: PartitionRef,
    offset: number,
    lines: readonly Line[] | Uint8Array,
    referenceTimeMs = Number.NaN,
  ): this {
    this.counting.accept(batch(ref, [message(lines, offset, referenceTimeMs)]), this.#onClosed);
    return this;
  }

  idle(ref: PartitionRef, isIdle = true): this {
    this.counting.setIdle(ref, isIdle, this.#onClosed);
    return this;
  }

  drain(): this {
    this.counting.drain(this.#onClosed);
    return this;
  }
}

/** A copy of every property, bytes too: signatures of a closed bucket are lent, and read when they are asked. */
export function owned(bucket: ClosedBucket): ClosedBucket {
  const services = bucket.services.map((service) => ({
    ...service,
    signatures: service.signatures.map(plainSignature),
  }));
  return structuredClone({ ...bucket, services });
}

function plainSignature(signature: SignatureBucket): SignatureBucket {
  const { hashHigh, hashLow, version, records, severity, firstMs, lastMs, instances, exemplar, sample } =
    signature;
  return { hashHigh, hashLow, version, records, severity, firstMs, lastMs, instances, exemplar, sample };
}

/** Plain text of closed buckets, bytes included: equal text = equal buckets. */
export function textOf(buckets: readonly ClosedBucket[]): string {
  return JSON.stringify(buckets, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value,
  );
}

/** Records of a line of text in closed buckets, all severity classes and versions. */
export function recordsIn(buckets: readonly ClosedBucket[]): number {
  let records = 0;
  for (const bucket of buckets) for (const service of bucket.services) records += service.records;
  return records;
}
