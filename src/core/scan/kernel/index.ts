// The scanner's inner loop, in AssemblyScript: what `line-kernel.ts` calls. `npm run build:kernel` compiles it.
import { writeCanonical } from './canonical';
import { addKnown, findKnown } from './known';
import { notedValues, noteValues } from './stand-ins';

export { isHex, isUuid } from './bytes';
export { classifyDigits, endsInHexId } from './words';

let canonicalLength: usize = 0;

/** Looks for the canonical form of the line `[start, end)` among the known ones; returns where what is known of it is, or 0. */
export function find(start: usize, end: usize): usize {
  canonicalLength = writeCanonical(start, end);
  return findKnown(canonicalLength);
}

/** Of the line that `find` or `trace` was last given. */
export function lengthOfCanonical(): usize {
  return canonicalLength;
}

/** Remembers the line that `find` has just not found. */
export function add(high: u32, low: u32, kind: u32): void {
  addKnown(canonicalLength, high, low, kind);
}

/** Writes the canonical form of the line `[start, end)` and notes where its values are; returns how many there are. */
export function trace(start: usize, end: usize): u32 {
  noteValues(true);
  canonicalLength = writeCanonical(start, end);
  const values = notedValues();
  noteValues(false);
  return values;
}
