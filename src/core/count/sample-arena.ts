import { KEPT_BYTES } from './limits.ts';

/** First size of an arena; doubles when full, so a quiet bucket costs little. */
const ARENA_BYTES_FIRST = 32 * 1024;

/**
 * Bytes of the records kept in one open bucket. Appended to only; what a better sample replaces is garbage until the
 * bucket closes or `compact` moves the live parts together. Invariant: live bytes <= rows × kept slots × KEPT_BYTES.
 */
export class SampleArena {
  bytes = new Uint8Array(ARENA_BYTES_FIRST);
  used = 0;
  garbage = 0;

  /** Makes room for one record of at most `KEPT_BYTES`; call before writing at `used`. */
  reserve(): void {
    const needed = this.used + KEPT_BYTES;
    if (needed <= this.bytes.length) return;
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, needed));
    larger.set(this.bytes.subarray(0, this.used));
    this.bytes = larger;
  }

  /** Worth compacting: more than half of at least a mebibyte is garbage. */
  get wasteful(): boolean {
    return this.used > 1_048_576 && this.garbage * 2 > this.used;
  }

  clear(): void {
    // A storm's arena is given back to the collector; an ordinary one is reused.
    if (this.bytes.length > 8 * 1_048_576) this.bytes = new Uint8Array(ARENA_BYTES_FIRST);
    this.used = 0;
    this.garbage = 0;
  }
}
