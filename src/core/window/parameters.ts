import type { EventParameter } from './event-schema.ts';
import { byCount, significant } from './format.ts';
import type { FindingSamples } from './state.ts';

/** Parameters shown per finding; slots beyond it are seldom what matters. */
const PARAMETERS_SHOWN = 6;

/** Values listed per parameter. */
const VALUES_SHOWN = 3;

/** More distinct numbers than this are told as quantiles. */
const QUANTILES_FROM = 6;

/** Longest value that is read as a number: 15 digits are exact in a double. */
const NUMBER_CHARS = 15;

/** One summary per slot: constant, most frequent values, or quantiles; from the sampled records. */
export function summariseParameters(samples: Pick<FindingSamples, 'slots' | 'records'>): EventParameter[] {
  const records = samples.records.filter((record) => record.values.length === samples.slots.length);
  if (records.length === 0) return [];
  return samples.slots.slice(0, PARAMETERS_SHOWN).map(({ name, type }, slot) => {
    const values = records.map((record) => record.values[slot]!);
    return { name, ...(type === name ? {} : { type }), ...summary(values) };
  });
}

function summary(values: readonly string[]): Omit<EventParameter, 'name'> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  const distinct = counts.size;
  const numbers = values.map(asNumber);
  if (distinct > QUANTILES_FROM && numbers.every((n) => n !== undefined)) {
    const sorted = [...numbers].sort((a, b) => a - b);
    return {
      distinct,
      p50: quantile(sorted, 0.5),
      p99: quantile(sorted, 0.99),
      min: sorted[0]!,
      max: sorted.at(-1)!,
    };
  }
  // Every value once: an id. Listing three of them tells nothing.
  if (distinct > QUANTILES_FROM && distinct === values.length) return { distinct };
  const top = byCount(counts).slice(0, VALUES_SHOWN);
  return {
    distinct,
    values: top.map(([value, n]): [string | number, number] => [asNumber(value) ?? value, n]),
  };
}

function asNumber(text: string): number | undefined {
  return text.length <= NUMBER_CHARS && /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** Nearest rank, so that it is a value that occurred. */
function quantile(sorted: readonly number[], q: number): number {
  return significant(sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)]!, 6);
}
