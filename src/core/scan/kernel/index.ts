// The scanner's inner loop, in AssemblyScript: what `line-kernel.ts` calls. `npm run build:kernel` compiles it.
import * as layout from '../kernel-layout';
import { writeCanonical } from './canonical';
import { addKnown, findKnown } from './known';
import { skimRecords } from './records';
import { notedValues, noteValues } from './stand-ins';

export { isHex, isUuid } from './bytes';
export { skimmedTo } from './records';
export { classifyDigits, endsInHexId } from './words';

const MESSAGE: usize = layout.MESSAGE;

let canonicalLength: usize = 0;

/** Looks for the canonical form of the line `[start, end)` among the known ones; returns where what is known of it is, or 0. */
export function find(start: usize, end: usize): usize {
  canonicalLength = writeCanonical(start, end);
  return findKnown(canonicalLength);
}

/**
 * Skims LogRecords of the message in memory from `start` on, up to one that is not ordinary, and looks for their bodies
 * among the known lines if `looksUp`; returns how many there are. The line of an event is more than its body.
 */
export function skim(start: usize, end: usize, looksUp: bool): u32 {
  const records = skimRecords(start, end);
  if (!looksUp) return records;
  let row: usize = layout.SKIMMED;
  for (let i: u32 = 0; i < records; i++) {
    const from = <usize>load<u32>(row, layout.BODY_FROM);
    const to = <usize>load<u32>(row, layout.BODY_TO);
    const isEvent = load<u32>(row, layout.EVENT_FROM) !== load<u32>(row, layout.EVENT_TO);
    store<u32>(row, isEvent ? 0 : <u32>find(from + MESSAGE, to + MESSAGE), layout.BODY_KNOWN);
    row += layout.RECORD_BYTES;
  }
  return records;
}

/** Of the line that `find` or `trace` was last given. */
export function lengthOfCanonical(): usize {
  return canonicalLength;
}

/** Remembers the line that `find` has just not found; true: all others are forgotten. */
export function add(high: u32, low: u32, kind: u32): bool {
  return addKnown(canonicalLength, high, low, kind);
}

/** Writes the canonical form of the line `[start, end)` and notes where its values are; returns how many there are. */
export function trace(start: usize, end: usize): u32 {
  noteValues(true);
  canonicalLength = writeCanonical(start, end);
  const values = notedValues();
  noteValues(false);
  return values;
}
