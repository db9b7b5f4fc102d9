/** Below this many keys an insertion sort is faster than the call of the native one. */
const FEW = 24;

/** Places that a key can hold beside 32 bits: together they are a whole double. */
export const PLACE_LIMIT: number = 1 << 21;

/** Sort key of what is ordered by an uint32 and then by its place: the sort needs no comparator. */
export function sortKey(order: number, place: number): number {
  return order * PLACE_LIMIT + place;
}

export function placeOf(key: number): number {
  return key % PLACE_LIMIT;
}

/** Sorts `keys[from, to)`. */
export function sortKeys(keys: Float64Array, from: number, to: number): void {
  if (to - from > FEW) {
    keys.subarray(from, to).sort();
    return;
  }
  for (let i = from + 1; i < to; i++) {
    const key = keys[i]!;
    let at = i;
    while (at > from && keys[at - 1]! > key) {
      keys[at] = keys[at - 1]!;
      at--;
    }
    keys[at] = key;
  }
}
