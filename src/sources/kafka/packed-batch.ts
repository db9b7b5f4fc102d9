import type { Batch, Message } from '../../contracts.ts';

/** A batch without its messages: plain data. */
export type BatchHead = Omit<Batch, 'messages'> & { readonly count: number };

/** A batch on its way to another thread: its messages lie in one buffer, which can be handed over and comes back. */
export interface PackedBatch {
  readonly head: BatchHead;
  /** Null = there are no messages. */
  readonly buffer: ArrayBuffer | null;
}

/**
 * Offset and time of each message as doubles, then the lengths of its value and key as int32, then all values and keys.
 * No key has the length -1.
 */
const HEAD_BYTES = 24;

/** Bytes that `packBatch` needs. */
export function packedBytes(messages: readonly Message[]): number {
  let bytes = messages.length * HEAD_BYTES;
  for (const { value, key } of messages) bytes += value.length + (key?.length ?? 0);
  return bytes;
}

/** `buffer` has at least `packedBytes`. */
export function packBatch(batch: Batch, buffer: ArrayBuffer | null): PackedBatch {
  const { messages, ...rest } = batch;
  const count = messages.length;
  const head: BatchHead = { ...rest, count };
  if (buffer === null || count === 0) return { head, buffer: null };
  const { numbers, lengths, bytes } = layout(buffer, count);
  let at = count * HEAD_BYTES;
  for (let i = 0; i < count; i++) {
    const { value, key, offset, referenceTimeMs } = messages[i]!;
    if (isGone(value) || (key && isGone(key)))
      throw new Error(`BUG: message ${offset} was given back before it was handed over`);
    numbers[2 * i] = offset;
    numbers[2 * i + 1] = referenceTimeMs;
    lengths[2 * i] = value.length;
    lengths[2 * i + 1] = key?.length ?? -1;
    bytes.set(value, at);
    at += value.length;
    if (!key) continue;
    bytes.set(key, at);
    at += key.length;
  }
  return { head, buffer };
}

/** Values and keys are views of the buffer: they end when it is handed over again. */
export function unpackBatch({ head, buffer }: PackedBatch): Batch {
  const { count, ...rest } = head;
  if (buffer === null) return { ...rest, messages: [] };
  const { numbers, lengths, bytes } = layout(buffer, count);
  const messages: Message[] = [];
  let at = count * HEAD_BYTES;
  for (let i = 0; i < count; i++) {
    const value = bytes.subarray(at, at + lengths[2 * i]!);
    at += value.length;
    const keyLength = lengths[2 * i + 1]!;
    const key = keyLength < 0 ? null : bytes.subarray(at, at + keyLength);
    at += Math.max(0, keyLength);
    messages.push({ value, key, offset: numbers[2 * i]!, referenceTimeMs: numbers[2 * i + 1]! });
  }
  return { ...rest, messages };
}

/** Views of memory that was given back are empty, and an empty message is no mistake. */
function isGone({ buffer }: Uint8Array): boolean {
  return 'detached' in buffer && buffer.detached;
}

function layout(
  buffer: ArrayBuffer,
  count: number,
): { numbers: Float64Array; lengths: Int32Array; bytes: Uint8Array } {
  return {
    numbers: new Float64Array(buffer, 0, 2 * count),
    lengths: new Int32Array(buffer, 16 * count, 2 * count),
    bytes: new Uint8Array(buffer),
  };
}
