/** A larger array that begins as `from` does, for a table whose room is used up. */
export function grown<Numbers extends Int32Array | Float64Array | Uint8Array>(
  from: Numbers,
  to: Numbers,
): Numbers {
  to.set(from);
  return to;
}
