// The kernel of the scanner: what happens to every line, compiled from `kernel/` to WebAssembly because sixteen bytes are
// looked at in one step there (docs/performance.md says what that is worth).
import { asciiBytes } from '../decode/ascii.ts';
import * as layout from './kernel-layout.ts';
import { KERNEL_MODULE } from './kernel-module.ts';
import { fillTables } from './kernel-tables.ts';

// Of this file, so that the compiler sees constants: what is imported is loaded and checked at every use.
const { LINE, MESSAGE, MESSAGE_BYTES_MAX } = layout;

/** A longer line is copied by the engine, a shorter one here: the call would cost more. */
const SHORT_LINE = 128;

/** What the kernel knows of words with digits: `kernel/words.ts`. Answers are 0 or 1, or kinds of `token-kinds.ts`. */
export interface DigitWords {
  classifyDigits(from: number, to: number, seen: number): number;
  endsInHexId(from: number, to: number): number;
  isHex(from: number, to: number): number;
  isUuid(from: number): number;
}

/** What `kernel/index.ts` exports. */
interface Exports extends DigitWords {
  readonly memory: { readonly buffer: ArrayBuffer };
  find(start: number, end: number): number;
  add(high: number, low: number, kind: number): number;
  skim(start: number, end: number, looksUp: number): number;
  skimmedTo(): number;
  trace(start: number, end: number): number;
  lengthOfCanonical(): number;
}

/** The part of the engine's interface that is used here; it is not among the types of the language. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

/** Compiled once; it has no state. */
const MODULE = new WebAssembly.Module(asciiBytes(atob(KERNEL_MODULE)));

/** An instance with its memory: canonical lines, and what is known of them. Lines are named by their addresses in it. */
export class LineKernel {
  /** All of the memory. */
  readonly bytes: Uint8Array;
  /** Of the line that `find` found: the halves of its signature as int32, and its kind. */
  hashHigh = 0;
  hashLow = 0;
  kind = 0;
  /** How often all lines were forgotten. */
  forgotten = 0;
  /** What is asked about words of the line in hand. */
  readonly words: DigitWords;
  private readonly exports: Exports;
  private readonly fours: Int32Array;
  private loaded: Uint8Array | null = null;

  constructor() {
    this.exports = new WebAssembly.Instance(MODULE).exports as Exports;
    this.words = this.exports;
    const { buffer } = this.exports.memory;
    this.bytes = new Uint8Array(buffer);
    this.fours = new Int32Array(buffer);
    fillTables(this.bytes);
  }

  /** The same bytes, in memory if there is room for them, so that no line of theirs is copied. Valid until the next call. */
  load(message: Uint8Array): Uint8Array {
    if (message.length > MESSAGE_BYTES_MAX) return message;
    this.loaded = this.bytes.subarray(MESSAGE, MESSAGE + message.length);
    this.loaded.set(message);
    return this.loaded;
  }

  holds(message: Uint8Array): boolean {
    return message === this.loaded;
  }

  /** As `RecordSkimmer.skim`, of the loaded message; bodies are looked for among the known lines if `looksUp`. */
  skim(start: number, end: number, looksUp: boolean): number {
    return this.exports.skim(start, end, looksUp ? 1 : 0);
  }

  get skimmedTo(): number {
    return this.exports.skimmedTo();
  }

  /** Address of the line `source[start, end)` of at most `LINE_BYTES_MAX` bytes, which is copied unless it is loaded. */
  place(source: Uint8Array, start: number, end: number): number {
    if (source === this.loaded) return MESSAGE + start;
    const { bytes } = this;
    if (end - start > SHORT_LINE) bytes.set(source.subarray(start, end), LINE);
    else for (let i = start, at = LINE; i < end; i++) bytes[at++] = source[i]!;
    return LINE;
  }

  /** True when the canonical form of the line `[start, end)` is known; the fields hold what was found of it. */
  find(start: number, end: number): boolean {
    const known = this.exports.find(start, end);
    if (known === 0) return false;
    this.recall(known);
    return true;
  }

  /** As `find`, of a line that was found and is not forgotten. */
  recall(known: number): void {
    const { fours } = this;
    this.hashHigh = fours[(known + layout.KNOWN_HIGH) >> 2]!;
    this.hashLow = fours[(known + layout.KNOWN_LOW) >> 2]!;
    this.kind = fours[(known + layout.KNOWN_KIND) >> 2]!;
  }

  /** Remembers what was found of the line that `find` has just not found. All others are forgotten when there are too many. */
  add(hashHigh: number, hashLow: number, kind: number): void {
    this.forgotten += this.exports.add(hashHigh, hashLow, kind);
  }

  /** Makes the canonical form of the line `[start, end)` and notes where its values are; returns how many there are. */
  trace(start: number, end: number): number {
    return this.exports.trace(start, end);
  }

  /** Of the canonical form that `find` or `trace` has made last. */
  get canonicalLength(): number {
    return this.exports.lengthOfCanonical();
  }
}
