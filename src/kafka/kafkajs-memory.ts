import { createRequire } from 'node:module';
import { isKnownVersion } from './kafkajs-faults.ts';

/** Below this memory may be shared: Node.js cuts small buffers from common ones, and small responses arrive together. */
const OWN_BYTES_MIN = 128 * 1024;

/**
 * Gives memory back at once. V8 would find it only after a collection, and begins one for every few megabytes of buffers:
 * more than half of what reading from Kafka costs a small heap. Every view of it is empty from then on.
 */
export function release(memory: ArrayBufferLike): void {
  if (memory instanceof ArrayBuffer && !memory.detached) memory.transfer(0);
}

/** True when nobody but the maker of these bytes can have a part of the memory they lie in. */
export function isLarge(bytes: Uint8Array): boolean {
  return bytes.buffer.byteLength >= OWN_BYTES_MIN;
}

/** True when the response is all there is in its memory, but for the length and number in front of it. */
export function isAlone(response: Uint8Array): boolean {
  return isLarge(response) && response.buffer.byteLength - response.byteLength === RESPONSE_HEAD_BYTES;
}

/** Length and correlation id. https://kafka.apache.org/protocol#protocol_common */
const RESPONSE_HEAD_BYTES = 8;

/**
 * kafkajs puts a response together from the pieces that the socket gave. Releases these, and keeps no empty rest of a
 * response. Acts on all clients of this thread; a second call, or another release of kafkajs, changes nothing.
 */
export function releasePieces(): void {
  if (!isKnownVersion()) return;
  const { prototype } = requireCommonJs('kafkajs/src/network/connection') as { prototype: Connection };
  const original = prototype.processData;
  if (original.name !== 'processData') return;
  prototype.processData = function releasing(this: Connection, piece: Buffer) {
    const pieces = this.chunks;
    const isLogin = Boolean(this.authHandlers);
    original.call(this, piece);
    if (isLogin || this.chunks === pieces) return;
    // One piece alone is not copied: the response lies in it.
    if (pieces.length > 1) for (const one of pieces) if (isWhole(one)) release(one.buffer);
    if (this.chunks.length === 1 && this.chunks[0]!.length === 0) this.chunks = [];
  };
}

/** False for the rest of a former response. */
function isWhole(piece: Buffer): boolean {
  return piece.length > 0 && piece.length === piece.buffer.byteLength;
}

/** The parts of kafkajs' connection that are touched. */
interface Connection {
  chunks: Buffer[];
  readonly authHandlers: unknown;
  processData(piece: Buffer): void;
}

const requireCommonJs = createRequire(import.meta.url);
