// The hot half of mining: the signature of a line, a pure function of its bytes.
import type { LineKind, Scanner } from '../../contracts.ts';
import { CanonicalLine } from './canonical-line.ts';
import { KnownLines } from './known-lines.ts';
import { SCANNED_BYTES_MAX, TokenScanner } from './token-scanner.ts';
import type { TokenBuffer } from './tokens.ts';
import type { UserMask } from './user-masks.ts';

/** Changes whenever any line's signature may change; stored state says which scanner wrote it. */
export const SCANNER_VERSION = 'scan-4';

const KINDS: readonly LineKind[] = ['line', 'frame', 'empty'];

/**
 * Scans the canonical line instead of the line itself, so that what was found of one line holds for all with the same
 * canonical line: most lines of a stream need no scan. With the user's own masks, which may look at digits, every line is
 * scanned as it is.
 */
export class LineScanner implements Scanner {
  readonly version: string;
  hashHigh = 0;
  hashLow = 0;
  kind: LineKind = 'empty';
  private readonly canonical = new CanonicalLine(SCANNED_BYTES_MAX);
  /** Made at the first scan: who only reads tokens needs none. */
  private known: KnownLines | null = null;
  private readonly full: TokenScanner;
  private readonly hasMasks: boolean;

  constructor(masking: readonly UserMask[] = []) {
    this.full = new TokenScanner(masking);
    this.version = SCANNER_VERSION + this.full.maskVersion;
    this.hasMasks = masking.length > 0;
  }

  /** Allocates nothing. The fields hold the result until the next call; `bytes` is not kept. */
  scan(bytes: Uint8Array, start: number, end: number): void {
    if (this.hasMasks) {
      this.scanWhole(bytes, start, end);
      return;
    }
    const { canonical } = this;
    this.known ??= new KnownLines();
    const { known } = this;
    canonical.write(bytes, start, Math.min(end, start + SCANNED_BYTES_MAX));
    if (known.find(canonical)) {
      this.hashHigh = known.hashHigh >>> 0;
      this.hashLow = known.hashLow >>> 0;
      this.kind = KINDS[known.kind]!;
      return;
    }
    this.scanWhole(canonical.bytes, 0, canonical.length);
    known.add(canonical, this.hashHigh, this.hashLow, KINDS.indexOf(this.kind));
  }

  /** As `scan`; returns the line's tokens, whose places are those in `bytes`, valid until the next call. */
  tokenise(bytes: Uint8Array, start: number, end: number): TokenBuffer {
    if (this.hasMasks) this.scanWhole(bytes, start, end);
    else {
      const { canonical } = this;
      canonical.trace(bytes, start, Math.min(end, start + SCANNED_BYTES_MAX));
      this.scanWhole(canonical.bytes, 0, canonical.length);
      canonical.toLine(this.full.tokens);
    }
    return this.full.tokens;
  }

  private scanWhole(bytes: Uint8Array, start: number, end: number): void {
    const { full } = this;
    full.scan(bytes, start, end);
    this.hashHigh = full.hashHigh;
    this.hashLow = full.hashLow;
    this.kind = full.kind;
  }
}

/** `masking` are the user's own rules, tried at the start of every word before anything else. */
export function createScanner(masking: readonly UserMask[] = []): LineScanner {
  return new LineScanner(masking);
}
