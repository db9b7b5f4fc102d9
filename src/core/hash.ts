// Two-lane 32-bit multiply-xor hashing with MurmurHash3's finaliser (Appleby, public domain, `fmix32`).
// Not cryptographic: used for sampling, table slots and short identifiers, never for security.

/** MurmurHash3 `fmix32`: a bijection on uint32 in which every input bit affects every output bit. */
export function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Hash of `bytes[start, end)` as uint32; two seeds give two independent lanes. */
export function hashBytes(bytes: Uint8Array, start: number, end: number, seed: number): number {
  let h = seed | 0;
  for (let i = start; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  return mix32(h ^ (end - start));
}

/** Hash of a string's UTF-16 units as uint32. */
export function hashString(text: string, seed: number): number {
  let h = seed | 0;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return mix32(h ^ text.length);
}

/** Eight lower-case hex digits of a uint32. */
export function hex32(value: number): string {
  return (value >>> 0).toString(16).padStart(8, '0');
}
