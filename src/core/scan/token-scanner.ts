// The signature of a line from its tokens, which can be read afterwards.
import type { LineKind } from '../../contracts.ts';
import * as bits from './byte-class.ts';
import * as classes from './classes.ts';
import { applyContext } from './context.ts';
import { isFrame } from './frames.ts';
import { LINE_BYTES_MAX } from './kernel-layout.ts';
import type { LineKernel } from './line-kernel.ts';
import { kindBehindPrefix } from './log-prefix.ts';
import { reduce } from './reduce.ts';
import { Tokeniser } from './tokeniser.ts';
import { TokenBuffer } from './tokens.ts';
import { type UserMask, UserMasks } from './user-masks.ts';
import { Vocabulary } from './vocabulary.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { BYTE_CLASS } = classes;
const { DIGIT, SPACE } = bits;

/** Elements of a prefix with a time, a level, a name and an id in brackets, at most. */
const PREFIX_ELEMENTS_MAX = 8;

/** A token is at least one byte, except the empty slots of `()` and `k=`, which stand beside at least one that is. */
const TOKENS_MAX = 2 * LINE_BYTES_MAX + 16;

/** A scanner whose tokens can be read after a scan: the miner builds templates from the same tokens that were hashed. */
export class TokenScanner {
  /** Names the user's rules; empty without any. */
  readonly maskVersion: string;
  readonly tokens: TokenBuffer = new TokenBuffer(TOKENS_MAX);
  hashHigh = 0;
  hashLow = 0;
  kind: LineKind = 'empty';
  private readonly bytes: Uint8Array;
  private readonly tokeniser: Tokeniser;
  private readonly vocabulary = new Vocabulary();

  constructor(kernel: LineKernel, masking: readonly UserMask[] = []) {
    const masks = new UserMasks(masking);
    this.bytes = kernel.bytes;
    this.maskVersion = masks.version;
    this.tokeniser = new Tokeniser(kernel, this.tokens, masks);
    this.vocabulary.mark(this.tokens);
  }

  /** The line `[start, end)` of the kernel's memory. Allocates nothing; the fields hold the result until the next call. */
  scan(start: number, end: number): void {
    const { bytes } = this;
    let first = start;
    while (first < end && (BYTE_CLASS[bytes[first]!]! & SPACE) !== 0) first++;
    if (first === end) {
      this.tokens.reset(bytes);
      this.kind = 'empty';
      this.hashHigh = 0;
      this.hashLow = 0;
      return;
    }
    this.tokeniser.tokenise(start, end);
    applyContext(bytes, this.tokens, this.vocabulary);
    reduce(bytes, this.tokens);
    this.hash();
    if (isFrame(bytes, start, end)) this.kind = 'frame';
    else if (this.mayBePrefix(bytes, first, end)) this.kind = kindBehindPrefix(bytes, first, end);
    else this.kind = 'line';
  }

  /**
   * True when a logger's prefix may be all there is, or all but a frame: there is a gap, the line ends in a blank, `]` or
   * `):`, or it is a time and few words with a dotted one at the end. Most lines are ruled out by this.
   */
  private mayBePrefix(bytes: Uint8Array, first: number, end: number): boolean {
    if (this.tokens.hasGap) return true;
    const last = bytes[end - 1]!;
    if (last <= 32 || last === 93 || (last === 58 && bytes[end - 2] === 41)) return true;
    const { tokens } = this;
    if (tokens.keyCount > PREFIX_ELEMENTS_MAX || (BYTE_CLASS[bytes[first]!]! & DIGIT) === 0) return false;
    for (let i = tokens.from[tokens.count - 1]!; i < end; i++) if (bytes[i] === 46) return true;
    return false;
  }

  /** Murmur3-like mixing of the elements' hashes in two lanes that feed each other; no seed, the same on every machine. */
  private hash(): void {
    const { hashA, hashB, keyFirst, keyCount } = this.tokens;
    let high = 0x2545f491;
    let low = 0x6c62272e;
    for (let i = 0; i < keyCount; i++) {
      const at = keyFirst[i]!;
      high = Math.imul(high ^ hashA[at]!, 0x85ebca6b);
      high = (high << 13) | (high >>> 19);
      low = Math.imul(low ^ hashB[at]! ^ high, 0xc2b2ae35);
      low = (low << 15) | (low >>> 17);
    }
    this.hashHigh = finish(high ^ keyCount, low);
    this.hashLow = finish(low, this.hashHigh);
  }
}

/** Murmur3's 32-bit finaliser over the sum of two lanes, as int32. */
function finish(a: number, b: number): number {
  let h = (a + Math.imul(b, 5)) | 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}
