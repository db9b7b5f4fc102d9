// What a line is before it is scanned: its bytes with every word that is certainly a value replaced by a fixed one of its
// kind. Lines of one call site become the same bytes, nearly all of them, so that a scan need not be made again.
import * as layout from './kernel-layout.ts';
import type { LineKernel } from './line-kernel.ts';
import type { TokenBuffer } from './tokens.ts';

/** The canonical form of one line and where its values are; views of the kernel's memory, valid until its next line. */
export class CanonicalLine {
  /** `length` bytes are the canonical line; zeros follow up to a whole number of fours. */
  readonly bytes: Uint8Array;
  /** The same bytes, four at a time, in the machine's order. */
  readonly fours: Int32Array;
  length = 0;
  /** Values of the line: where they stand in the traced one (`offset` behind these) and in `bytes`, ascending. */
  values = 0;
  readonly from: Int32Array;
  readonly to: Int32Array;
  private readonly lineFrom: Int32Array;
  private readonly lineTo: Int32Array;
  private readonly kernel: LineKernel;
  /** Where the line is in its own buffer, and what is added to an address for its place there. */
  private start = 0;
  private offset = 0;

  constructor(kernel: LineKernel) {
    const { buffer } = kernel.bytes;
    const places = (at: number): Int32Array => new Int32Array(buffer, at, layout.VALUES_MAX);
    this.kernel = kernel;
    this.bytes = kernel.bytes.subarray(layout.CANONICAL, layout.CANONICAL + layout.LINE_BYTES_MAX);
    this.fours = new Int32Array(buffer, layout.CANONICAL, layout.LINE_BYTES_MAX / 4);
    this.lineFrom = places(layout.LINE_FROM);
    this.lineTo = places(layout.LINE_TO);
    this.from = places(layout.FROM);
    this.to = places(layout.TO);
  }

  /** Makes the canonical form of the line `source[start, end)` of at most `LINE_BYTES_MAX` bytes, and finds its values. */
  trace(source: Uint8Array, start: number, end: number): void {
    const { kernel } = this;
    const at = kernel.place(source, start, end);
    this.values = kernel.trace(at, at + end - start);
    this.length = kernel.canonicalLength;
    this.start = start;
    this.offset = start - at;
  }

  /** Where value `i` is in the line's own buffer. */
  valueStart(i: number): number {
    return this.lineFrom[i]! + this.offset;
  }

  valueEnd(i: number): number {
    return this.lineTo[i]! + this.offset;
  }

  /** Moves tokens of the canonical line, named by their addresses, to their places in the line's own buffer. */
  toLine(tokens: TokenBuffer): void {
    let at = 0;
    for (let i = 0; i < tokens.count; i++) {
      const from = tokens.from[i]! - layout.CANONICAL;
      const to = tokens.to[i]! - layout.CANONICAL;
      while (at < this.values && this.to[at]! <= from) at++;
      tokens.from[i] = this.place(from, at);
      let last = at;
      while (last < this.values && this.to[last]! < to) last++;
      tokens.to[i] = this.place(to, last);
    }
  }

  /** Place in the line of the place `i` in `bytes`; `value` is the first value that ends behind it, or at it. */
  private place(i: number, value: number): number {
    if (value < this.values && this.to[value] === i) return this.valueEnd(value);
    if (value < this.values && this.from[value]! <= i) return this.valueStart(value);
    if (value === 0) return i + this.start;
    return this.valueEnd(value - 1) + i - this.to[value - 1]!;
  }
}
