import { describe, expect, it } from 'vitest';
import { encodeLogsRequest } from '../../src/core/decode/otlp-encode.ts';
import { deliver, MAX_DELAY_MS } from '../../src/simulator/delivery.ts';
import { groupByPod, RequestEncoder } from '../../src/simulator/encode.ts';
import { interleave } from '../../src/simulator/interleave.ts';
import { SEVERITY_NUMBER } from '../../src/simulator/line.ts';
import type { SimulatedRecord } from '../../src/simulator/record.ts';
import { type SimulationOptions, simulate } from '../../src/simulator/simulate.ts';
import { batch, type MessageOptions, toMessages } from '../../src/simulator/to-messages.ts';

const OPTIONS: SimulationOptions = {
  seed: 3,
  startMs: Date.UTC(2026, 10, 18, 9),
  durationMs: 600_000,
  faults: [{ kind: 'dependency_refused', atMs: 240_000 }],
};
/** Lateness that a partition is granted by default: disorder within a partition must stay well below. */
const LATENESS_MS = 5_000;

function batches(options: MessageOptions): SimulatedRecord[][] {
  const simulation = simulate(OPTIONS);
  return [...batch(deliver(simulation.seconds(), OPTIONS.seed), options)].map(({ records }) => [...records]);
}

describe('toMessages', () => {
  it('gives the same bytes for the same seed, and others for another seed', () => {
    const digest = (seed: number): string =>
      [...toMessages(simulate({ ...OPTIONS, seed }))]
        .map(
          ({ value, partition, offset }) => `${partition}/${offset}:${Buffer.from(value).toString('base64')}`,
        )
        .join('\n');
    const first = digest(3);
    expect(digest(3) === first).toBe(true);
    expect(digest(4) === first).toBe(false);
  });

  it('writes the bytes that the general encoder writes for the same records', () => {
    const encoder = new RequestEncoder();
    for (const records of batches({ batchRecords: 100 }).slice(0, 40)) {
      expect(Buffer.from(encoder.encode(records)).equals(Buffer.from(encodeGenerally(records)))).toBe(true);
    }
  });

  it('counts offsets from zero in every partition and holds every record exactly once', () => {
    const made = [...simulate(OPTIONS).seconds()].reduce((sum, records) => sum + records.length, 0);
    for (const spread of ['round_robin', 'by_resource'] as const) {
      const next = [0, 0, 0, 0];
      let sent = 0;
      for (const message of toMessages(simulate(OPTIONS), { partitions: 4, spread })) {
        expect(message.offset).toBe(next[message.partition]);
        next[message.partition]! += 1;
        sent += message.records;
      }
      expect(sent).toBe(made);
      expect(Math.min(...next)).toBeGreaterThan(0);
    }
  });

  it('spreads each service over all partitions, or keeps each pod on one', () => {
    const seen = (spread: 'round_robin' | 'by_resource'): number => {
      const partitionsOf = new Map<string, Set<number>>();
      const groups = batches({ spread });
      const messages = [...toMessages(simulate(OPTIONS), { partitions: 4, spread })];
      groups.forEach((records, i) => {
        for (const { pod } of records)
          partitionsOf.set(
            pod.instanceId,
            (partitionsOf.get(pod.instanceId) ?? new Set()).add(messages[i]!.partition),
          );
      });
      return Math.max(...[...partitionsOf.values()].map((set) => set.size));
    };
    expect(seen('round_robin')).toBe(4);
    expect(seen('by_resource')).toBe(1);
  });

  it('keeps the disorder within a partition under the lateness that partitions are granted', () => {
    for (const spread of ['round_robin', 'by_resource'] as const) {
      let disorderMs = 0;
      const newest = new Map<number, number>();
      const groups = batches({ spread });
      [...toMessages(simulate(OPTIONS), { partitions: 3, spread })].forEach(({ partition }, i) => {
        for (const { timeMs } of groups[i]!) {
          const before = newest.get(partition) ?? 0;
          disorderMs = Math.max(disorderMs, before - timeMs);
          newest.set(partition, Math.max(before, timeMs));
        }
      });
      expect(disorderMs).toBeGreaterThan(200);
      expect(disorderMs).toBeLessThan(LATENESS_MS - 1_000);
    }
  });

  it('delays every record by less than two seconds, some of them past a later one', () => {
    let overtaken = 0;
    let outside = 0;
    let newest = 0;
    for (const records of deliver(simulate(OPTIONS).seconds(), OPTIONS.seed)) {
      for (const { timeMs, arrivalMs } of records) {
        if (arrivalMs < timeMs || arrivalMs - timeMs > MAX_DELAY_MS + 0.001) outside += 1;
        if (timeMs < newest) overtaken += 1;
        newest = Math.max(newest, timeMs);
      }
    }
    expect(outside).toBe(0);
    expect(overtaken).toBeGreaterThan(100);
  });
});

describe('late records', () => {
  it('arrive too late in the share that was asked for, and the others arrive as without them', () => {
    const late = { share: 0.05, minMs: 20_000, maxMs: 60_000 };
    const arrivals = (lateness?: typeof late): SimulatedRecord[] =>
      [...deliver(simulate(OPTIONS).seconds(), OPTIONS.seed, lateness)].flat();
    const all = arrivals(late);
    const held = all.filter(({ timeMs, arrivalMs }) => arrivalMs - timeMs > 10_000);
    expect(held.length / all.length).toBeGreaterThan(0.04);
    expect(held.length / all.length).toBeLessThan(0.06);
    expect(all.length).toBe(arrivals().length);
    expect(all.every(({ arrivalMs }, i) => i === 0 || arrivalMs >= all[i - 1]!.arrivalMs)).toBe(true);
  });
});

describe('interleave', () => {
  it('keeps each partition in order, loses nothing, and mixes the partitions anew for another seed', () => {
    const messages = [...toMessages(simulate(OPTIONS), { partitions: 3, batchRecords: 64 })];
    const name = (list: typeof messages): string =>
      list.map(({ partition, offset }) => `${partition}@${offset}`).join(' ');
    const mixed = interleave(messages, 1);
    expect(name(mixed)).not.toBe(name(messages));
    expect(name(mixed)).not.toBe(name(interleave(messages, 2)));
    for (const partition of [0, 1, 2]) {
      expect(name(mixed.filter((message) => message.partition === partition))).toBe(
        name(messages.filter((message) => message.partition === partition)),
      );
    }
  });
});

function encodeGenerally(records: readonly SimulatedRecord[]): Uint8Array {
  const nanos = (timeMs: number): bigint => BigInt(Math.round(timeMs * 1000)) * 1000n;
  return encodeLogsRequest(
    [...groupByPod(records)].map(([pod, group]) => ({
      resource: Object.fromEntries(pod.attributes),
      records: group.map((record) => ({
        timeUnixNano: nanos(record.timeMs),
        observedTimeUnixNano: nanos(record.arrivalMs),
        severityNumber: SEVERITY_NUMBER[record.severity],
        severityText: record.severity,
        body: typeof record.body === 'string' ? record.body : Object.fromEntries(record.body),
        attributes: Object.fromEntries(record.attributes),
        ...(record.traceId === '' ? {} : { traceId: record.traceId }),
      })),
    })),
  );
}
