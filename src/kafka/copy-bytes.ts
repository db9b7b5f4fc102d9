/**
 * Copies `length` bytes of `from[start…]` to `to[at…]`. Both ranges lie inside their arrays; within one array the target
 * may begin inside the source, which then repeats, as LZ77 formats want it.
 */
export function copyBytes(from: Uint8Array, start: number, to: Uint8Array, at: number, length: number): void {
  const repeats = from === to && at - start < length;
  if (length > LOOP_BYTES_MAX && !repeats) {
    if (from === to) to.copyWithin(at, start, start + length);
    else to.set(from.subarray(start, start + length), at);
    return;
  }
  for (let i = 0; i < length; i++) to[at + i] = from[start + i]!;
}

/** Below this a loop beats the call into the engine. */
const LOOP_BYTES_MAX = 32;
