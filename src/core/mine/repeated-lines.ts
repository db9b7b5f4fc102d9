// Lines that say again what the line before them said, but for their values.
import { CanonicalLine } from '../scan/canonical-line.ts';
import { LineKernel } from '../scan/line-kernel.ts';
import { ANY_SLOT } from '../scan/slots.ts';
import { SLOT } from '../scan/token-kinds.ts';
import type { TokenBuffer } from '../scan/tokens.ts';
import { elementEnd, headerKind, type Packed, SLOT_KIND } from './packed.ts';
import { isTimeRun, LINE_BYTES_MAX, TOKENS_MAX, valueType } from './plain-lines.ts';

/** What must be true of a place: it has this type, is a point in time as a whole, or is none. */
const OF_TYPE = 0;
const TIME_RUN = 1;
const OTHER_RUN = 2;

/**
 * Remembers one line of which `changesNothing` is true, as the scanner sees it: with stand-ins for its values. Of the next
 * line with the same ones in the same places all constants are known to fit, and only its values are looked at. The
 * samples of a signature come one after the other, so that one line is enough.
 */
export class RepeatedLines {
  private readonly line = new CanonicalLine(new LineKernel());
  /** Where the line in hand begins, or -1: it is too long to be known again. */
  private start = -1;
  private full: Packed = '';
  /** Of the line remembered; no bytes = there is none. */
  private length = 0;
  private values = 0;
  private readonly fours = new Int32Array(LINE_BYTES_MAX / 4);
  private readonly from = new Int32Array(LINE_BYTES_MAX);
  private readonly to = new Int32Array(LINE_BYTES_MAX);
  /** What to look at: places as `anchorAt` has them, two each. */
  private places = 0;
  private readonly demands = new Uint8Array(TOKENS_MAX);
  private readonly types: string[] = [];
  private readonly anchors = new Int32Array(2 * TOKENS_MAX);
  private readonly behind = new Int32Array(2 * TOKENS_MAX);

  /** True: the plain line `bytes[start, end)` would change nothing of a full form. False says nothing. */
  covers(bytes: Uint8Array, start: number, end: number, full: Packed): boolean {
    this.start = end - start > LINE_BYTES_MAX ? -1 : start;
    if (this.start < 0) return false;
    this.line.trace(bytes, start, end);
    if (full !== this.full || !this.isLikeRemembered()) return false;
    for (let i = 0; i < this.places; i++) {
      const from = this.placeOf(2 * i);
      const to = Math.max(from, this.placeOf(2 * i + 1));
      const demand = this.demands[i]!;
      if (demand === OF_TYPE) {
        if (valueType(bytes, from, to) !== this.types[i]) return false;
      } else if (isTimeRun(bytes, from, to) !== (demand === TIME_RUN)) return false;
    }
    return true;
  }

  /** The line of the last call of `covers`, of which `changesNothing` has just become true with these tokens. */
  remember(bytes: Uint8Array, tokens: TokenBuffer, full: Packed): void {
    this.length = 0;
    if (this.start < 0 || !this.demandAll(bytes, tokens, full)) return;
    const { line } = this;
    this.full = full;
    this.length = line.length;
    this.values = line.values;
    for (let i = 0; i < (line.length + 3) >> 2; i++) this.fours[i] = line.fours[i]!;
    for (let i = 0; i < line.values; i++) {
      this.from[i] = line.from[i]!;
      this.to[i] = line.to[i]!;
    }
  }

  private isLikeRemembered(): boolean {
    const { line } = this;
    if (line.length !== this.length || line.values !== this.values || line.length === 0) return false;
    for (let i = 0; i < (line.length + 3) >> 2; i++) if (line.fours[i] !== this.fours[i]) return false;
    for (let i = 0; i < line.values; i++)
      if (line.from[i] !== this.from[i] || line.to[i] !== this.to[i]) return false;
    return true;
  }

  /** Notes what the form demands of the line's values; false = a constant has part of a value. */
  private demandAll(bytes: Uint8Array, tokens: TokenBuffer, full: Packed): boolean {
    this.places = 0;
    let at = 0;
    for (let i = 0; i < tokens.keyCount; i++) {
      const first = tokens.keyFirst[i]!;
      const last = tokens.keyLast[i]!;
      const end = i + 1 < tokens.keyCount ? tokens.keyFirst[i + 1]! : tokens.count;
      if (first < last && tokens.kind[first] === SLOT) {
        const from = tokens.from[first]!;
        const isTime = isTimeRun(bytes, from, Math.max(from, tokens.to[last]!));
        if (!this.demand(isTime ? TIME_RUN : OTHER_RUN, '', from, tokens.to[last]!)) return false;
        if (isTime) {
          at = elementEnd(full, at);
          continue;
        }
      }
      for (let token = first; token < end; token++) {
        const stop = elementEnd(full, at);
        const from = tokens.from[token]!;
        const to = tokens.to[token]!;
        if (tokens.kind[token] !== SLOT) {
          if (this.hasValue(from, to)) return false;
        } else if (headerKind(full.charCodeAt(at)) === SLOT_KIND) {
          const type = full.slice(at + 1, stop);
          if (type !== ANY_SLOT && !this.demand(OF_TYPE, type, from, to)) return false;
        }
        at = stop;
      }
    }
    return true;
  }

  private demand(demand: number, type: string, from: number, to: number): boolean {
    const i = this.places;
    if (i === TOKENS_MAX) return false;
    this.demands[i] = demand;
    this.types[i] = type;
    this.places++;
    return this.anchorAt(2 * i, from) && this.anchorAt(2 * i + 1, to);
  }

  /** Notes a place by the nearest end of a value in front of it, 0 = the line's beginning, and how far behind that it is. */
  private anchorAt(i: number, place: number): boolean {
    const { line } = this;
    let anchor = 0;
    while (anchor < 2 * line.values && this.anchorPlace(anchor + 1) <= place) anchor++;
    const behind = place - this.anchorPlace(anchor);
    this.anchors[i] = anchor;
    this.behind[i] = behind;
    // Behind the beginning of a value and in front of its end, a place means nothing to another value.
    return behind === 0 || anchor % 2 === 0;
  }

  private anchorPlace(anchor: number): number {
    if (anchor === 0) return this.start;
    const value = (anchor - 1) >> 1;
    return anchor % 2 === 1 ? this.line.valueStart(value) : this.line.valueEnd(value);
  }

  private placeOf(i: number): number {
    return this.anchorPlace(this.anchors[i]!) + this.behind[i]!;
  }

  private hasValue(from: number, to: number): boolean {
    const { line } = this;
    for (let i = 0; i < line.values; i++) if (line.valueStart(i) < to && line.valueEnd(i) > from) return true;
    return false;
  }
}
