// Copies bytes between buffers, four at a time, without the view that `TypedArray.set` needs for a part of a buffer.

const NO_BYTES = new Uint8Array(0);

/** Keeps the buffers last copied from and to, and views of them: copies come from one message many times. */
export class ByteCopy {
  #source: Uint8Array = NO_BYTES;
  #sourceView: DataView = new DataView(NO_BYTES.buffer);
  #target: Uint8Array = NO_BYTES;
  #targetView: DataView = new DataView(NO_BYTES.buffer);

  /** Copies `source[start, end)` to `target[at…]`; both ranges must lie in their buffers. */
  copy(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
    if (source !== this.#source) {
      this.#source = source;
      this.#sourceView = new DataView(source.buffer, source.byteOffset, source.byteLength);
    }
    if (target !== this.#target) {
      this.#target = target;
      this.#targetView = new DataView(target.buffer, target.byteOffset, target.byteLength);
    }
    const from = this.#sourceView;
    const to = this.#targetView;
    let i = start;
    let n = at;
    for (const stop = end - 3; i < stop; i += 4, n += 4) to.setInt32(n, from.getInt32(i, true), true);
    for (; i < end; i++, n++) target[n] = source[i]!;
  }
}
