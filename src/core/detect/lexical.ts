/** Words that make a line worth more bits. Each row: the bonus, and the words in lower case. */
const BONUSES: readonly (readonly [number, readonly string[]])[] = [
  [3, ['corrupt', 'deadlock', 'out of memory', 'oomkill', 'panic', 'data loss']],
  [2, ['refused', 'denied', 'exceeded', 'expired', 'unreachable', 'exhausted', 'timed out', 'timeout']],
  [1, ['lag', 'failed', 'failure', 'retry', 'degraded', 'rejected']],
];

/** Bytes of a record that are looked at. */
const LOOKED_AT_BYTES = 1024;

/** Bits added for what a record says. Reads its bytes as ASCII; other bytes match nothing. */
export function lexicalBits(wire: Uint8Array): number {
  const text = new TextDecoder('latin1').decode(wire.subarray(0, LOOKED_AT_BYTES)).toLowerCase();
  for (const [bits, words] of BONUSES) if (words.some((word) => text.includes(word))) return bits;
  return 0;
}
