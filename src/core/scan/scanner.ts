// The hot half of mining: the signature of a line, a pure function of its bytes.
import type { LineKind, MessageScanner, RecordSkimmer } from '../../contracts.ts';
import { CanonicalLine } from './canonical-line.ts';
import * as layout from './kernel-layout.ts';
import { LineKernel } from './line-kernel.ts';
import { KernelSkimmer } from './record-skimmer.ts';
import { TokenScanner } from './token-scanner.ts';
import type { TokenBuffer } from './tokens.ts';
import type { UserMask } from './user-masks.ts';

/** Changes whenever any line's signature may change; stored state says which scanner wrote it. */
export const SCANNER_VERSION = 'scan-4';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { CANONICAL, LINE_BYTES_MAX } = layout;

const KINDS: readonly LineKind[] = ['line', 'frame', 'empty'];

/**
 * Scans the canonical line instead of the line itself, so that what was found of one line holds for all with the same
 * canonical line: most lines of a stream need no scan. With the user's own masks, which may look at digits, every line is
 * scanned as it is.
 */
export class LineScanner implements MessageScanner {
  readonly version: string;
  hashHigh = 0;
  hashLow = 0;
  kind: LineKind = 'empty';
  readonly skimmer: RecordSkimmer;
  private readonly kernel = new LineKernel();
  private readonly canonical = new CanonicalLine(this.kernel);
  private readonly full: TokenScanner;
  private readonly hasMasks: boolean;

  constructor(masking: readonly UserMask[] = []) {
    this.full = new TokenScanner(this.kernel, masking);
    this.version = SCANNER_VERSION + this.full.maskVersion;
    this.hasMasks = masking.length > 0;
    this.skimmer = new KernelSkimmer(this.kernel, !this.hasMasks);
  }

  load(message: Uint8Array): Uint8Array {
    return this.kernel.load(message);
  }

  /** Allocates nothing. The fields hold the result until the next call; `bytes` is not kept. */
  scan(bytes: Uint8Array, start: number, end: number): void {
    const { kernel } = this;
    const stop = scannedEnd(start, end);
    const from = kernel.place(bytes, start, stop);
    const to = from + stop - start;
    if (this.hasMasks) this.scanWhole(from, to);
    else if (kernel.find(from, to)) this.takeFound();
    else {
      this.scanWhole(CANONICAL, CANONICAL + kernel.canonicalLength);
      kernel.add(this.hashHigh, this.hashLow, KINDS.indexOf(this.kind));
    }
  }

  recall(known: number): void {
    this.kernel.recall(known);
    this.takeFound();
  }

  /** As `scan`; returns the line's tokens, whose places are those in `bytes`, valid until the next call. */
  tokenise(bytes: Uint8Array, start: number, end: number): TokenBuffer {
    const { kernel, canonical } = this;
    const { tokens } = this.full;
    const stop = scannedEnd(start, end);
    if (this.hasMasks) {
      const from = kernel.place(bytes, start, stop);
      this.scanWhole(from, from + stop - start);
      tokens.shift(start - from);
    } else {
      canonical.trace(bytes, start, stop);
      this.scanWhole(CANONICAL, CANONICAL + canonical.length);
      canonical.toLine(tokens);
    }
    return tokens;
  }

  private takeFound(): void {
    const { kernel } = this;
    this.hashHigh = kernel.hashHigh;
    this.hashLow = kernel.hashLow;
    const kind = KINDS[kernel.kind]!;
    // Storing an object costs more than looking at it, and it is nearly always the same.
    if (kind !== this.kind) this.kind = kind;
  }

  private scanWhole(start: number, end: number): void {
    const { full } = this;
    full.scan(start, end);
    this.hashHigh = full.hashHigh;
    this.hashLow = full.hashLow;
    this.kind = full.kind;
  }
}

function scannedEnd(start: number, end: number): number {
  return Math.min(end, start + LINE_BYTES_MAX);
}

/** `masking` are the user's own rules, tried at the start of every word before anything else. */
export function createScanner(masking: readonly UserMask[] = []): LineScanner {
  return new LineScanner(masking);
}
