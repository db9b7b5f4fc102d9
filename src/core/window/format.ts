import { hashString, hex32 } from '../hash.ts';

/** RFC 3339 UTC; the fraction only where there is one. */
export function rfc3339(ms: number): string {
  return new Date(Math.floor(ms)).toISOString().replace('.000Z', 'Z');
}

/** `digits` significant digits: the stated precision of every computed figure, so that output is stable and short. */
export function significant(value: number, digits = 3): number {
  return Number.isFinite(value) ? Number(value.toPrecision(digits)) : value;
}

/** 64-bit hash as 16 hex digits, for identifiers. */
export function hash64(text: string): string {
  return hex32(hashString(text, 0x2545f491)) + hex32(hashString(text, 0x9e3779b9));
}

/** At most `max` UTF-16 units, never half a surrogate pair; cut text ends in `…`. */
export function capText(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 2);
  return `${text.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 2 : max - 1)}…`;
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Values of a map of counts, as pairs sorted by count (largest first), then by key. */
export function byCount(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort((a, b) => b[1] - a[1] || compareText(a[0], b[0]));
}

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Size of an event as JSON, UTF-8. */
export function bytesOf(event: Readonly<Record<string, unknown>>): number {
  return new TextEncoder().encode(JSON.stringify(event)).length;
}
