import type { KeptRecord, MinedBucket, StateRow } from '../../contracts.ts';
import { busiest } from './busiest.ts';
import { compareText } from './format.ts';
import {
  NEIGHBOUR_MEMORY_MS,
  NEIGHBOUR_TEMPLATES,
  NEIGHBOUR_TRACES_MIN,
  NEIGHBOURS_MAX,
  SERVICES_PER_TRACE,
} from './limits.ts';
import { MINUTE_MS } from './ring.ts';

/** Two services that handle the same requests. */
interface Pair {
  /** Minutes in which both logged for one trace, up to `NEIGHBOUR_TRACES_MIN`. */
  minutes: number;
  /** Last such minute, in steps of `STEP_MS`: a pair that goes on is not rewritten every minute. */
  lastMs: number;
}

const STEP_MS = 10 * MINUTE_MS;

/**
 * Which services handle the same requests, learnt from the trace ids of sampled records. Samples are the smallest by hash
 * of the trace id, so services that serve the same requests sample the same ones. One bucket a minute is read.
 */
export class Neighbours {
  readonly table: string;
  readonly #readTraceId: (kept: KeptRecord) => string;
  /** Key: both service keys, the smaller first. */
  readonly #pairs = new Map<string, Pair>();
  readonly #changed = new Set<string>();
  #nowMs = 0;

  constructor(table: string, readTraceId: (kept: KeptRecord) => string) {
    this.table = table;
    this.#readTraceId = readTraceId;
  }

  /** Called once per bucket, in order. */
  learn(bucket: MinedBucket): void {
    const { startMs } = bucket;
    if (startMs % MINUTE_MS !== 0) return;
    this.#nowMs = startMs;
    if (startMs % STEP_MS === 0) this.#forget();
    const keys = bucket.services.map(({ service }) => service.key);
    // Pairs by their services' places: in order of the places they are in order of their keys.
    const found = new Set<number>();
    for (const places of this.#servicesByTrace(bucket)) {
      for (let i = 1; i < places.length; i++)
        for (let j = 0; j < i; j++) found.add(places[j]! * keys.length + places[i]!);
    }
    for (const pair of [...found].sort((a, b) => a - b))
      this.#note(keyOf(keys[Math.floor(pair / keys.length)]!, keys[pair % keys.length]!));
  }

  /** True when both services logged for the same trace in several minutes of the last day. */
  areNeighbours(a: string, b: string): boolean {
    const pair = this.#pairs.get(keyOf(a, b));
    return pair !== undefined && pair.minutes >= NEIGHBOUR_TRACES_MIN;
  }

  takeChanges(): StateRow[] {
    const rows = [...this.#changed].sort(compareText).map((key): StateRow => {
      const pair = this.#pairs.get(key);
      const value = pair === undefined ? null : JSON.stringify([pair.minutes, pair.lastMs]);
      return { table: this.table, key, value };
    });
    this.#changed.clear();
    return rows;
  }

  load(rows: readonly StateRow[]): void {
    for (const { table, key, value } of rows) {
      if (table !== this.table || value === null) continue;
      const [minutes, lastMs] = JSON.parse(value) as [number, number];
      this.#pairs.set(key, { minutes, lastMs });
    }
  }

  /** For each request that several services handled, their places in the bucket, ascending. */
  #servicesByTrace(bucket: MinedBucket): number[][] {
    // Most requests are sampled in one service alone, and have no list.
    const byScope = new Map<string, Map<string, number | number[]>>();
    const shared: number[][] = [];
    bucket.services.forEach(({ service, templates }, place) => {
      const scope = `${service.tenant}\u0000${service.environment}`;
      const byTrace = byScope.get(scope) ?? new Map<string, number | number[]>();
      byScope.set(scope, byTrace);
      for (const { sample } of busiest(templates, NEIGHBOUR_TEMPLATES)) {
        for (const kept of sample) {
          const traceId = this.#readTraceId(kept);
          if (traceId === '') continue;
          const places = byTrace.get(traceId);
          if (places === undefined) byTrace.set(traceId, place);
          else if (typeof places !== 'number') {
            if (places.length < SERVICES_PER_TRACE && places.at(-1) !== place) places.push(place);
          } else if (places !== place) {
            const both = [places, place];
            byTrace.set(traceId, both);
            shared.push(both);
          }
        }
      }
    });
    return shared;
  }

  #note(key: string): void {
    const lastMs = Math.floor(this.#nowMs / STEP_MS) * STEP_MS;
    const pair = this.#pairs.get(key);
    if (pair === undefined) {
      if (this.#pairs.size >= NEIGHBOURS_MAX) return;
      this.#pairs.set(key, { minutes: 1, lastMs });
    } else {
      if (pair.lastMs === lastMs && pair.minutes >= NEIGHBOUR_TRACES_MIN) return;
      pair.minutes = Math.min(pair.minutes + 1, NEIGHBOUR_TRACES_MIN);
      pair.lastMs = lastMs;
    }
    this.#changed.add(key);
  }

  #forget(): void {
    for (const [key, { lastMs }] of this.#pairs) {
      if (this.#nowMs - lastMs <= NEIGHBOUR_MEMORY_MS) continue;
      this.#pairs.delete(key);
      this.#changed.add(key);
    }
  }
}

function keyOf(a: string, b: string): string {
  return a < b ? `${a}\u0001${b}` : `${b}\u0001${a}`;
}
