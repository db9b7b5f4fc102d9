import type { KeptRecord } from '../../contracts.ts';

/** Order by (time, position). */
export function compareKept(a: KeptRecord, b: KeptRecord): number {
  return (
    a.timeMs - b.timeMs ||
    compare(a.position.source, b.position.source) ||
    compare(a.position.topic, b.position.topic) ||
    a.position.partition - b.position.partition ||
    a.position.offset - b.position.offset ||
    a.position.index - b.position.index
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
